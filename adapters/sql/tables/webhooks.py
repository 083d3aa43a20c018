"""What merchants are told, and how it gets to them. Row-level security binds every table here."""

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
)

from adapters.sql.tables.columns import (
    blob,
    flag,
    maybe,
    metadata,
    number,
    one_of,
    partial,
    small,
    text,
    where,
)
from domain.webhooks.delivery import DeliveryState
from domain.webhooks.endpoint import EndpointState

feed = Table(
    "feed",
    metadata,
    text("id"),
    text("tenant_id"),
    maybe("payment_id"),
    text("type"),
    number("at"),
    text("subject"),
    maybe("data"),
    number("number", nullable=True),
    blob("body", nullable=True),
    number("version"),
    PrimaryKeyConstraint("id", "tenant_id"),
    CheckConstraint("number > 0", name="number"),
)
UNTOLD = where("number IS NULL")  # few at a time, and the only index a state change pays for
NUMBERED = where("number IS NOT NULL")
WITH_BODY = where("body IS NOT NULL")
partial("ix_feed_untold", UNTOLD, feed.c.tenant_id, feed.c.id)
partial("ux_feed_number", NUMBERED, feed.c.tenant_id, feed.c.number, unique=True)
partial("ix_feed_at", WITH_BODY, feed.c.tenant_id, feed.c.at, feed.c.id)

feed_heads = Table(
    "feed_heads",
    metadata,
    text("tenant_id"),
    number("number"),
    number("version"),
    PrimaryKeyConstraint("tenant_id"),
    CheckConstraint("number >= 0", name="number"),
    sqlite_with_rowid=False,
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
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
    maybe("reason"),
    number("disabled_at", nullable=True),
    number("failing_since", nullable=True),
    number("since_number"),
    number("created_at"),
    number("version"),
    PrimaryKeyConstraint("id", "tenant_id"),
    one_of("state", EndpointState),
)
NOT_DELETED = where("state <> 'deleted'")
partial("ix_webhook_endpoints_tenant", NOT_DELETED, webhook_endpoints.c.tenant_id)

deliveries = Table(
    "deliveries",
    metadata,
    text("event_id"),
    text("endpoint_id"),
    text("tenant_id"),
    number("number"),
    maybe("payment_id"),
    text("state"),
    small("tries"),
    small("sends"),
    small("replays"),
    number("next_at"),
    small("last_status", nullable=True),
    maybe("last_error"),
    number("delivered_at", nullable=True),
    number("version"),
    PrimaryKeyConstraint("event_id", "endpoint_id", "tenant_id"),
    ForeignKeyConstraint(
        ["endpoint_id", "tenant_id"], ["webhook_endpoints.id", "webhook_endpoints.tenant_id"]
    ),
    one_of("state", DeliveryState),
    Index("ix_deliveries_endpoint", "endpoint_id", "number"),
    sqlite_with_rowid=False,
)
WAITING = where("state = 'waiting'")
FAILED = where("state = 'failed'")
OVER = where("state IN ('delivered', 'dropped')")
partial(
    "ix_deliveries_waiting",
    WAITING,
    deliveries.c.endpoint_id,
    deliveries.c.payment_id,
    deliveries.c.number,
)
partial(
    "ix_deliveries_failed",
    FAILED,
    deliveries.c.tenant_id,
    deliveries.c.endpoint_id,
    deliveries.c.number,
)
partial("ix_deliveries_over", OVER, deliveries.c.tenant_id, deliveries.c.next_at)

# Rows are only ever added; no trigger holds that, because the old ones are removed.
delivery_tries = Table(
    "delivery_tries",
    metadata,
    text("event_id"),
    text("endpoint_id"),
    text("tenant_id"),
    small("number"),
    number("at"),
    small("status", nullable=True),
    maybe("error"),
    number("ms"),
    text("answer"),
    PrimaryKeyConstraint("event_id", "endpoint_id", "number", "tenant_id"),
    Index("ix_delivery_tries_at", "tenant_id", "at"),
)
