"""Hot statements find their rows by an index, in a table of some thousands."""

import sqlite3
from typing import Any

import asyncpg
import pytest

from adapters.sql import job_queue, keys, lists, payments, refunds, tenants
from adapters.sql import tables as t
from adapters.sql.database import Database
from adapters.sql.postgres_sql import BY_KEY
from adapters.sql.postgres_sql import DIALECT as POSTGRES
from adapters.sql.sqlite_sql import DIALECT as SQLITE
from adapters.sql.statements import prepared
from domain.payments.status import PaymentStatus
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
    "until": 2,
    "before": "pay_00000000000000000000000007",
    "customer_id": "cus_7",
    "seen": -1,
}
PENDING = PaymentStatus.PENDING
HOT = {
    "show": (payments.SHOW, ("pk_payments", "pk_attempts")),
    "get": (payments.GET, ("pk_payments", "pk_attempts", "pk_evidence")),
    "of_reference": (payments.OF_REFERENCE, ("ix_attempts_reference",)),
    "accounts at": (tenants.AT, ("ix_provider_accounts_provider",)),
    "owner": (tenants.OWNER, ("pk_payments",)),
    "refund": (refunds.GET, ("pk_refunds",)),
    "key": (keys.WITH_KEY, ("pk_idempotency_keys",)),
    "claim": (job_queue.CLAIM, ("ix_jobs_due",)),
    "next_due": (job_queue.NEXT, ("ix_jobs_due",)),
    "page": (lists.newest_first((), None), ("ix_payments_created",)),
    "next page": (lists.newest_first(("before",), None), ("ix_payments_created",)),
    "by status": (lists.newest_first((), PENDING), ("ix_payments_status",)),
    "by customer": (lists.newest_first(("customer_id",), None), ("ix_payments_customer",)),
    "by reference": (lists.newest_first(("reference",), None), ("ix_payments_reference",)),
    "awaiting": (
        lists.oldest_first(PaymentStatus.AWAITING_VERIFICATION),
        ("ix_payments_status",),
    ),
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
