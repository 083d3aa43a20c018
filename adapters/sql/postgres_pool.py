"""A few PostgreSQL connections that remember which tenant they are set to."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from adapters.sql.postgres_sql import AGAIN, DOWN, LOST, TIMEOUT_S, connect
from adapters.sql.writes import Record, Value
from domain.errors import Overloaded, Unavailable

CHECKOUT_S: Final = 1.0  # for a free connection; a read that waits longer is better refused
WAITERS: Final = 1024  # callers waiting for one: about a tenth of a second of reads
SET_TENANT: Final = "SELECT set_config('app.tenants', $1, false)"


@dataclass(slots=True, eq=False)
class Leased:
    """`tenant` is what the connection's setting is known to be; None when it isn't known."""

    connection: "asyncpg.Connection[asyncpg.Record]"
    tenant: str | None = None

    async def fetch(
        self, tenant: str | None, text: str, arguments: Sequence[Value]
    ) -> Sequence[Record]:
        """One round trip, and one before it if the setting is another tenant's."""
        if tenant is not None and tenant != self.tenant:
            self.tenant = None  # until the server has answered
            await self.connection.execute(SET_TENANT, tenant)
            self.tenant = tenant
        rows: Sequence[Record] = await self.connection.fetch(text, *arguments)
        return rows


class Pool:
    """Up to `size` connections, opened when needed; a free one set to the tenant is preferred.

    Not the driver's pool: that one resets a connection at each release, which costs a round trip
    and forgets the tenant. Nobody but fetch() sees a connection, so the setting can't change
    behind its back.
    """

    def __init__(self, dsn: str, size: int, settings: dict[str, str]) -> None:
        self._dsn, self._size, self._settings = dsn, size, settings
        self._idle: list[Leased] = []  # the most recently used at the end
        self._open = 0
        self._waiters: deque[asyncio.Future[Leased | None]] = deque()

    async def fetch(
        self, tenant: str | None, text: str, arguments: Sequence[Value]
    ) -> Sequence[Record]:
        """One statement, its own transaction. Raises the driver's errors, Unavailable, Overloaded.

        With `tenant` None the connection keeps the setting it was opened with.
        """
        leased = await self._take(tenant)
        healthy = False
        try:
            rows = await leased.fetch(tenant, text, arguments)
            healthy = True
        except asyncpg.PostgresError as error:  # the server said no, and would say more
            healthy = not isinstance(error, LOST)
            raise
        finally:  # cancelled or timed out: its answer may still come, so nobody else gets it
            self._give(leased, healthy=healthy)
        return rows

    def forget_idle(self) -> None:
        """One connection was lost, so those that wait are probably lost as well."""
        while self._idle:
            self._idle.pop().connection.terminate()
            self._open -= 1

    async def close(self) -> None:
        self._size = 0  # whoever comes later gets no connection
        while self._idle:
            await self._idle.pop().connection.close(timeout=TIMEOUT_S)
            self._open -= 1

    async def _take(self, tenant: str | None) -> Leased:
        for place in range(len(self._idle) - 1, -1, -1):
            if self._idle[place].tenant == tenant:
                leased = self._idle.pop(place)
                break
        else:
            if self._open < self._size:
                self._open += 1
                return await self._connect()
            leased = self._idle.pop(0) if self._idle else await self._wait()
        if leased.connection.is_closed():
            return await self._connect()  # in its place
        return leased

    async def _connect(self) -> Leased:
        """In a place that is counted as open already."""
        try:
            return Leased(await connect(self._dsn, self._settings))
        except BaseException:
            self._hand_on(None)  # a waiter may have better luck
            raise

    async def _wait(self) -> Leased:
        if len(self._waiters) >= WAITERS:
            raise Overloaded(f"{len(self._waiters)} wait for a connection")
        waiter: asyncio.Future[Leased | None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(CHECKOUT_S):
                leased = await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled():  # it was given to us at the last moment
                self._hand_on(waiter.result())
            if isinstance(error, TimeoutError):
                raise Overloaded(f"no free connection within {CHECKOUT_S} s") from error
            raise
        return leased or await self._connect()

    def _give(self, leased: Leased, *, healthy: bool) -> None:
        if healthy and self._size and not leased.connection.is_closed():
            self._hand_on(leased)
        else:
            leased.connection.terminate()
            self._hand_on(None)

    def _hand_on(self, leased: Leased | None) -> None:
        """To the first who waits; None is the place of a connection, to be opened anew."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(leased)
                return
        if leased is None:
            self._open -= 1
        else:
            self._idle.append(leased)


async def read(
    pool: Pool, tenant: str | None, text: str, arguments: Sequence[Value]
) -> Sequence[Record]:
    """Once more if the connection was lost: a read may be repeated. Raises Unavailable."""
    try:
        try:
            return await pool.fetch(tenant, text, arguments)
        except TimeoutError:
            raise  # the time is over
        except (*LOST, *AGAIN):
            pool.forget_idle()
            return await pool.fetch(tenant, text, arguments)
    except (*DOWN, *AGAIN) as error:
        raise Unavailable(str(error) or type(error).__name__) from error
