"""Every storage of the build, one behind another: a contract runs on each of them."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.memory.circuits import MemoryCircuitBoard
from adapters.memory.database import MemoryDatabase
from adapters.memory.feed import MemoryUntold
from adapters.memory.job_book import MemoryJobBook
from adapters.memory.jobs import MemoryJobQueue
from adapters.memory.ledger import MemoryLedger
from adapters.memory.retention import MemoryRetention
from adapters.memory.tenants import MemoryTenants
from adapters.memory.track_records import MemoryTrackBoard
from adapters.memory.unit_of_work import MemoryUnits
from adapters.memory.views import MemoryViews
from adapters.memory.wallets import MemoryWalletViews
from adapters.memory.webhook_views import MemoryWebhookViews
from adapters.sql.database import running_database
from adapters.sql.feed import SqlUntold
from adapters.sql.job_book import SqlJobBook
from adapters.sql.job_queue import SqlJobQueue
from adapters.sql.ledger import SqlLedger
from adapters.sql.migrate import upgrade
from adapters.sql.retention import SqlRetention
from adapters.sql.unit_of_work import SqlUnits
from adapters.sql.views import SqlViews
from adapters.sql.wallet_views import SqlWalletViews
from adapters.sql.webhook_views import SqlWebhookViews
from domain.ports.circuits import CircuitBoard
from domain.ports.job_book import JobBook
from domain.ports.jobs import JobQueue
from domain.ports.ledger import Ledger
from domain.ports.retention import Retention
from domain.ports.tenants import Tenants
from domain.ports.track_records import TrackBoard
from domain.ports.unit_of_work import Units
from domain.ports.views import Views
from domain.ports.wallets import WalletViews
from domain.ports.webhook_views import WebhookViews
from domain.ports.webhooks import Untold
from tests.builders import ACME, OTHER, StillClock, a_tenant
from tests.postgres import Cluster

EMPTY = """
    DO $$ DECLARE one name; BEGIN
        SET LOCAL session_replication_role = replica;  -- no order among tables, no triggers
        FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            IF one <> 'alembic_version' THEN EXECUTE format('DELETE FROM %I', one); END IF;
        END LOOP;
    END $$
"""
STORAGES = [
    pytest.param("memory", id="memory"),
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
]


@dataclass(frozen=True, slots=True)
class Storage:
    """One empty storage with two tenants, ACME and OTHER."""

    units: Units
    queue: JobQueue
    book: JobBook
    tenants: Tenants
    views: Views
    clock: StillClock
    circuits: CircuitBoard
    tracks: TrackBoard

    @property
    def retention(self) -> Retention:
        if isinstance(self.queue, MemoryJobQueue):
            return MemoryRetention(self.queue.database)
        assert isinstance(self.queue, SqlJobQueue)
        return SqlRetention(self.queue.store, self.queue.reads)

    @property
    def untold(self) -> Untold:
        """The look for events without a number."""
        if isinstance(self.units, MemoryUnits):
            return MemoryUntold(self.units.database)
        assert isinstance(self.units, SqlUnits)
        return SqlUntold(self.units.reads)

    @property
    def webhooks(self) -> WebhookViews:
        if isinstance(self.units, MemoryUnits):
            return MemoryWebhookViews(self.units.database)
        assert isinstance(self.views, SqlViews)
        return SqlWebhookViews(self.views)

    @property
    def ledger(self) -> Ledger:
        if isinstance(self.units, MemoryUnits):
            return MemoryLedger(self.units.database)
        assert isinstance(self.views, SqlViews)
        return SqlLedger(self.views)

    @property
    def wallets(self) -> WalletViews:
        if isinstance(self.units, MemoryUnits):
            return MemoryWalletViews(self.units.database)
        assert isinstance(self.views, SqlViews)
        return SqlWalletViews(self.views)


def book_of(queue: JobQueue) -> JobBook:
    """People's side of the same queue."""
    if isinstance(queue, MemoryJobQueue):
        return MemoryJobBook(queue.database)
    assert isinstance(queue, SqlJobQueue)
    return SqlJobBook(queue.store, queue.reads)


@pytest.fixture(params=STORAGES)
def storage_url(request: pytest.FixtureRequest) -> str | None:
    """Of an empty database with this version's tables; None for the one in memory."""
    if request.param == "memory":
        return None
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def storage(storage_url: str | None) -> AsyncIterator[Storage]:
    async with open_storage(storage_url) as opened:
        await opened.tenants.add(a_tenant(ACME))
        await opened.tenants.add(a_tenant(OTHER, name="Other"))
        yield opened


@asynccontextmanager
async def open_storage(url: str | None) -> AsyncIterator[Storage]:
    if url is None:
        yield memory_storage()
        return
    clock = StillClock()
    async with running_database(url, clock) as sql:
        yield Storage(
            sql.units,
            sql.job_queue,
            sql.job_book,
            sql.tenants,
            sql.views,
            clock,
            sql.circuit_board,
            sql.track_board,
        )


def memory_storage() -> Storage:
    """Without any tenant."""
    rows = MemoryDatabase()
    return Storage(
        MemoryUnits(rows),
        MemoryJobQueue(rows),
        MemoryJobBook(rows),
        MemoryTenants(rows),
        MemoryViews(rows),
        StillClock(),
        MemoryCircuitBoard(rows),
        MemoryTrackBoard(rows),
    )


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, to be copied: migrating takes longer than a test."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    await upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "storage.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
async def postgres_database(postgres_cluster: Cluster) -> str:
    """A migrated database. Its owner is not whom the service logs in as."""
    name = postgres_cluster.new_database()
    await upgrade(postgres_cluster.owner_dsn(name), "app")
    return name


@pytest.fixture
def postgres_url(postgres_database: str, postgres_cluster: Cluster) -> str:
    """Emptied, which takes a tenth of the time of a new one."""
    postgres_cluster.execute(EMPTY, postgres_database)
    return postgres_cluster.app_dsn(postgres_database)
