"""What all processes know of accounts' health. No row-level security, as it is read for all."""

from typing import Final

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from adapters.sql.tables.columns import (
    metadata,
    number,
    one_of,
    partial,
    small,
    text,
    where,
)

CIRCUIT_STATES: Final = ("open", "closed")

circuits = Table(
    "circuits",
    metadata,
    text("account_id"),
    text("operation"),
    text("tenant_id"),
    text("provider"),
    text("state"),
    number("opened_at"),
    small("pause_s"),
    number("probe_until", nullable=True),
    number("version"),
    PrimaryKeyConstraint("account_id", "operation", "tenant_id"),
    one_of("state", CIRCUIT_STATES),
    sqlite_with_rowid=False,
)
NOT_CLOSED: Final = where("state = 'open'")  # as in the index: a bound value would not use it
partial("ix_circuits_open", NOT_CLOSED, circuits.c.opened_at)

account_hours = Table(
    "account_hours",
    metadata,
    text("account_id"),
    small("slot"),
    text("tenant_id"),
    text("provider"),
    number("hour"),  # since 1970
    number("finished"),
    number("successes"),
    number("answers"),
    number("waited_ms"),
    number("last_success_at", nullable=True),
    number("last_failure_at", nullable=True),
    number("changed_at"),
    number("version"),
    PrimaryKeyConstraint("account_id", "slot", "tenant_id"),
    Index("ix_account_hours_changed", "changed_at"),
    sqlite_with_rowid=False,
)
