"""PostgreSQL: groups over one connection, claims over others."""

import asyncio
from collections.abc import Sequence
from typing import Final

import asyncpg
from sqlalchemy.sql.base import Executable

from adapters.sql.counters import Counters
from adapters.sql.postgres_pool import Pool
from adapters.sql.postgres_sql import (
    BY_KEY,
    DIALECT,
    LOST,
    REPLAY_LOCK_MS,
    SESSION,
    TryAgain,
    explained,
)
from adapters.sql.postgres_writer import PostgresWriter
from adapters.sql.statements import prepared
from adapters.sql.writes import Record, Row, Store, WriteSet, checked
from domain.errors import CommitUnknown, Unavailable

GROUP_S: Final = 5.0  # for all attempts at one group; what was not tried by then is Unavailable
CLAIMERS: Final = 2  # connections for claims, so that they never wait for a group
CHORES: Final = 1  # for a tenant's rows that are no unit's; claims never see a tenant's setting


class PostgresStore(Store):
    """A group is one transaction; claims have a small pool of their own.

    `dsn` logs in as a role that is neither superuser nor owner of the tables: policies bind
    neither. Connections are opened when first needed.
    """

    def __init__(self, dsn: str) -> None:
        self.counters = Counters()
        self._writer = PostgresWriter(dsn)
        self._claims = Pool(dsn, CLAIMERS, BY_KEY)
        self._chores = Pool(dsn, CHORES, SESSION)

    async def write(self, group: Sequence[WriteSet]) -> Sequence[Exception | None]:
        """If any unit of a group fails its halves are tried, down to one, within GROUP_S.

        A group whose connection was lost before COMMIT is tried once more, on a new one.
        """
        until = asyncio.get_running_loop().time() + GROUP_S
        error = await self._writer.attempt(group, None)
        if isinstance(error, TryAgain) and asyncio.get_running_loop().time() < until:
            self.counters.reconnects += not self._writer.connected
            self.counters.replays += 1
            error = await self._writer.attempt(group, None)
        return await self._answers(group, error, until)

    async def returning(self, statement: Executable, values: Row) -> Sequence[Record]:
        return await self._alone(self._claims, None, statement, values)

    async def of_tenant(
        self, tenant_id: str, statement: Executable, values: Row
    ) -> Sequence[Record]:
        mine = checked(tenant_id)
        return await self._alone(self._chores, mine, statement, {**values, "tenant_id": mine})

    async def _alone(
        self, pool: Pool, tenant_id: str | None, statement: Executable, values: Row
    ) -> Sequence[Record]:
        ready = prepared(statement, DIALECT)
        try:
            return await pool.fetch(tenant_id, ready.text, ready.arguments(values))
        except LOST as error:
            raise CommitUnknown(str(error) or type(error).__name__) from error
        except asyncpg.PostgresError as error:
            raise explained(error) from error

    async def close(self) -> None:
        await self._writer.close()
        await self._claims.close()
        await self._chores.close()

    async def _answers(
        self, group: Sequence[WriteSet], error: Exception | None, until: float
    ) -> Sequence[Exception | None]:
        """Given how an attempt at the whole ended."""
        if error is None:
            return [None] * len(group)
        if len(group) == 1 or not self._writer.connected:  # lost: all share its fate
            kind = Unavailable if isinstance(error, TryAgain) else type(error)
            return [kind(str(error)) for _ in group]
        half, answers = len(group) // 2, list[Exception | None]()
        for part in (group[:half], group[half:]):
            if asyncio.get_running_loop().time() > until:
                answers += [Unavailable("a row of the group was held too long") for _ in part]
                continue
            self.counters.replays += 1
            told = await self._writer.attempt(part, REPLAY_LOCK_MS)
            answers += await self._answers(part, told, until)
        return answers
