"""Events to merchants: the numbered feed, endpoints, deliveries."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.migrations.words import (
    blob,
    flag,
    number,
    partial,
    postgres,
    secure,
    small,
    table,
    text,
)

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OWNED = ("feed", "feed_heads", "webhook_endpoints", "deliveries", "delivery_tries")

# Whoever numbers events looks for tenants that have some: reading only, those without a number.
EVERY_TENANT = "current_setting('app.tenants', true) = '*' AND number IS NULL"


def upgrade() -> None:
    _feed()
    _endpoints()
    _deliveries()
    _tries()
    secure(OWNED)
    if postgres():
        op.execute(f"CREATE POLICY every_tenant ON feed FOR SELECT USING ({EVERY_TENANT})")


def downgrade() -> None:
    for name in reversed(OWNED):
        op.drop_table(name)


def _feed() -> None:
    table(
        "feed",
        text("id"),
        text("tenant_id"),
        text("payment_id", nullable=True),
        text("type"),
        number("at"),
        text("subject"),
        text("data", nullable=True),
        number("number", nullable=True),
        blob("body", nullable=True),
        number("version"),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_feed"),
        sa.CheckConstraint("number > 0", name=op.f("ck_feed_number")),
    )
    numbered = "number IS NOT NULL"
    partial("ix_feed_untold", "feed", ["tenant_id", "id"], "number IS NULL")
    partial("ux_feed_number", "feed", ["tenant_id", "number"], numbered, unique=True)
    partial("ix_feed_at", "feed", ["tenant_id", "at", "id"], "body IS NOT NULL")
    table(
        "feed_heads",
        text("tenant_id"),
        number("number"),
        number("version"),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_feed_heads"),
        sa.CheckConstraint("number >= 0", name=op.f("ck_feed_heads_number")),
        rowid=False,
    )


def _endpoints() -> None:
    table(
        "webhook_endpoints",
        text("id"),
        text("tenant_id"),
        text("url"),
        text("description"),
        text("topics"),
        flag("ordered"),
        blob("sealed"),
        blob("previous", nullable=True),
        number("previous_until", nullable=True),
        text("state"),
        text("reason", nullable=True),
        number("disabled_at", nullable=True),
        number("failing_since", nullable=True),
        number("since_number"),
        number("created_at"),
        number("version"),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_webhook_endpoints"),
        sa.CheckConstraint(
            "state IN ('active', 'disabled', 'deleted')", name=op.f("ck_webhook_endpoints_state")
        ),
    )
    not_deleted = "state <> 'deleted'"
    partial("ix_webhook_endpoints_tenant", "webhook_endpoints", ["tenant_id"], not_deleted)


def _deliveries() -> None:
    """On PostgreSQL the key is made last, for the reason told in 0001."""
    name, columns = "pk_deliveries", ["event_id", "endpoint_id", "tenant_id"]
    key = [] if postgres() else [sa.PrimaryKeyConstraint(*columns, name=name)]
    table(
        "deliveries",
        text("event_id"),
        text("endpoint_id"),
        text("tenant_id"),
        number("number"),
        text("payment_id", nullable=True),
        text("state"),
        small("tries"),
        small("sends"),
        small("replays"),
        number("next_at"),
        small("last_status", nullable=True),
        text("last_error", nullable=True),
        number("delivered_at", nullable=True),
        number("version"),
        *key,
        sa.ForeignKeyConstraint(
            ["endpoint_id", "tenant_id"],
            ["webhook_endpoints.id", "webhook_endpoints.tenant_id"],
            name="fk_deliveries_webhook_endpoints",
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'delivered', 'failed', 'dropped')",
            name=op.f("ck_deliveries_state"),
        ),
        rowid=False,
    )
    op.create_index("ix_deliveries_endpoint", "deliveries", ["endpoint_id", "number"])
    waiting = ["endpoint_id", "payment_id", "number"]
    partial("ix_deliveries_waiting", "deliveries", waiting, "state = 'waiting'")
    failed = ["tenant_id", "endpoint_id", "number"]
    partial("ix_deliveries_failed", "deliveries", failed, "state = 'failed'")
    over = "state IN ('delivered', 'dropped')"
    partial("ix_deliveries_over", "deliveries", ["tenant_id", "next_at"], over)
    if postgres():
        op.create_primary_key(name, "deliveries", columns)


def _tries() -> None:
    table(
        "delivery_tries",
        text("event_id"),
        text("endpoint_id"),
        text("tenant_id"),
        small("number"),
        number("at"),
        small("status", nullable=True),
        text("error", nullable=True),
        number("ms"),
        text("answer"),
        sa.PrimaryKeyConstraint(
            "event_id", "endpoint_id", "number", "tenant_id", name="pk_delivery_tries"
        ),
    )
    op.create_index("ix_delivery_tries_at", "delivery_tries", ["tenant_id", "at"])
