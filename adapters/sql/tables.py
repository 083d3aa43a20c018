"""The tables. Text, whole numbers, bytes and booleans only: bind processors don't run on writes.

Times are microseconds since 1970 in UTC, amounts are minor units, structure that nobody queries
is JSON text (adapters.sql.rows). Every key holds the tenant; ids come first because they sort by
time: new rows go to the right edge of the tree, and a payment is found by its id alone. Children
begin with their payment's id, so one key serves the lookup and the foreign key.

On PostgreSQL the migration gives every text column the collation "C": ids sort by their bytes in
both databases, and comparing them is quick. On SQLite tables with short rows have no rowid: their
key is their place (measured: 10 to 20 % quicker than a rowid table and an index beside it).
"""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    literal_column,
)

from domain.payments.attempt import AttemptStatus
from domain.payments.refund import RefundState
from domain.payments.status import PaymentStatus

NAMES: Final = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
JOB_STATES: Final = ("ready", "done", "dead")
NOTICE_STATES: Final = ("stored", "applied", "ignored", "unmatched")
COMPACT: Final = {"sqlite_with_rowid": False}

metadata = MetaData(naming_convention=NAMES)


def text(name: str, **more: Any) -> Column[Any]:
    return Column(name, Text, nullable=more.pop("nullable", False), **more)


def maybe(name: str) -> Column[Any]:
    return text(name, nullable=True)


def number(name: str, **more: Any) -> Column[Any]:
    return Column(name, BigInteger, nullable=more.pop("nullable", False), **more)


def flag(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False)


def blob(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, LargeBinary, nullable=nullable)


def small(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Integer, nullable=nullable)


def one_of(column: str, words: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    """Only these words: a new one is a migration, and old code never meets it unprepared."""
    known = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({known})", name=column)


def of_payment() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["payment_id", "tenant_id"], ["payments.id", "payments.tenant_id"])


def of_tenant() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"])


# The platform's own: who there is, and what is to be done. No row-level security.

tenants = Table(
    "tenants",
    metadata,
    text("tenant_id"),
    text("name"),
    text("policy"),
    text("limits"),
    number("created_at"),
    PrimaryKeyConstraint("tenant_id"),
    **COMPACT,
)

provider_accounts = Table(
    "provider_accounts",
    metadata,
    text("id"),
    text("tenant_id"),
    text("provider"),
    blob("sealed"),
    text("fees"),
    flag("active"),
    number("created_at"),
    number("version"),
    PrimaryKeyConstraint("id", "tenant_id"),
    of_tenant(),
    Index("ix_provider_accounts_tenant", "tenant_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    text("id"),
    text("tenant_id"),
    text("name"),
    blob("digest"),
    text("scopes"),
    small("rate_per_minute"),
    number("created_at"),
    number("expires_at", nullable=True),
    number("revoked_at", nullable=True),
    PrimaryKeyConstraint("id", "tenant_id"),
    of_tenant(),
    Index("ix_api_keys_tenant", "tenant_id"),
    **COMPACT,
)

jobs = Table(
    "jobs",
    metadata,
    text("id"),
    text("tenant_id"),
    text("kind"),
    text("state"),
    flag("leased"),
    number("run_at"),
    text("about"),
    small("tries"),
    small("failures"),
    maybe("last_error"),
    number("version"),
    PrimaryKeyConstraint("id", "tenant_id"),
    one_of("state", JOB_STATES),
    **COMPACT,
)
DUE: Final = literal_column("state = 'ready'")  # as in the index: a bound value would not use it
Index("ix_jobs_due", jobs.c.run_at, sqlite_where=DUE, postgresql_where=DUE)

# A tenant's own. Row-level security binds all of these.

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
NOT_PAID: Final = literal_column("status <> 'succeeded'")  # few stay so; those are looked for
WITH_CUSTOMER: Final = literal_column("customer_id IS NOT NULL")
Index("ix_payments_created", payments.c.tenant_id, payments.c.created_at, payments.c.id)
Index("ix_payments_reference", payments.c.tenant_id, payments.c.reference)
Index(
    "ix_payments_status",
    payments.c.tenant_id,
    payments.c.status,
    payments.c.created_at,
    sqlite_where=NOT_PAID,
    postgresql_where=NOT_PAID,
)
Index(
    "ix_payments_customer",
    payments.c.tenant_id,
    payments.c.customer_id,
    payments.c.created_at,
    sqlite_where=WITH_CUSTOMER,
    postgresql_where=WITH_CUSTOMER,
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
    flag("with_person"),
    number("opened_at"),
    number("finished_at", nullable=True),
    number("version"),
    PrimaryKeyConstraint("payment_id", "id", "tenant_id"),
    of_payment(),
    one_of("status", AttemptStatus),
    CheckConstraint("charged_minor >= 0", name="charged"),
    **COMPACT,
)
FENCED: Final = literal_column("fence")
REFERENCED: Final = literal_column("provider_reference IS NOT NULL")
# The law of money.md in the database: one attempt of a payment at most may hold live money.
Index(
    "ux_attempts_fence",
    attempts.c.payment_id,
    attempts.c.tenant_id,
    unique=True,
    sqlite_where=FENCED,
    postgresql_where=FENCED,
)
Index(
    "ix_attempts_reference",
    attempts.c.tenant_id,
    attempts.c.provider_reference,
    sqlite_where=REFERENCED,
    postgresql_where=REFERENCED,
)

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
    **COMPACT,
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
    PrimaryKeyConstraint("payment_id", "id", "tenant_id"),
    of_payment(),
    **COMPACT,
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
    number("created_at"),
    number("updated_at"),
    number("version"),
    PrimaryKeyConstraint("id", "tenant_id"),
    of_payment(),
    one_of("state", RefundState),
    CheckConstraint("amount_minor >= 0", name="amount"),
    Index("ix_refunds_payment", "payment_id", "id"),
    **COMPACT,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    text("tenant_id"),
    text("scope"),
    text("key"),
    blob("fingerprint"),
    text("resource_id"),
    number("created_at"),
    small("status", nullable=True),
    blob("answer", nullable=True),
    number("version"),
    PrimaryKeyConstraint("tenant_id", "scope", "key"),
)

inbox = Table(
    "inbox",
    metadata,
    text("account_id"),
    text("id"),
    text("tenant_id"),
    text("provider"),
    number("received_at"),
    blob("body"),
    text("headers"),
    flag("trusted"),
    text("state"),
    number("version"),
    PrimaryKeyConstraint("account_id", "id", "tenant_id"),
    one_of("state", NOTICE_STATES),
)

default_methods = Table(
    "default_methods",
    metadata,
    text("tenant_id"),
    text("customer_id"),
    text("method"),
    number("chosen_at"),
    PrimaryKeyConstraint("tenant_id", "customer_id"),
    **COMPACT,
)

OWNED: Final = (
    payments,
    attempts,
    evidence,
    events,
    refunds,
    idempotency_keys,
    inbox,
    default_methods,
)
APPEND_ONLY: Final = (evidence, events)
