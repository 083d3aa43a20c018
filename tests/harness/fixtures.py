"""A shop for each database; each test finds it quiet, with nothing running. What earlier tests
took stays there: the verdict is over all of it."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.harness.shop import Shop, migrated, open_shop
from tests.postgres import Cluster, binaries, running

DATABASES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
]


@pytest.fixture(scope="session")
def lasting_cluster() -> Iterator[Cluster]:
    """PostgreSQL as it is in production: what it says is stored survives a crash."""
    if (folder := binaries()) is None:
        reason = "no PostgreSQL binaries: install postgresql or set CAURI_TEST_POSTGRES_BIN"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with running(folder, settings=()) as cluster:
        yield cluster


@pytest.fixture(scope="session")
async def lasting_template(
    lasting_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A migrated database, to be copied."""
    name = lasting_cluster.new_database()
    await migrated(tmp_path_factory.mktemp("template"), lasting_cluster.owner_dsn(name))
    return name


@pytest.fixture(scope="session")
async def shop_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("sqlite")) as shop:
        yield shop


@pytest.fixture(scope="session")
async def shop_on_postgres(
    lasting_cluster: Cluster, lasting_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    folder = tmp_path_factory.mktemp("postgres")
    async with open_shop(folder, cluster=lasting_cluster, template=lasting_template) as shop:
        yield shop


@pytest.fixture(params=DATABASES)
def premises(request: pytest.FixtureRequest) -> Shop:
    """The shop on each database. Not the shops themselves have the parameter: pytest would close
    one before it opens the other, and furnish both again for each file."""
    shop: Shop = request.getfixturevalue(f"shop_on_{request.param}")
    return shop


@pytest.fixture
async def shop(premises: Shop) -> AsyncIterator[Shop]:
    yield premises
    await premises.tidy()
