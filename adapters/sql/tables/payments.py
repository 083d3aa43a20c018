"""Payments and all that hangs on them. Row-level security binds every table here."""

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, Table

from adapters.sql.tables.columns import (
    flag,
    maybe,
    metadata,
    number,
    of_payment,
    one_of,
    partial,
    small,
    text,
    where,
)
from domain.payments.attempt import AttemptStatus, Booking
from domain.payments.refund import RefundState
from domain.payments.status import PaymentStatus

payments = Table(
    "payments",
    metadata,
    text("id"),
    text("tenant_id"),
    text("status"),
    number("amount_minor"),
    text("currency"),
    text("reference"),
    maybe("customer_id"),
    maybe("customer"),
    maybe("method"),
    maybe("country"),
    text("bearer"),
    text("description"),
    maybe("return_url"),
    maybe("metadata"),
    text("decision"),
    maybe("provider"),  # of the current attempt
    small("paid_by", nullable=True),
    number("refunded_minor"),
    number("reserved_minor"),
    number("created_at"),
    number("expires_at"),
    number("updated_at"),
    text("search"),  # what q looks through, case folded; one rule for both databases
    number("version"),
    PrimaryKeyConstraint("id", "tenant_id"),
    one_of("status", PaymentStatus),
    CheckConstraint(
        "amount_minor >= 0 AND refunded_minor >= 0 AND reserved_minor >= 0"
        " AND refunded_minor + reserved_minor <= amount_minor",
        name="amounts",
    ),
)
NOT_PAID = where("status <> 'succeeded'")  # few stay so; those are looked for
WITH_CUSTOMER = where("customer_id IS NOT NULL")
Index("ix_payments_created", payments.c.tenant_id, payments.c.created_at, payments.c.id)
# The list's order stands at the end of each, or SQLite would rather scan the first.
Index(
    "ix_payments_reference",
    payments.c.tenant_id,
    payments.c.reference,
    payments.c.created_at,
    payments.c.id,
)
partial(
    "ix_payments_status",
    NOT_PAID,
    payments.c.tenant_id,
    payments.c.status,
    payments.c.created_at,
    payments.c.id,
)
partial(
    "ix_payments_customer",
    WITH_CUSTOMER,
    payments.c.tenant_id,
    payments.c.customer_id,
    payments.c.created_at,
    payments.c.id,
)

attempts = Table(
    "attempts",
    metadata,
    text("payment_id"),
    text("id"),
    text("tenant_id"),
    small("number"),
    text("provider"),
    text("account_id"),
    text("status"),
    flag("fence"),
    flag("offline"),
    number("charged_minor"),
    text("fee"),
    maybe("provider_reference"),
    maybe("next_action"),
    maybe("failure"),
    flag("elsewhere"),
    flag("mismatch"),
    flag("contradiction"),
    flag("surplus"),
    number("taken_minor", nullable=True),
    text("booked"),  # as what the ledger holds its money
    flag("with_person"),
    number("opened_at"),
    number("finished_at", nullable=True),
    number("version"),
    PrimaryKeyConstraint("payment_id", "id", "tenant_id"),
    of_payment(),
    one_of("status", AttemptStatus),
    one_of("booked", Booking),
    CheckConstraint("charged_minor >= 0", name="charged"),
)
FENCED = where("fence")
REFERENCED = where("provider_reference IS NOT NULL")
# The law of money.md in the database: one attempt of a payment at most may hold live money.
partial("ux_attempts_fence", FENCED, attempts.c.payment_id, attempts.c.tenant_id, unique=True)
partial("ix_attempts_reference", REFERENCED, attempts.c.tenant_id, attempts.c.provider_reference)
DOUBTED = where("(mismatch OR contradiction OR with_person)")  # of most nothing is doubted
partial("ix_attempts_doubted", DOUBTED, attempts.c.tenant_id, attempts.c.opened_at)

evidence = Table(
    "evidence",
    metadata,
    text("payment_id"),
    text("about"),  # the attempt's or the refund's id
    text("id"),
    text("tenant_id"),
    small("number"),  # 1, 2, … in the order heard
    small("rank"),
    text("answer"),
    number("at"),
    text("cause"),
    flag("conclusive"),
    small("send"),
    PrimaryKeyConstraint("payment_id", "about", "id", "tenant_id"),
    of_payment(),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    text("payment_id"),
    text("id"),
    text("tenant_id"),
    text("type"),
    number("at"),
    text("cause"),
    maybe("attempt_id"),
    maybe("refund_id"),
    maybe("data"),
    maybe("correlation_id"),
    PrimaryKeyConstraint("payment_id", "id", "tenant_id"),
    of_payment(),
    sqlite_with_rowid=False,
)

refunds = Table(
    "refunds",
    metadata,
    text("id"),
    text("tenant_id"),
    text("payment_id"),
    text("attempt_id"),
    text("account_id"),
    text("provider"),
    number("amount_minor"),
    text("currency"),
    text("reason"),
    flag("surplus"),
    text("state"),
    small("sends"),
    maybe("provider_reference"),
    maybe("failure"),
    flag("with_person"),
    number("sent_at", nullable=True),
    number("created_at"),
    number("updated_at"),
    number("version"),
    PrimaryKeyConstraint("id", "tenant_id"),
    of_payment(),
    one_of("state", RefundState),
    CheckConstraint("amount_minor >= 0", name="amount"),
    Index("ix_refunds_payment", "payment_id", "id"),
    sqlite_with_rowid=False,
)
WITH_PERSON = where("with_person")
partial("ix_refunds_waiting", WITH_PERSON, refunds.c.tenant_id, refunds.c.created_at, refunds.c.id)
