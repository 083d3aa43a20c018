"""One attempt to write a group to PostgreSQL: three round trips, and a sure word about the end."""

import re
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final

import asyncpg

from adapters.sql.postgres_sql import (
    BY_KEY,
    LOST,
    TIMEOUT_S,
    Statements,
    TryAgain,
    connect,
    explained,
)
from adapters.sql.writes import WriteSet, merged
from domain.errors import CommitUnknown, NotStored, StaleVersion

TENANTS: Final = re.compile(r"[A-Za-z0-9_,]+")  # what may stand between the quotes of a literal


class PostgresWriter:
    """Owns one connection, opened at the first attempt and again after it was lost."""

    def __init__(self, dsn: str) -> None:
        self._dsn, self._statements = dsn, Statements()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    @property
    def connected(self) -> bool:
        return self._connection is not None

    async def attempt(self, group: Sequence[WriteSet], lock_ms: int | None) -> Exception | None:
        """None when all units are durable. Otherwise none is, or it is a CommitUnknown.

        `lock_ms` bounds the wait for a row that another connection holds.
        """
        committing = False
        try:
            run = await self._open()
            await run.execute(opening(group, lock_ms))
            await self._send(run, group)
            committing = True
            await run.execute("COMMIT")
        except (asyncpg.PostgresError, NotStored) as error:  # the server, or the count, said no
            if self._connection is None:  # never reached
                return error
            if await self._rolled_back():
                return explained(error, group)
            return self._lost(error, committing)
        except (OSError, asyncpg.InterfaceError) as error:  # nobody said anything
            return self._lost(error, committing)
        except BaseException as error:  # cancelled, or a bug: never leave a transaction open
            self._lost(error, committing)
            raise
        return None

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close(timeout=TIMEOUT_S)
            self._connection = None

    async def _send(self, run: Any, group: Sequence[WriteSet]) -> None:
        """Raises StaleVersion when an update found fewer rows than it has lines."""
        batches = merged(group)
        shapes, text = self._statements.serving(batches.keys())
        columns: list[Sequence[Any]] = []
        for shape in shapes:
            lines = batches.get(shape, [])
            if len(lines) > 1 and shape.kind != "insert":  # rows are locked in one order by all
                lines.sort(key=itemgetter(slice(shape.key_width)))
            columns += zip(*lines, strict=True) if lines else [()] * len(shape.columns)
        found = await run.fetchval(text, *columns)
        guarded = (shape for shape in shapes if shape.kind == "update")
        for shape, count in zip(guarded, found, strict=True):
            if count != len(batches.get(shape, ())):
                raise StaleVersion(shape.table.name)

    async def _open(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Raises Unavailable."""
        if self._connection is not None and self._connection.is_closed():
            self._connection = None
        if self._connection is None:
            self._connection = await connect(self._dsn, BY_KEY)
        return self._connection

    async def _rolled_back(self) -> bool:
        try:
            if self._connection is not None:
                await self._connection.execute("ROLLBACK")
        except (asyncpg.PostgresError, *LOST):
            return False
        return True

    def _lost(self, error: BaseException, committing: bool) -> Exception:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None
        return (CommitUnknown if committing else TryAgain)(str(error) or type(error).__name__)


def opening(group: Sequence[WriteSet], lock_ms: int | None) -> str:
    """BEGIN and its settings, one round trip: statements sent together can't have parameters."""
    tenants = ",".join({unit.tenant_id for unit in group})
    if not TENANTS.fullmatch(
        tenants
    ):  # WriteSet has checked each; a literal deserves a second look
        raise ValueError("a tenant id is 1 to 64 letters, digits or underscores")
    wait = f"; SET LOCAL lock_timeout = {lock_ms:d}" if lock_ms is not None else ""
    return f"BEGIN; SET LOCAL app.tenants = '{tenants}'{wait}"
