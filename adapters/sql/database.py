"""A database with everything that is served from it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sqlalchemy import literal, select

from adapters.sql.circuits import SqlCircuitBoard
from adapters.sql.feed import SqlUntold
from adapters.sql.group import GroupCommitter
from adapters.sql.job_book import SqlJobBook
from adapters.sql.job_queue import SqlJobQueue
from adapters.sql.retention import SqlRetention
from adapters.sql.tenants import SqlTenants
from adapters.sql.track_records import SqlTrackBoard
from adapters.sql.unit_of_work import SqlUnits
from adapters.sql.urls import sqlite_path
from adapters.sql.writes import Reads, Store
from domain.ports.bell import Bell
from domain.ports.clock import Clock
from domain.ports.ledger import Ledger
from domain.ports.views import Views
from domain.ports.wallets import WalletViews
from domain.ports.webhook_views import WebhookViews

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

CLOSE_S: Final = 5.0  # for units that wait when the process is told to end
PING: Final = select(literal(1))


class Database:
    """All but `views` serves from start() to close(); `views` may outlive it.

    The schema has to be current: see adapters.sql.migrate.
    """

    def __init__(self, url: str, clock: Clock, bell: Bell | None = None) -> None:
        """`bell` rings when urgent work was committed.

        Raises Invalid for an url of another kind, Unavailable when a file can't be opened.
        """
        self.url, self.path = url, sqlite_path(url)
        self.store, self.reads = _opened(url, self.path)
        self.committer = GroupCommitter(self.store)
        self.units = SqlUnits(self.reads, self.committer, bell=bell)
        self.tenants = SqlTenants(self.store, self.committer, self.reads, clock)
        self.job_queue = SqlJobQueue(self.store, self.reads)
        self.job_book = SqlJobBook(self.store, self.reads)
        self.retention = SqlRetention(self.store, self.reads)
        self.untold = SqlUntold(self.reads)
        self.circuit_board = SqlCircuitBoard(self.reads)
        self.track_board = SqlTrackBoard(self.reads)
        self._writing: asyncio.Task[None] | None = None

    @cached_property
    def views(self) -> Views:
        from adapters.sql.views import SqlViews

        return SqlViews(lambda: self.engine, has_policies=self.path is None)

    @cached_property
    def webhook_views(self) -> WebhookViews:
        from adapters.sql.views import SqlViews
        from adapters.sql.webhook_views import SqlWebhookViews

        return SqlWebhookViews(SqlViews(lambda: self.engine, has_policies=self.path is None))

    @cached_property
    def wallet_views(self) -> WalletViews:
        from adapters.sql.views import SqlViews
        from adapters.sql.wallet_views import SqlWalletViews

        return SqlWalletViews(SqlViews(lambda: self.engine, has_policies=self.path is None))

    @cached_property
    def ledger(self) -> Ledger:
        from adapters.sql.ledger import SqlLedger
        from adapters.sql.views import SqlViews

        return SqlLedger(SqlViews(lambda: self.engine, has_policies=self.path is None))

    @cached_property
    def engine(self) -> "AsyncEngine":
        """For lists. Made at the first use: an embedded start does not wait for its import."""
        from adapters.sql.engines import for_lists

        return for_lists(self.url, self.path)

    @property
    def is_writing(self) -> bool:
        """False before start(), after close(), and if the writer has died: for health checks."""
        return self._writing is not None and not self._writing.done()

    async def start(self) -> None:
        """Begin to write. The task is ours; it ends in close()."""
        if self._writing is None:
            self._writing = asyncio.create_task(self.committer.run(), name="group-committer")

    async def ping(self) -> None:
        """Raises Unavailable."""
        await self.reads.platform_rows(PING, {})

    async def close(self, timeout_s: float = CLOSE_S) -> None:
        """Write what waits, refuse what does not get its turn in time, let go of the database."""
        await self.committer.close(timeout_s)
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)
        await self.store.close()
        await self.reads.close()
        if "engine" in self.__dict__:
            await self.engine.dispose()


def open_database(url: str, clock: Clock, bell: Bell | None = None) -> Database:
    """`sqlite:///path` or `postgresql://…`, not started yet."""
    return Database(url, clock, bell)


@asynccontextmanager
async def running_database(
    url: str, clock: Clock, bell: Bell | None = None
) -> AsyncIterator[Database]:
    """Open and started; closed at the end of the block."""
    database = open_database(url, clock, bell)
    await database.start()
    try:
        yield database
    finally:
        await database.close()


def _opened(url: str, path: str | None) -> tuple[Store, Reads]:
    """The driver that is not used is not imported."""
    if path is None:
        from adapters.sql.postgres_reads import PostgresReads
        from adapters.sql.postgres_store import PostgresStore

        return PostgresStore(url), PostgresReads(url)
    from adapters.sql.sqlite_reads import SqliteReads
    from adapters.sql.sqlite_store import SqliteStore

    return SqliteStore(path), SqliteReads(path)
