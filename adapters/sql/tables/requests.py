"""What was asked of us, by clients and by providers. Row-level security binds these too."""

from typing import Final

from sqlalchemy import Index, PrimaryKeyConstraint, Table

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

NOTICE_STATES: Final = ("stored", "applied", "ignored", "unmatched")

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
    Index("ix_idempotency_keys_created", "tenant_id", "created_at"),
)

inbox = Table(
    "inbox",
    metadata,
    text("account_id"),
    text("id"),
    text("tenant_id"),
    text("provider"),
    number("received_at"),
    blob("digest"),  # SHA-256 of the body; it outlives it
    blob("body", nullable=True),  # null with the headers: they were dropped after their time
    maybe("headers"),
    flag("trusted"),
    text("state"),
    number("version"),
    PrimaryKeyConstraint("account_id", "id", "tenant_id"),
    one_of("state", NOTICE_STATES),
)
WHOLE = where("body IS NOT NULL")
STRIPPED = where("body IS NULL")
partial("ix_inbox_whole", WHOLE, inbox.c.tenant_id, inbox.c.received_at)
partial("ix_inbox_stripped", STRIPPED, inbox.c.tenant_id, inbox.c.received_at)

default_methods = Table(
    "default_methods",
    metadata,
    text("tenant_id"),
    text("customer_id"),
    text("method"),
    number("chosen_at"),
    PrimaryKeyConstraint("tenant_id", "customer_id"),
    sqlite_with_rowid=False,
)
