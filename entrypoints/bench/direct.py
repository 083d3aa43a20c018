"""The baselines without Cauri: drivers writing the same rows, statement by statement.

Nothing is missing that durability or the tables demand, and nothing else is there: no HTTP, no
reading, no deciding. The rows were made before the clock starts.
"""

import asyncio
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import asyncpg
import uvloop

from adapters.sql.postgres_sql import BY_KEY
from adapters.sql.sqlite_sql import SETTINGS, text
from adapters.sql.writes import Line
from entrypoints.bench.figure import MICRO, Effort, Sample
from entrypoints.bench.load import CONNECTIONS
from entrypoints.bench.rows import Recording

Payments = list[list[list[Line]]]
FASTEST: Final = 12_000  # payments a second that no driver reaches here; so many are made ready


def texts(recording: Recording) -> list[list[str]]:
    """A statement for each row of each unit, with numbered places."""
    return [[text(shape) for shape, _ in unit] for unit in recording.units]


def ready(copies: Iterator[list[list[Line]]], seconds: float) -> Payments:
    return list(islice(copies, int(FASTEST * seconds) + CONNECTIONS))


def sqlite_alone(path: str, recording: Recording, tenant_id: str, effort: Effort) -> Sample:
    """sqlite3 on one thread, the same settings (FULL), a commit a unit: two a payment."""
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    for setting in SETTINGS:
        connection.execute(setting)
    copies, statements, run = recording.copies(tenant_id), texts(recording), connection.execute

    def write(payments: Payments, seconds: float) -> tuple[int, float, float]:
        began, cpu_s, done = time.perf_counter(), time.process_time(), 0
        until = began + seconds
        for payment in payments:
            for unit, sql in zip(payment, statements, strict=True):
                run("BEGIN IMMEDIATE")
                for line, one in zip(unit, sql, strict=True):
                    if run(one, line).rowcount != 1:
                        raise RuntimeError(one)
                run("COMMIT")
            done += 1
            if time.perf_counter() >= until:
                break
        return done, time.perf_counter() - began, time.process_time() - cpu_s

    try:
        write(ready(copies, effort.warm_s), effort.warm_s)
        return sample(write(ready(copies, effort.seconds), effort.seconds))
    finally:
        connection.close()


def postgres_alone(dsn: str, recording: Recording, tenant_id: str, effort: Effort) -> Sample:
    """asyncpg, a prepared statement a row, two transactions a payment, as many connections as the
    service has clients. It logs in as the same role: the policies bind both."""
    return uvloop.run(_postgres_alone(dsn, recording, tenant_id, effort))


async def _postgres_alone(dsn: str, recording: Recording, tenant_id: str, effort: Effort) -> Sample:
    numbered = [[re.sub(r"\?(\d+)", r"$\1", one) for one in unit] for unit in texts(recording)]
    settings = {**BY_KEY, "app.tenants": tenant_id}
    connections = [await asyncpg.connect(dsn, server_settings=settings) for _ in range(CONNECTIONS)]
    copies = recording.copies(tenant_id)
    prepared = [
        [[await connection.prepare(one) for one in unit] for unit in numbered]
        for connection in connections
    ]

    async def write(payments: Payments, seconds: float) -> tuple[int, float, float]:
        began, cpu_s, waiting = time.perf_counter(), time.process_time(), iter(payments)
        until = began + seconds
        done = await asyncio.gather(
            *(
                _writing(connection, statements, waiting, until)
                for connection, statements in zip(connections, prepared, strict=True)
            )
        )
        return sum(done), time.perf_counter() - began, time.process_time() - cpu_s

    try:
        await write(ready(copies, effort.warm_s), effort.warm_s)
        return sample(await write(ready(copies, effort.seconds), effort.seconds))
    finally:
        for connection in connections:
            await connection.close()


async def _writing(
    connection: Any, statements: Sequence[Sequence[Any]], waiting: Iterator[Any], until: float
) -> int:
    done = 0
    for payment in waiting:
        for unit, prepared in zip(payment, statements, strict=True):
            await connection.execute("BEGIN")
            for line, statement in zip(unit, prepared, strict=True):
                await statement.fetch(*line)
                if not statement.get_statusmsg().endswith("1"):
                    raise RuntimeError(statement.get_query())
            await connection.execute("COMMIT")
        done += 1
        if time.perf_counter() >= until:
            break
    return done


def sample(measured: tuple[int, float, float]) -> Sample:
    done, wall_s, cpu_s = measured
    return Sample(rate=done / wall_s, cpu_us=cpu_s / done * MICRO)
