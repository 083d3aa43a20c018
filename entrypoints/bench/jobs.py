"""What one worker does in a second, beside drivers that send the same statements alone."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Coroutine, Sequence
from itertools import count
from typing import Any, Final

import asyncpg
import uvloop

from adapters.bell.local import LocalBell
from adapters.sql import tables as t
from adapters.sql.database import Database, running_database
from adapters.sql.job_claims import FAIR, FURTHEST_US, NOBODY
from adapters.sql.postgres_sql import BY_KEY, SESSION, statement
from adapters.sql.postgres_sql import DIALECT as POSTGRES
from adapters.sql.postgres_writer import opening
from adapters.sql.rows.values import SECOND_US, us
from adapters.sql.sqlite_sql import DIALECT as SQLITE
from adapters.sql.sqlite_sql import SETTINGS, text
from adapters.sql.statements import prepared
from adapters.sql.urls import sqlite_path
from adapters.sql.writes import GuardedUpdate, Record, Row, WriteSet
from adapters.system.clock import SystemClock
from application.work.run_jobs import RunJobs
from application.work.terms import LEASE_S
from domain.ids import JobId, TenantId
from domain.ports.jobs import Job, JobKind
from entrypoints.bench.figure import Effort, Figure, Sample, compared
from entrypoints.bench.lab import Kind, Lab
from entrypoints.bench.shop import Shop
from entrypoints.worker import Worker, troubled

BOUND: Final = 0.5
SLOTS: Final = 50
A_SECOND: Final = 3000  # jobs made ready for each second of effort
TENANTS: Final = 10  # whose units may share a group, as in life
NOTES: Final = (
    "jobs a second by one worker whose handlers do nothing: claimed, run, finished under the fence."
    " Alone: the same fair claim and the same guarded updates, 50 in a transaction, "
)
_numbers: Final = count(1)


def sqlite(lab: Lab) -> Figure:
    return _figure(lab, "sqlite", sqlite_alone, "sqlite3, FULL")


def postgres(lab: Lab) -> Figure:
    return _figure(lab, "postgres", postgres_alone, "asyncpg")


Alone = Callable[[str, int], Coroutine[Any, Any, float]]


def _figure(lab: Lab, kind: Kind, alone: Alone, notes: str) -> Figure:
    shop, effort = lab.shop(kind, None), lab.effort
    return compared(
        f"jobs_{kind}",
        lambda: _sample(shop, effort, by_worker),
        lambda: _sample(shop, effort, alone),
        effort,
        BOUND,
        NOTES + notes,
    )


def _sample(shop: Shop, effort: Effort, doing: Alone) -> Sample:
    jobs = max(SLOTS, int(A_SECOND * effort.seconds))
    return Sample(rate=jobs / uvloop.run(_measured(shop.settings.database, jobs, doing)))


async def _measured(url: str, jobs: int, doing: Alone) -> float:
    await doing(url, await _enqueued(url, SLOTS))
    return await doing(url, await _enqueued(url, jobs))


async def _enqueued(url: str, jobs: int) -> int:
    now, batch = SystemClock().now(), next(_numbers)

    async def one(database: Database, number: int) -> None:
        tenant_id = TenantId(f"ten_{number % TENANTS}")
        job = Job(
            id=JobId(f"inquire:att_{batch:04d}{number:08d}"),
            tenant_id=tenant_id,
            kind=JobKind.INQUIRE,
            run_at=now,
            about={"payment": "pay_01KGVSQV4G7Q0W3E8R5T2Y6U1I"},
        )
        async with database.units(tenant_id) as unit:
            unit.jobs.enqueue(job)
            await unit.commit()

    async with running_database(url, SystemClock()) as database:
        for first in range(0, jobs, 500):
            numbers = range(first, min(jobs, first + 500))
            await asyncio.gather(*(one(database, number) for number in numbers))
    return jobs


async def by_worker(url: str, jobs: int) -> float:
    clock, stop, done = SystemClock(), asyncio.Event(), count(1)

    def counted(_: JobKind, __: str) -> None:
        if next(done) == jobs:
            stop.set()

    async def nothing(_: Job) -> None:
        return

    async def tick() -> None:
        return

    async with running_database(url, clock) as database:
        queue = database.job_queue
        handlers = dict.fromkeys(JobKind, nothing)
        run_jobs = RunJobs(queue, database.units, clock, handlers, troubled, counted)
        worker = Worker(run_jobs, queue, clock, SLOTS, 0.25, LocalBell(), tick)
        began = time.perf_counter()
        await worker(stop)
        return time.perf_counter() - began


def _claim(now: int) -> Row:
    """As a worker claims who is behind: tenants take turns."""
    until = now + LEASE_S * SECOND_US
    asked: Row = {"now": now, "horizon": now + FURTHEST_US, "until": until, "limit": SLOTS}
    return {**asked, "served": "", "but": NOBODY}


def _finishing(rows: Sequence[Record]) -> list[WriteSet]:
    """The guarded updates of the jobs that a claim gave."""
    done: Row = {"state": "done", "leased": False}
    return [WriteSet(row[1], [GuardedUpdate(t.jobs, {"id": row[0]}, row[9], done)]) for row in rows]


async def sqlite_alone(url: str, jobs: int) -> float:
    connection = sqlite3.connect(sqlite_path(url) or "", isolation_level=None)
    for setting in SETTINGS:
        connection.execute(setting)
    claim, clock, left = prepared(FAIR, SQLITE), SystemClock(), jobs
    began = time.perf_counter()
    while left:
        connection.execute("BEGIN IMMEDIATE")
        rows = connection.execute(claim.text, claim.arguments(_claim(us(clock.now())))).fetchall()
        connection.execute("COMMIT")
        lines = [line for unit in _finishing(rows) for line in unit.lines]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(text(lines[0][0]), [line for _, line in lines])
        connection.execute("COMMIT")
        left -= len(rows)
    taken = time.perf_counter() - began
    connection.close()
    return taken


async def postgres_alone(url: str, jobs: int) -> float:
    claimer = await asyncpg.connect(url, server_settings=SESSION)
    writer = await asyncpg.connect(url, server_settings=BY_KEY)
    claim, clock, left = prepared(FAIR, POSTGRES), SystemClock(), jobs
    began = time.perf_counter()
    while left:
        rows = await claimer.fetch(claim.text, *claim.arguments(_claim(us(clock.now()))))
        units = _finishing(rows)
        lines = sorted(line for unit in units for _, line in unit.lines)
        await writer.execute(opening(units, None))
        await writer.fetchval(statement([units[0].lines[0][0]]), *zip(*lines, strict=True))
        await writer.execute("COMMIT")
        left -= len(rows)
    taken = time.perf_counter() - began
    await claimer.close()
    await writer.close()
    return taken
