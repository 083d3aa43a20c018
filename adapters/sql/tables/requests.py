"""What was asked of us, by clients and by providers. Row-level security binds these too."""

from typing import Final

from sqlalchemy import PrimaryKeyConstraint, Table

from adapters.sql.tables.columns import (
    blob,
    flag,
    metadata,
    number,
    one_of,
    small,
    text,
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
    sqlite_with_rowid=False,
)
