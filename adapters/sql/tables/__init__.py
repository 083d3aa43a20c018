"""The tables. Text, whole numbers, bytes and booleans only: bind processors don't run on writes.

Times are microseconds since 1970 in UTC, amounts are minor units, structure that nobody queries
is JSON text (adapters.sql.rows). Every key holds the tenant; ids come first because they sort by
time: new rows go to the right edge of the tree, and a payment is found by its id alone. Children
begin with their payment's id, so one key serves the lookup and the foreign key.

On PostgreSQL the migration gives every text column the collation "C": ids sort by their bytes in
both databases, and comparing them is quick. On SQLite tables with short rows have no rowid: the
file is 6 % smaller and writing is no slower. Long rows need one: idempotency keys without it, with
answers of a kilobyte under random keys, made a whole payment 45 % dearer.
"""

from typing import Final

from adapters.sql.tables.care import doctor_rounds
from adapters.sql.tables.columns import metadata
from adapters.sql.tables.payments import NOT_PAID, attempts, events, evidence, payments, refunds
from adapters.sql.tables.platform import (
    DUE,
    JOB_STATES,
    SERVING,
    api_keys,
    jobs,
    provider_accounts,
    tenants,
)
from adapters.sql.tables.requests import NOTICE_STATES, default_methods, idempotency_keys, inbox

__all__ = [
    "APPEND_ONLY",
    "DUE",
    "JOB_STATES",
    "NOTICE_STATES",
    "NOT_PAID",
    "OWNED",
    "SERVING",
    "api_keys",
    "attempts",
    "default_methods",
    "doctor_rounds",
    "events",
    "evidence",
    "idempotency_keys",
    "inbox",
    "jobs",
    "metadata",
    "payments",
    "provider_accounts",
    "refunds",
    "tenants",
]

OWNED: Final = (
    payments,
    attempts,
    evidence,
    events,
    refunds,
    idempotency_keys,
    inbox,
    default_methods,
    doctor_rounds,
)
APPEND_ONLY: Final = (evidence, events)
