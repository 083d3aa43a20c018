"""Both stores with example tables, and a gate that decides which units wait together."""

import asyncio
import pathlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import bindparam, select

from adapters.sql.group import GroupCommitter
from adapters.sql.postgres_reads import PostgresReads
from adapters.sql.postgres_store import PostgresStore
from adapters.sql.sqlite_reads import SqliteReads
from adapters.sql.sqlite_store import SqliteStore
from adapters.sql.writes import GuardedUpdate, Insert, Reads, Record, Row, Store, Value, WriteSet
from domain.errors import DuplicateKey
from tests import sql_store_tables as t
from tests.postgres import Cluster

ACME: Final = "acme"
OTHER: Final = "other"
KEY_USED: Final = {"keys_pkey": DuplicateKey}
NUMBERS: Final = count(1)
PAYMENT: Final = select(t.payments.c.status, t.payments.c.reference, t.payments.c.version).where(
    t.payments.c.tenant_id == bindparam("tenant_id"), t.payments.c.id == bindparam("id")
)
KEY: Final = select(t.keys.c.answer, t.keys.c.version).where(
    t.keys.c.tenant_id == bindparam("tenant_id"), t.keys.c.key == bindparam("key")
)
LEDGER: Final = select(t.ledger.c.minor).where(
    t.ledger.c.tenant_id == bindparam("tenant_id"), t.ledger.c.payment_id == bindparam("id")
)


class Gate(Store):
    """A store whose writing can be held, so that a test decides what waits together."""

    def __init__(self, inner: Store) -> None:
        self.inner, self.counters = inner, inner.counters
        self.open, self.busy = asyncio.Event(), asyncio.Event()
        self.groups: list[list[str]] = []
        self.open.set()

    async def write(self, group: Sequence[WriteSet]) -> Sequence[Exception | None]:
        self.groups.append([unit.tenant_id for unit in group])
        self.busy.set()
        await self.open.wait()
        return await self.inner.write(group)

    async def returning(self, statement: Any, values: Row) -> Sequence[Record]:
        return await self.inner.returning(statement, values)

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class World:
    reads: Reads
    gate: Gate
    committer: GroupCommitter
    path: str = ""  # of the SQLite file
    owner: str = ""  # PostgreSQL's DSNs
    app: str = ""

    async def together(self, *units: WriteSet) -> list[BaseException | None]:
        """Commit these in one group (if they want different rows), behind one that holds it."""
        self.gate.open.clear()
        self.gate.busy.clear()
        holder = asyncio.create_task(self.committer.commit(event(tenant="blocker")))
        await self.gate.busy.wait()
        tasks = [asyncio.create_task(self.committer.commit(unit)) for unit in units]
        await asyncio.sleep(0)  # all have put their units into the queue
        self.gate.open.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        await holder
        return answers

    async def commit(self, *units: WriteSet) -> list[BaseException | None]:
        return await asyncio.gather(
            *(self.committer.commit(unit) for unit in units), return_exceptions=True
        )

    async def hold(self, unit: WriteSet) -> "asyncio.Task[None]":
        """The task of a commit that is being written and can't end before gate.open is set."""
        self.gate.open.clear()
        self.gate.busy.clear()
        task = asyncio.create_task(self.committer.commit(unit))
        await self.gate.busy.wait()
        return task

    async def payment(self, payment_id: str, tenant: str = ACME) -> tuple[Any, ...] | None:
        """Status, reference, version."""
        rows = await self.reads.rows(tenant, PAYMENT, {"id": payment_id})
        return next((tuple(row) for row in rows), None)


def event(event_id: str = "", tenant: str = ACME) -> WriteSet:
    row = {"id": event_id or f"e{next(NUMBERS)}", "kind": "x", "body": "{}"}
    return WriteSet(tenant, [Insert(t.outbox, row)])


def first(payment_id: str, *, tenant: str = ACME, key: str = "", kind: Any = "x") -> WriteSet:
    """A payment is submitted: key, payment, attempt, event."""
    start: dict[str, Value] = {"status": "submitted", "version": 0}
    key_row: dict[str, Value] = {
        "key": key or payment_id,
        "fingerprint": "f",
        "payment_id": payment_id,
    }
    money: dict[str, Value] = {"minor": 1250, "currency": "USD", "reference": None}
    attempt: dict[str, Value] = {
        "id": payment_id,
        "payment_id": payment_id,
        "provider": "simulator",
    }
    return WriteSet(tenant, [
        Insert(t.keys, key_row | {"answer": None, "version": 0}, KEY_USED),
        Insert(t.payments, {"id": payment_id} | money | start),
        Insert(t.attempts, attempt | start),
        Insert(t.outbox, {"id": payment_id, "kind": kind, "body": "{}"}),
    ])  # fmt: skip


def second(payment_id: str, *, tenant: str = ACME, version: int = 0) -> WriteSet:
    """It is paid: payment, attempt and key are guarded; two ledger rows, event."""
    both: dict[str, Value] = {"payment_id": payment_id, "currency": "USD"}
    sides = [
        both | {"id": f"{payment_id}.{side}", "account": side, "minor": minor}
        for side, minor in (("merchant", -1250), ("provider", 1250))
    ]
    paid: dict[str, Value] = {"status": "paid"}
    return WriteSet(tenant, [
        GuardedUpdate(t.payments, {"id": payment_id}, version, paid | {"reference": "r1"}),
        GuardedUpdate(t.attempts, {"id": payment_id}, version, paid),
        GuardedUpdate(t.keys, {"key": payment_id}, version, {"answer": "{}"}),
        *(Insert(t.ledger, side) for side in sides),
        Insert(t.outbox, {"id": f"{payment_id}.2", "kind": "x", "body": "{}"}),
    ])  # fmt: skip


def moved(payment_id: str, version: int, status: str = "paid", tenant: str = ACME) -> WriteSet:
    """One guarded row."""
    return WriteSet(
        tenant, [GuardedUpdate(t.payments, {"id": payment_id}, version, {"status": status})]
    )


@asynccontextmanager
async def running(reads: Reads, store: Store, **where: str) -> AsyncIterator[World]:
    gate = Gate(store)
    committer = GroupCommitter(gate)
    task = asyncio.create_task(committer.run())
    yield World(reads, gate, committer, **where)
    gate.open.set()
    await committer.close(timeout_s=5)
    await task
    await store.close()
    await reads.close()


@asynccontextmanager
async def sqlite_world(folder: pathlib.Path) -> AsyncIterator[World]:
    path = str(folder / "t.db")
    t.sqlite_schema(path)
    async with running(SqliteReads(path), SqliteStore(path), path=path) as world:
        yield world


@asynccontextmanager
async def postgres_world(cluster: Cluster) -> AsyncIterator[World]:
    database = cluster.new_database()
    owner, app = cluster.owner_dsn(database), cluster.app_dsn(database)
    connection = await asyncpg.connect(owner)
    await connection.execute(t.postgres_schema())
    await connection.close()
    async with running(PostgresReads(app), PostgresStore(app), owner=owner, app=app) as world:
        yield world


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def world(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> AsyncIterator[World]:
    if request.param == "sqlite":
        async with sqlite_world(tmp_path) as made:
            yield made
    else:
        async with postgres_world(request.getfixturevalue("postgres_cluster")) as made:
            yield made


@pytest.fixture
async def postgres(postgres_cluster: Cluster) -> AsyncIterator[World]:
    async with postgres_world(postgres_cluster) as made:
        yield made


@pytest.fixture
async def sqlite(tmp_path: pathlib.Path) -> AsyncIterator[World]:
    async with sqlite_world(tmp_path) as made:
        yield made
