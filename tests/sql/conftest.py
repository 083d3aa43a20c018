"""A migrated database of each kind."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from adapters.sql.database import Database, running_database
from adapters.sql.migrate import upgrade
from tests.builders import StillClock
from tests.postgres import Cluster

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
ROLE = "app"


@dataclass(frozen=True)
class Place:
    """An empty database. `owner` migrates; `app` is what the service logs in with."""

    owner: str
    app: str

    @property
    def is_postgres(self) -> bool:
        return self.app.startswith("postgresql")

    async def upgrade(self) -> None:
        await upgrade(self.owner, ROLE if self.is_postgres else None)


@pytest.fixture(params=KINDS)
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Place]:
    """Makes as many as a test wants."""
    numbers = count(1)

    def make() -> Place:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path}/{next(numbers)}.db"
            return Place(url, url)
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        name = cluster.new_database()
        return Place(cluster.owner_dsn(name), cluster.app_dsn(name))

    return make


@pytest.fixture
def place(new_place: Callable[[], Place]) -> Place:
    return new_place()


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    """Migrated and running."""
    await place.upgrade()
    async with running_database(place.app, StillClock()) as running:
        yield running


@dataclass(frozen=True)
class Server:
    """A migrated PostgreSQL database, and connections as its owner or as the service."""

    place: Place

    @asynccontextmanager
    async def connection(self, dsn: str, tenants: str | None = None) -> AsyncIterator[Any]:
        connection = await asyncpg.connect(dsn)
        try:
            if tenants is not None:
                await connection.execute("SELECT set_config('app.tenants', $1, false)", tenants)
            yield connection
        finally:
            await connection.close()

    def as_app(self, tenants: str | None = None) -> Any:
        return self.connection(self.place.app, tenants)

    def as_owner(self) -> Any:
        return self.connection(self.place.owner)


@pytest.fixture
async def server(postgres_cluster: Cluster) -> Server:
    name = postgres_cluster.new_database()
    found = Server(Place(postgres_cluster.owner_dsn(name), postgres_cluster.app_dsn(name)))
    await found.place.upgrade()
    return found
