"""Every storage of the build, one behind another: a contract runs on each of them."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs import MemoryJobQueue
from adapters.memory.tenants import MemoryTenants
from adapters.memory.unit_of_work import MemoryUnits
from adapters.memory.views import MemoryViews
from adapters.sql.database import running_database
from adapters.sql.migrate import upgrade
from domain.ports.jobs import JobQueue
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.ports.views import Views
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
    tenants: Tenants
    views: Views
    clock: StillClock


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
        yield Storage(sql.units, sql.job_queue, sql.tenants, sql.views, clock)


def memory_storage() -> Storage:
    """Without any tenant."""
    rows = MemoryDatabase()
    return Storage(
        MemoryUnits(rows),
        MemoryJobQueue(rows),
        MemoryTenants(rows),
        MemoryViews(rows),
        StillClock(),
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
