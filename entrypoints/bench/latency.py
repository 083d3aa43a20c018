"""P11: what one client waits for a unit of work, grouped or not."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final

import asyncpg
import uvloop

from adapters.sql.database import running_database
from adapters.sql.postgres_sql import BY_KEY, statement
from adapters.sql.postgres_writer import opening
from adapters.sql.sqlite_sql import SETTINGS, text
from adapters.sql.urls import sqlite_path
from adapters.sql.writes import WriteSet
from adapters.system.clock import SystemClock
from entrypoints.bench.figure import Effort, Figure, Sample, at, compared
from entrypoints.bench.lab import Kind, Lab
from entrypoints.bench.rows import Recording
from entrypoints.bench.shop import Shop

BOUND: Final = 1.1
FASTEST: Final = 12_000  # units a second that one client never reaches
NOTES: Final = (
    "ratio of the median latencies, smaller is better; the units of a payment in turn. Direct: the"
    " same statements handed to the driver, a commit each, "
)
SQLITE: Final = "sqlite3 in a thread of its own"
POSTGRES: Final = "asyncpg, the same three round trips"

Commit = Callable[[WriteSet], Awaitable[None]]


def sqlite(lab: Lab) -> Figure:
    return _figure(lab, "sqlite", sqlite_directly, NOTES + SQLITE)


def postgres(lab: Lab) -> Figure:
    return _figure(lab, "postgres", postgres_directly, NOTES + POSTGRES)


Direct = Callable[[str, Recording, str, Effort], Awaitable[Sample]]


def _figure(lab: Lab, kind: Kind, direct: Direct, notes: str) -> Figure:
    shop, recording = lab.shop(kind, None), lab.recording
    url = shop.settings.database
    return compared(
        f"group_commit_latency_{kind}",
        lambda: uvloop.run(grouped(shop, recording, lab.effort)),
        lambda: uvloop.run(_awaited(direct(url, recording, shop.tenant_id, lab.effort))),
        lab.effort,
        BOUND,
        notes,
        by="p50_ms",
    )


async def _awaited(sample: Awaitable[Sample]) -> Sample:
    return await sample


async def grouped(shop: Shop, recording: Recording, effort: Effort) -> Sample:
    async with running_database(shop.settings.database, SystemClock()) as database:
        return await one_by_one(database.committer.commit, recording, shop.tenant_id, effort)


async def sqlite_directly(url: str, recording: Recording, tenant_id: str, effort: Effort) -> Sample:
    connection = sqlite3.connect(
        sqlite_path(url) or "", isolation_level=None, check_same_thread=False, cached_statements=512
    )
    for setting in SETTINGS:
        connection.execute(setting)

    def write(unit: WriteSet) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for shape, line in unit.lines:
            if connection.execute(text(shape), line).rowcount != 1:
                raise RuntimeError(shape.table.name)
        connection.execute("COMMIT")

    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as thread:
        commit: Commit = lambda unit: loop.run_in_executor(thread, write, unit)  # noqa: E731
        sample = await one_by_one(commit, recording, tenant_id, effort)
    connection.close()
    return sample


async def postgres_directly(
    url: str, recording: Recording, tenant_id: str, effort: Effort
) -> Sample:
    connection = await asyncpg.connect(
        url, server_settings=BY_KEY, max_cacheable_statement_size=0, command_timeout=5.0
    )
    shapes = [tuple(shape for shape, _ in unit) for unit in recording.units]
    merged = {one: statement(one) for one in (tuple(dict.fromkeys(each)) for each in shapes)}

    async def commit(unit: WriteSet) -> None:
        of_unit = tuple(dict.fromkeys(shape for shape, _ in unit.lines))
        columns = [
            column
            for one in of_unit
            for column in zip(*(line for shape, line in unit.lines if shape is one), strict=True)
        ]
        await connection.execute(opening([unit], None))
        await connection.fetchval(merged[of_unit], *columns)
        await connection.execute("COMMIT")

    try:
        return await one_by_one(commit, recording, tenant_id, effort)
    finally:
        await connection.close()


async def one_by_one(
    commit: Commit, recording: Recording, tenant_id: str, effort: Effort
) -> Sample:
    """The next unit when the last is durable."""
    sets = recording.sets(tenant_id)
    await _timed(commit, list(islice(sets, _many(effort.warm_s))), effort.warm_s)
    # An even number: the first unit of a payment was written, the second comes next.
    taken = await _timed(commit, list(islice(sets, _many(effort.seconds))), effort.seconds)
    wall_s = sum(taken) / 1000
    taken.sort()
    return Sample(rate=len(taken) / wall_s, p50_ms=at(taken, 0.5), p99_ms=at(taken, 0.99))


def _many(seconds: float) -> int:
    return 2 * (int(FASTEST * seconds) // 2 + 1)


async def _timed(commit: Commit, units: Sequence[WriteSet], seconds: float) -> list[float]:
    taken, clock = list[float](), time.perf_counter
    until = clock() + seconds
    for unit in units:
        began = clock()
        await commit(unit)
        now = clock()
        taken.append((now - began) * 1000)
        if now >= until and not len(taken) % 2:
            break
    return taken
