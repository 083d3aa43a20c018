"""Hot statements find their rows by an index, in a table of some thousands."""

import sqlite3
from typing import Any

import asyncpg
import pytest

from adapters.sql import (
    circuits,
    endpoints,
    feed,
    job_book,
    job_claims,
    job_queue,
    keys,
    ledger,
    lists,
    payments,
    proofs,
    refunds,
    retention,
    tenants,
    track_records,
    views,
    wallets,
    webhook_views,
)
from adapters.sql import tables as t
from adapters.sql.database import Database
from adapters.sql.postgres_sql import BY_KEY
from adapters.sql.postgres_sql import DIALECT as POSTGRES
from adapters.sql.sqlite_sql import DIALECT as SQLITE
from adapters.sql.statements import prepared
from domain.payments.status import PaymentStatus
from domain.ports.jobs import JobState
from domain.ports.retention import Kept
from tests.builders import (
    ACME,
    NOW,
    OTHER,
    a_job,
    a_key_record,
    a_paid_payment,
    a_payment,
    a_refund,
)
from tests.sql.conftest import Place, Server
from tests.webhooks.builders import a_delivery, a_try, an_endpoint, numbered

pytestmark = pytest.mark.anyio

ROWS = 200
COPIES = 100  # of each payment
VALUES: dict[str, Any] = {
    "tenant_id": ACME,
    "id": "pay_00000000000000000000000007",
    "reference": "ref-7",
    "provider": "maya",
    "scope": "initiate",
    "key": "k7",
    "limit": 10,
    "now": 1,
    "horizon": 2,
    "older_than": 1,
    "served": "",
    "but": ",,",
    "prefix": "cron:a:",
    "end": "cron:a;",
    "of_tenant": ACME,
    "after_tenant": ACME,
    "after_at": 3,
    "after_id": "x",
    "until": 2,
    "before": "pay_00000000000000000000000007",
    "customer_id": "cus_7",
    "seen": -1,
    "account_id": "acc_7",
    "operation": "charge",
    "slot": 7,
    "account": "receivable:gcash",
    "at": 2**62,
    "journal_id": "jrn_00000000000000000000000099",
    "position": 1,
    "unit": "PTS",
    "event_id": "evt_7",
    "endpoint_id": "whk_00000000000000000000000001",
    "number": 33,
    "first": 3,
    "below": 9,
    "last": 9,
    "since": 0,
    "after": "",
    "bank": "bankak",
    "transaction_number": "FT24061",
    "digest": "ab",
    "payment_id": "pay_00000000000000000000000007",
}
PENDING = PaymentStatus.PENDING
DEAD_OF = frozenset({"of_tenant"})
AFTER = frozenset({"after_at"})
HOT = {
    "show": (payments.SHOW, ("pk_payments", "pk_attempts")),
    "get": (payments.GET, ("pk_payments", "pk_attempts", "pk_evidence")),
    "of_reference": (payments.OF_REFERENCE, ("ix_attempts_reference",)),
    "accounts at": (tenants.AT, ("ix_provider_accounts_provider",)),
    "owner": (tenants.OWNER, ("pk_payments",)),
    "refund": (refunds.GET, ("pk_refunds",)),
    "key": (keys.WITH_KEY, ("pk_idempotency_keys",)),
    "claim": (job_claims.CLAIM, ("ix_jobs_due",)),
    "fair claim": (job_claims.FAIR, ("ix_jobs_turn", "ix_jobs_due")),
    "next_due": (job_queue.NEXT, ("ix_jobs_due",)),
    "last tick": (job_queue.LAST, ("pk_jobs",)),
    "dead letters": (job_book.listed(JobState.DEAD, DEAD_OF), ("ix_jobs_over",)),
    "next dead letters": (job_book.listed(JobState.DEAD, DEAD_OF | AFTER), ("ix_jobs_over",)),
    "waiting jobs": (job_book.listed(JobState.WAITING, DEAD_OF), ("ix_jobs_turn",)),
    "old keys": (retention.FORGETTING[Kept.KEYS], ("ix_idempotency_keys_created",)),
    "old bodies": (retention.FORGETTING[Kept.NOTICE_BODIES], ("ix_inbox_whole",)),
    "old notices": (retention.FORGETTING[Kept.NOTICES], ("ix_inbox_stripped",)),
    "old jobs": (retention.FORGETTING[Kept.DONE_JOBS], ("ix_jobs_over",)),
    "tenants to tell": (feed.TENANTS, ("ix_feed_untold",)),
    "untold": (feed.UNTOLD, ("ix_feed_untold",)),
    "event": (feed.EVENT, ("pk_feed",)),
    "events by number": (feed.RANGE, ("ux_feed_number",)),
    "events by time": (feed.BETWEEN, ("ix_feed_at",)),
    "endpoints": (endpoints.ENDPOINTS, ("ix_webhook_endpoints_tenant",)),
    "delivery": (endpoints.DELIVERY, ("pk_deliveries",)),
    "delivery ahead": (endpoints.AHEAD, ("ix_deliveries_waiting",)),
    "delivery behind": (endpoints.BEHIND, ("ix_deliveries_waiting",)),
    "waiting deliveries": (endpoints.WAITING, ("ix_deliveries_waiting",)),
    "failed deliveries": (endpoints.FAILED, ("ix_deliveries_failed",)),
    "deliveries to": (webhook_views.TO_ENDPOINT[None], ("ix_deliveries_endpoint",)),
    "deliveries of": (webhook_views.OF_EVENT, ("pk_deliveries",)),
    "tries": (webhook_views.TRIES, ("pk_delivery_tries",)),
    "old tries": (retention.FORGETTING[Kept.TRIES], ("ix_delivery_tries_at",)),
    "old deliveries": (retention.FORGETTING[Kept.DELIVERIES], ("ix_deliveries_over",)),
    "old event bodies": (retention.FORGETTING[Kept.EVENT_BODIES], ("ix_feed_at",)),
    "wallet": (wallets.OF, ("pk_wallets",)),
    "wallets": (wallets.OF_CUSTOMER, ("pk_wallets",)),
    "reward": (wallets.REWARD, ("pk_rewards",)),
    "spend": (wallets.SPEND, ("pk_spends",)),
    "proofs": (proofs.OF, ("pk_proofs",)),
    "claim of a number": (proofs.CLAIM, ("pk_proof_claims",)),
    "picture": (proofs.IMAGE, ("pk_proof_images",)),
    "picture there": (proofs.HAS_IMAGE, ("pk_proof_images",)),
    "refunds of a payment": (refunds.SUMS, ("ix_refunds_payment",)),
    "entries": (ledger.ENTRIES, ("ix_transfers_debit", "ix_transfers_credit")),
    "next entries": (ledger.NEXT_ENTRIES, ("ix_transfers_debit", "ix_transfers_credit")),
    "balances": (ledger.BALANCES, ("ix_transfers_",)),
    "journal": (ledger.JOURNAL, ("pk_transfers",)),
    "page": (lists.newest_first((), None), ("ix_payments_created",)),
    "next page": (lists.newest_first(("before",), None), ("ix_payments_created",)),
    "by status": (lists.newest_first((), PENDING), ("ix_payments_status",)),
    "by customer": (lists.newest_first(("customer_id",), None), ("ix_payments_customer",)),
    "by reference": (lists.newest_first(("reference",), None), ("ix_payments_reference",)),
    "awaiting": (
        lists.oldest_first(PaymentStatus.AWAITING_VERIFICATION),
        ("ix_payments_status",),
    ),
    "paid and doubted": (lists.DOUBTED, ("ix_attempts_doubted", "pk_payments")),
    "refunds that wait": (views.WAITING, ("ix_refunds_waiting",)),
    "open circuits": (circuits.NOT_CLOSED, ("ix_circuits_open",)),
    "a circuit": (circuits.FIND, ("pk_circuits",)),
    "an hour": (track_records.SLOT, ("pk_account_hours",)),
    "hours that changed": (track_records.CHANGED, ("ix_account_hours_changed",)),
}


async def fill(database: Database) -> None:
    for number in range(1, ROWS):
        tenant = OTHER if number % 2 else ACME
        make = a_payment if number % 40 == 0 else a_paid_payment
        one = make(number, tenant_id=tenant, reference=f"order-{number}")
        async with database.units(tenant) as unit:
            unit.payments.add(one)
            unit.keys.add(a_key_record(f"k{number}"))
            unit.refunds.add(a_refund(one, number))
            unit.jobs.enqueue(a_job(f"inquire:{number}", tenant, run_at=NOW))
            await unit.commit()
    await fill_feed(database)


async def fill_feed(database: Database) -> None:
    """All of it is told but the last two; every third delivery waits, or has failed."""
    async with database.units(ACME) as unit:
        unit.endpoints.add(an_endpoint())
        head, facts = await unit.feed.head(), (await unit.feed.untold(ROWS))[:-2]
        events = [numbered(one, number) for number, one in enumerate(facts, 1)]
        unit.feed.number(head, events, facts)
        for number, one in enumerate(events):
            fresh = a_delivery(one.number, event_id=one.id, payment_id=one.payment_id)
            moved = (fresh, fresh.taken(200, NOW), fresh.give_up("x"))[number % 3]
            unit.deliveries.add(moved)
            unit.deliveries.log(a_try(event_id=one.id))
        await unit.commit()


def copies(series: str) -> str:
    """More payments, a second apart."""
    other = {"id": "p.id || substr('000' || n, -3)", "created_at": "p.created_at + n * 1000000"}
    names = [column.name for column in t.payments.columns]
    values = ", ".join(other.get(name, f"p.{name}") for name in names)
    return f"INSERT INTO payments ({', '.join(names)}) SELECT {values} FROM payments p, {series}"


@pytest.mark.parametrize("name", HOT)
def test_statements_have_a_fixed_text(name: str) -> None:
    for dialect in (SQLITE, POSTGRES):
        assert prepared(HOT[name][0], dialect).text


async def test_hot_statements_use_their_indexes(place: Place, database: Database) -> None:
    await fill(database)
    plans = await (on_postgres if place.is_postgres else on_sqlite)(place, database)
    for name, (_, wanted) in HOT.items():
        missing = [index for index in wanted if index not in plans[name]]
        assert not missing, f"{name} without {missing}:\n{plans[name]}"
        assert "SCAN payments" not in plans[name]
        assert "Seq Scan" not in plans[name]


@pytest.mark.postgres
async def test_a_new_table_is_read_by_its_key(server: Server) -> None:
    """What a foreign key asks at each insert, planned once, when nothing is known of the table."""
    check = "SELECT 1 FROM ONLY payments x WHERE id = $1 AND tenant_id = $2 FOR KEY SHARE OF x"
    async with server.as_owner() as owner:
        await owner.execute(f"PREPARE check_parent(text, text) AS {check}")
        for name, value in BY_KEY.items():
            await owner.execute(f"SET {name} = '{value}'")
        rows = await owner.fetch("EXPLAIN EXECUTE check_parent('pay_1', 'ten_1')")
    plan = "\n".join(row[0] for row in rows)
    assert "pk_payments" in plan, plan


async def on_sqlite(place: Place, database: Database) -> dict[str, str]:
    assert database.path is not None
    connection = sqlite3.connect(database.path)
    numbers = "WITH s(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM s WHERE n < {}) "
    connection.execute(numbers.format(COPIES) + copies("s"))
    connection.commit()
    plans = {}
    for name, (statement, _) in HOT.items():
        ready = prepared(statement, SQLITE)
        rows = connection.execute(f"EXPLAIN QUERY PLAN {ready.text}", ready.arguments(VALUES))
        plans[name] = named("\n".join(row[3] for row in rows))
    connection.close()
    return plans


def named(plan: str) -> str:
    """SQLite numbers the keys of tables and calls the key of a table without rowid PRIMARY."""
    for table in t.metadata.sorted_tables:
        plan = plan.replace(f"sqlite_autoindex_{table.name}_1", f"pk_{table.name}")
        plan = plan.replace(
            f"{table.name} USING PRIMARY KEY", f"{table.name} USING pk_{table.name}"
        )
    return plan


async def on_postgres(place: Place, database: Database) -> dict[str, str]:
    """As the service sees it, policies and all, with the generic plan of a prepared statement."""
    owner = await asyncpg.connect(place.owner)
    series = copies(f"generate_series(1, {COPIES}) s(n)").replace("substr(", "right(")
    await owner.execute(series.replace("-3)", "3)"))
    await owner.execute("ANALYZE")
    await owner.close()
    app = await asyncpg.connect(place.app)
    await app.execute(f"SET app.tenants = '{ACME}'; SET enable_seqscan = off")
    plans = {}
    for name, (statement, _) in HOT.items():
        ready = prepared(statement, POSTGRES)
        rows = await app.fetch(f"EXPLAIN {ready.text}", *ready.arguments(VALUES))
        plans[name] = "\n".join(row[0] for row in rows)
    await app.close()
    return plans
