"""Tenants, payments, their evidence and events, refunds, requests, jobs.

On PostgreSQL every text column has the collation "C", and every table of a tenant's own has
row-level security, forced on its owner too.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

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

# || '' keeps the planner from answering the policy with an index: with a bare tenant_id it read
# every row of the tenant to update one of them.
POLICY = (
    "tenant_id || '' = ANY"
    " ((SELECT string_to_array(current_setting('app.tenants', true), ','))::text[])"
)
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
    if _postgres():
        _row_level_security()
        _append_only_on_postgres()
    else:
        _append_only_on_sqlite()


def downgrade() -> None:
    for table in (*reversed(OWNED), *PLATFORM):
        op.drop_table(table)
    if _postgres():
        op.execute("DROP FUNCTION append_only()")


def _platform() -> None:
    _table(
        "tenants",
        _text("tenant_id"),
        _text("name"),
        _text("policy"),
        _text("limits"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_tenants"),
        rowid=False,
    )
    _table(
        "provider_accounts",
        _text("id"),
        _text("tenant_id"),
        _text("provider"),
        _bytes("sealed"),
        _text("fees"),
        _flag("active"),
        _number("created_at"),
        _number("version"),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_provider_accounts"),
        _of_tenant("provider_accounts"),
    )
    op.create_index("ix_provider_accounts_tenant", "provider_accounts", ["tenant_id"])
    by_provider = ["provider", "created_at", "id"]
    _partial("ix_provider_accounts_provider", "provider_accounts", by_provider, "active")
    _table(
        "api_keys",
        _text("id"),
        _text("tenant_id"),
        _text("name"),
        _bytes("digest"),
        _text("scopes"),
        _small("rate_per_minute"),
        _number("created_at"),
        _number("expires_at", nullable=True),
        _number("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_api_keys"),
        _of_tenant("api_keys"),
        rowid=False,
    )
    op.create_index("ix_api_keys_tenant", "api_keys", ["tenant_id"])


def _jobs() -> None:
    _table(
        "jobs",
        _text("id"),
        _text("tenant_id"),
        _text("kind"),
        _text("state"),
        _flag("leased"),
        _number("run_at"),
        _text("about"),
        _small("tries"),
        _small("failures"),
        _text("last_error", nullable=True),
        _number("version"),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_jobs"),
        sa.CheckConstraint("state IN ('ready', 'done', 'dead')", name=op.f("ck_jobs_state")),
        rowid=False,
    )
    _partial("ix_jobs_due", "jobs", ["run_at"], "state = 'ready'")


def _payments() -> None:
    """On PostgreSQL the key is made last. While a table has no statistics all indexes that begin
    with one of the wanted columns cost the same, and the newest wins: each foreign key's check
    read a whole tenant (80 to 150 µs and growing, measured) until the table was analysed."""
    key = [] if _postgres() else [sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_payments")]
    _table(
        "payments",
        _text("id"),
        _text("tenant_id"),
        _text("status"),
        _number("amount_minor"),
        _text("currency"),
        _text("reference"),
        _text("customer_id", nullable=True),
        _text("customer", nullable=True),
        _text("method", nullable=True),
        _text("country", nullable=True),
        _text("bearer"),
        _text("description"),
        _text("return_url", nullable=True),
        _text("metadata", nullable=True),
        _text("decision"),
        _text("provider", nullable=True),
        _small("paid_by", nullable=True),
        _number("refunded_minor"),
        _number("reserved_minor"),
        _number("created_at"),
        _number("expires_at"),
        _number("updated_at"),
        _text("search"),
        _number("version"),
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
    _partial("ix_payments_status", "payments", by_status, not_paid)
    _partial("ix_payments_customer", "payments", by_customer, known)
    if _postgres():
        op.create_primary_key("pk_payments", "payments", ["id", "tenant_id"])


def _attempts() -> None:
    _table(
        "attempts",
        _text("payment_id"),
        _text("id"),
        _text("tenant_id"),
        _small("number"),
        _text("provider"),
        _text("account_id"),
        _text("status"),
        _flag("fence"),
        _flag("offline"),
        _number("charged_minor"),
        _text("fee"),
        _text("provider_reference", nullable=True),
        _text("next_action", nullable=True),
        _text("failure", nullable=True),
        _flag("elsewhere"),
        _flag("mismatch"),
        _flag("contradiction"),
        _flag("surplus"),
        _flag("with_person"),
        _number("opened_at"),
        _number("finished_at", nullable=True),
        _number("version"),
        sa.PrimaryKeyConstraint("payment_id", "id", "tenant_id", name="pk_attempts"),
        _of_payment("attempts"),
        sa.CheckConstraint(
            "status IN ('created', 'submitted', 'pending', 'indeterminate', 'succeeded', 'failed',"
            " 'canceled', 'expired')",
            name=op.f("ck_attempts_status"),
        ),
        sa.CheckConstraint("charged_minor >= 0", name=op.f("ck_attempts_charged")),
    )
    # One attempt of a payment at most may hold live money.
    _partial("ux_attempts_fence", "attempts", ["payment_id", "tenant_id"], "fence", unique=True)
    referenced = "provider_reference IS NOT NULL"
    by_reference = ["tenant_id", "provider_reference"]
    _partial("ix_attempts_reference", "attempts", by_reference, referenced)


def _history() -> None:
    _table(
        "evidence",
        _text("payment_id"),
        _text("about"),
        _text("id"),
        _text("tenant_id"),
        _small("number"),
        _small("rank"),
        _text("answer"),
        _number("at"),
        _text("cause"),
        _flag("conclusive"),
        _small("send"),
        sa.PrimaryKeyConstraint("payment_id", "about", "id", "tenant_id", name="pk_evidence"),
        _of_payment("evidence"),
        rowid=False,
    )
    _table(
        "events",
        _text("payment_id"),
        _text("id"),
        _text("tenant_id"),
        _text("type"),
        _number("at"),
        _text("cause"),
        _text("attempt_id", nullable=True),
        _text("refund_id", nullable=True),
        _text("data", nullable=True),
        _text("correlation_id", nullable=True),
        sa.PrimaryKeyConstraint("payment_id", "id", "tenant_id", name="pk_events"),
        _of_payment("events"),
        rowid=False,
    )


def _refunds() -> None:
    _table(
        "refunds",
        _text("id"),
        _text("tenant_id"),
        _text("payment_id"),
        _text("attempt_id"),
        _text("account_id"),
        _text("provider"),
        _number("amount_minor"),
        _text("currency"),
        _text("reason"),
        _flag("surplus"),
        _text("state"),
        _small("sends"),
        _text("provider_reference", nullable=True),
        _text("failure", nullable=True),
        _number("created_at"),
        _number("updated_at"),
        _number("version"),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_refunds"),
        _of_payment("refunds"),
        sa.CheckConstraint(
            "state IN ('created', 'submitted', 'succeeded', 'failed')",
            name=op.f("ck_refunds_state"),
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_refunds_amount")),
        rowid=False,
    )
    op.create_index("ix_refunds_payment", "refunds", ["payment_id", "id"])


def _requests() -> None:
    _table(
        "idempotency_keys",
        _text("tenant_id"),
        _text("scope"),
        _text("key"),
        _bytes("fingerprint"),
        _text("resource_id"),
        _number("created_at"),
        _small("status", nullable=True),
        _bytes("answer", nullable=True),
        _number("version"),
        sa.PrimaryKeyConstraint("tenant_id", "scope", "key", name="pk_idempotency_keys"),
    )
    _table(
        "inbox",
        _text("account_id"),
        _text("id"),
        _text("tenant_id"),
        _text("provider"),
        _number("received_at"),
        _bytes("body"),
        _text("headers"),
        _flag("trusted"),
        _text("state"),
        _number("version"),
        sa.PrimaryKeyConstraint("account_id", "id", "tenant_id", name="pk_inbox"),
        sa.CheckConstraint(
            "state IN ('stored', 'applied', 'ignored', 'unmatched')", name=op.f("ck_inbox_state")
        ),
    )
    _table(
        "default_methods",
        _text("tenant_id"),
        _text("customer_id"),
        _text("method"),
        _number("chosen_at"),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", name="pk_default_methods"),
        rowid=False,
    )


def _row_level_security() -> None:
    for table in OWNED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({POLICY}) WITH CHECK ({POLICY})")
    op.execute(f"CREATE POLICY every_tenant ON payments FOR SELECT USING ({EVERY_TENANT})")


def _append_only_on_postgres() -> None:
    op.execute(
        "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )


def _append_only_on_sqlite() -> None:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _table(name: str, *parts: Any, rowid: bool = True) -> None:
    op.create_table(name, *parts, sqlite_with_rowid=rowid)


def _partial(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    rule = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=rule, postgresql_where=rule)


def _text(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.Text(collation="C" if _postgres() else None), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _small(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _bytes(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _flag(name: str) -> Any:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _of_payment(table: str) -> Any:
    return sa.ForeignKeyConstraint(
        ["payment_id", "tenant_id"],
        ["payments.id", "payments.tenant_id"],
        name=f"fk_{table}_payments",
    )


def _of_tenant(table: str) -> Any:
    return sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name=f"fk_{table}_tenants")
