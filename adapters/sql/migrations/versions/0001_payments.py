"""Tenants, payments, their evidence and events, refunds, requests, jobs.

On PostgreSQL every text column has the collation "C", and every table of a tenant's own has
row-level security, forced on its owner too.
"""

import sqlalchemy as sa
from alembic import op

from adapters.sql.migrations.words import (
    append_only,
    blob,
    flag,
    number,
    of_payment,
    of_tenant,
    partial,
    postgres,
    secure,
    small,
    table,
    text,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OWNED = (
    "payments",
    "attempts",
    "evidence",
    "events",
    "refunds",
    "idempotency_keys",
    "inbox",
    "default_methods",
)
PLATFORM = ("jobs", "api_keys", "provider_accounts", "tenants")
APPEND_ONLY = ("evidence", "events")

# A callback's payment is looked up before its tenant is known: reading only, payments only.
EVERY_TENANT = "current_setting('app.tenants', true) = '*'"


def upgrade() -> None:
    _platform()
    _jobs()
    _payments()
    _attempts()
    _history()
    _refunds()
    _requests()
    secure(OWNED)
    if postgres():
        op.execute(f"CREATE POLICY every_tenant ON payments FOR SELECT USING ({EVERY_TENANT})")
        op.execute(
            "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    append_only(APPEND_ONLY)


def downgrade() -> None:
    for name in (*reversed(OWNED), *PLATFORM):
        op.drop_table(name)
    if postgres():
        op.execute("DROP FUNCTION append_only()")


def _platform() -> None:
    table(
        "tenants",
        text("tenant_id"),
        text("name"),
        text("policy"),
        text("limits"),
        text("rewards"),
        number("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_tenants"),
        rowid=False,
    )
    table(
        "provider_accounts",
        text("id"),
        text("tenant_id"),
        text("provider"),
        blob("sealed"),
        text("fees"),
        flag("active"),
        text("deadlines", nullable=True),
        text("country", nullable=True),
        text("currency", nullable=True),
        number("created_at"),
        number("version"),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_provider_accounts"),
        of_tenant("provider_accounts"),
    )
    op.create_index("ix_provider_accounts_tenant", "provider_accounts", ["tenant_id"])
    by_provider = ["provider", "created_at", "id"]
    partial("ix_provider_accounts_provider", "provider_accounts", by_provider, "active")
    table(
        "api_keys",
        text("id"),
        text("tenant_id"),
        text("name"),
        blob("digest"),
        text("scopes"),
        small("rate_per_minute"),
        number("created_at"),
        number("expires_at", nullable=True),
        number("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_api_keys"),
        of_tenant("api_keys"),
        rowid=False,
    )
    op.create_index("ix_api_keys_tenant", "api_keys", ["tenant_id"])


def _jobs() -> None:
    table(
        "jobs",
        text("id"),
        text("tenant_id"),
        text("kind"),
        text("state"),
        flag("leased"),
        number("run_at"),
        number("rank_at"),
        text("priority", nullable=True),
        text("about"),
        small("tries"),
        small("failures"),
        small("crashes"),
        text("last_error", nullable=True),
        number("version"),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_jobs"),
        sa.CheckConstraint("state IN ('ready', 'done', 'dead')", name=op.f("ck_jobs_state")),
        sa.CheckConstraint(
            "priority IN ('urgent', 'normal', 'low')", name=op.f("ck_jobs_priority")
        ),
        rowid=False,
    )
    partial("ix_jobs_due", "jobs", ["rank_at", "run_at"], "state = 'ready'")
    partial("ix_jobs_turn", "jobs", ["tenant_id", "rank_at", "run_at"], "state = 'ready'")
    partial("ix_jobs_over", "jobs", ["state", "tenant_id", "run_at"], "state <> 'ready'")


def _payments() -> None:
    """On PostgreSQL the key is made last. While a table has no statistics all indexes that begin
    with one of the wanted columns cost the same, and the newest wins: each foreign key's check
    read a whole tenant (80 to 150 µs and growing, measured) until the table was analysed."""
    key = [] if postgres() else [sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_payments")]
    table(
        "payments",
        text("id"),
        text("tenant_id"),
        text("status"),
        number("amount_minor"),
        text("currency"),
        text("reference"),
        text("customer_id", nullable=True),
        text("customer", nullable=True),
        text("method", nullable=True),
        text("country", nullable=True),
        text("bearer"),
        text("description"),
        text("return_url", nullable=True),
        text("metadata", nullable=True),
        text("decision"),
        text("provider", nullable=True),
        small("paid_by", nullable=True),
        number("refunded_minor"),
        number("reserved_minor"),
        number("created_at"),
        number("expires_at"),
        number("updated_at"),
        text("search"),
        number("version"),
        *key,
        sa.CheckConstraint(
            "status IN ('pending', 'awaiting_verification', 'succeeded', 'failed', 'canceled',"
            " 'expired')",
            name=op.f("ck_payments_status"),
        ),
        sa.CheckConstraint(
            "amount_minor >= 0 AND refunded_minor >= 0 AND reserved_minor >= 0"
            " AND refunded_minor + reserved_minor <= amount_minor",
            name=op.f("ck_payments_amounts"),
        ),
    )
    op.create_index("ix_payments_created", "payments", ["tenant_id", "created_at", "id"])
    by_reference = ["tenant_id", "reference", "created_at", "id"]
    op.create_index("ix_payments_reference", "payments", by_reference)
    not_paid, known = "status <> 'succeeded'", "customer_id IS NOT NULL"
    by_status = ["tenant_id", "status", "created_at", "id"]
    by_customer = ["tenant_id", "customer_id", "created_at", "id"]
    partial("ix_payments_status", "payments", by_status, not_paid)
    partial("ix_payments_customer", "payments", by_customer, known)
    if postgres():
        op.create_primary_key("pk_payments", "payments", ["id", "tenant_id"])


def _attempts() -> None:
    table(
        "attempts",
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
        text("provider_reference", nullable=True),
        text("next_action", nullable=True),
        text("failure", nullable=True),
        flag("elsewhere"),
        flag("mismatch"),
        flag("contradiction"),
        flag("surplus"),
        number("taken_minor", nullable=True),
        text("booked"),
        flag("with_person"),
        number("opened_at"),
        number("finished_at", nullable=True),
        number("version"),
        sa.PrimaryKeyConstraint("payment_id", "id", "tenant_id", name="pk_attempts"),
        of_payment("attempts"),
        sa.CheckConstraint(
            "status IN ('created', 'submitted', 'pending', 'indeterminate', 'succeeded', 'failed',"
            " 'canceled', 'expired')",
            name=op.f("ck_attempts_status"),
        ),
        sa.CheckConstraint(
            "booked IN ('none', 'paid', 'surplus')", name=op.f("ck_attempts_booked")
        ),
        sa.CheckConstraint("charged_minor >= 0", name=op.f("ck_attempts_charged")),
    )
    # One attempt of a payment at most may hold live money.
    partial("ux_attempts_fence", "attempts", ["payment_id", "tenant_id"], "fence", unique=True)
    referenced = "provider_reference IS NOT NULL"
    by_reference = ["tenant_id", "provider_reference"]
    partial("ix_attempts_reference", "attempts", by_reference, referenced)
    doubted = "(mismatch OR contradiction OR with_person)"
    partial("ix_attempts_doubted", "attempts", ["tenant_id", "opened_at"], doubted)


def _history() -> None:
    table(
        "evidence",
        text("payment_id"),
        text("about"),
        text("id"),
        text("tenant_id"),
        small("number"),
        small("rank"),
        text("answer"),
        number("at"),
        text("cause"),
        flag("conclusive"),
        small("send"),
        sa.PrimaryKeyConstraint("payment_id", "about", "id", "tenant_id", name="pk_evidence"),
        of_payment("evidence"),
        rowid=False,
    )
    table(
        "events",
        text("payment_id"),
        text("id"),
        text("tenant_id"),
        text("type"),
        number("at"),
        text("cause"),
        text("attempt_id", nullable=True),
        text("refund_id", nullable=True),
        text("data", nullable=True),
        text("correlation_id", nullable=True),
        sa.PrimaryKeyConstraint("payment_id", "id", "tenant_id", name="pk_events"),
        of_payment("events"),
        rowid=False,
    )


def _refunds() -> None:
    table(
        "refunds",
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
        text("provider_reference", nullable=True),
        text("failure", nullable=True),
        flag("with_person"),
        number("sent_at", nullable=True),
        number("created_at"),
        number("updated_at"),
        number("version"),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_refunds"),
        of_payment("refunds"),
        sa.CheckConstraint(
            "state IN ('created', 'submitted', 'succeeded', 'failed')",
            name=op.f("ck_refunds_state"),
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_refunds_amount")),
        rowid=False,
    )
    op.create_index("ix_refunds_payment", "refunds", ["payment_id", "id"])
    by_age = ["tenant_id", "created_at", "id"]
    partial("ix_refunds_waiting", "refunds", by_age, "with_person")


def _requests() -> None:
    table(
        "idempotency_keys",
        text("tenant_id"),
        text("scope"),
        text("key"),
        blob("fingerprint"),
        text("resource_id"),
        number("created_at"),
        small("status", nullable=True),
        blob("answer", nullable=True),
        number("version"),
        sa.PrimaryKeyConstraint("tenant_id", "scope", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created", "idempotency_keys", ["tenant_id", "created_at"])
    table(
        "inbox",
        text("account_id"),
        text("id"),
        text("tenant_id"),
        text("provider"),
        number("received_at"),
        blob("digest"),
        blob("body", nullable=True),
        text("headers", nullable=True),
        flag("trusted"),
        text("state"),
        number("version"),
        sa.PrimaryKeyConstraint("account_id", "id", "tenant_id", name="pk_inbox"),
        sa.CheckConstraint(
            "state IN ('stored', 'applied', 'ignored', 'unmatched')", name=op.f("ck_inbox_state")
        ),
    )
    by_time = ["tenant_id", "received_at"]
    partial("ix_inbox_whole", "inbox", by_time, "body IS NOT NULL")
    partial("ix_inbox_stripped", "inbox", by_time, "body IS NULL")
    table(
        "default_methods",
        text("tenant_id"),
        text("customer_id"),
        text("method"),
        number("chosen_at"),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", name="pk_default_methods"),
        rowid=False,
    )
