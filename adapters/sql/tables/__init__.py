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
from adapters.sql.tables.circuits import CIRCUIT_STATES, NOT_CLOSED, account_hours, circuits
from adapters.sql.tables.columns import metadata
from adapters.sql.tables.ledger import journals, transfers
from adapters.sql.tables.payments import (
    DOUBTED,
    NOT_PAID,
    WITH_PERSON,
    attempts,
    events,
    evidence,
    payments,
    refunds,
)
from adapters.sql.tables.platform import (
    DUE,
    JOB_STATES,
    OVER,
    SERVING,
    api_keys,
    jobs,
    provider_accounts,
    tenants,
)
from adapters.sql.tables.proofs import proof_claims, proof_images, proofs
from adapters.sql.tables.requests import (
    NOTICE_STATES,
    STRIPPED,
    WHOLE,
    default_methods,
    idempotency_keys,
    inbox,
)
from adapters.sql.tables.wallets import rewards, spends, wallets
from adapters.sql.tables.webhooks import (
    FAILED,
    NOT_DELETED,
    NUMBERED,
    UNTOLD,
    WAITING,
    WITH_BODY,
    deliveries,
    delivery_tries,
    feed,
    feed_heads,
    webhook_endpoints,
)
from adapters.sql.tables.webhooks import OVER as ENDED

__all__ = [
    "APPEND_ONLY",
    "CIRCUIT_STATES",
    "DOUBTED",
    "DUE",
    "ENDED",
    "FAILED",
    "FORGOTTEN",
    "JOB_STATES",
    "NOTICE_STATES",
    "NOT_CLOSED",
    "NOT_DELETED",
    "NOT_PAID",
    "NUMBERED",
    "OVER",
    "OWNED",
    "SERVING",
    "STRIPPED",
    "UNTOLD",
    "WAITING",
    "WHOLE",
    "WITH_BODY",
    "WITH_PERSON",
    "account_hours",
    "api_keys",
    "attempts",
    "circuits",
    "default_methods",
    "deliveries",
    "delivery_tries",
    "doctor_rounds",
    "events",
    "evidence",
    "feed",
    "feed_heads",
    "idempotency_keys",
    "inbox",
    "jobs",
    "journals",
    "metadata",
    "payments",
    "proof_claims",
    "proof_images",
    "proofs",
    "provider_accounts",
    "refunds",
    "rewards",
    "spends",
    "tenants",
    "transfers",
    "wallets",
    "webhook_endpoints",
]

OWNED: Final = (
    payments,
    attempts,
    evidence,
    events,
    refunds,
    journals,
    transfers,
    idempotency_keys,
    inbox,
    default_methods,
    doctor_rounds,
    feed,
    feed_heads,
    webhook_endpoints,
    deliveries,
    delivery_tries,
    wallets,
    rewards,
    spends,
    proofs,
    proof_claims,
    proof_images,
)
APPEND_ONLY: Final = (evidence, events, journals, transfers, proofs)
FORGOTTEN: Final = (  # retention removes old rows of these
    idempotency_keys,
    inbox,
    jobs,
    deliveries,
    delivery_tries,
)
