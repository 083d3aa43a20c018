"""A shop for each module and database; each test finds it quiet, with nothing running."""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

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


@pytest.fixture(scope="module", params=DATABASES)
def housing(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Which database. Parametrize it with "sqlite" or "postgres", indirectly, for that one only."""
    if request.param == "sqlite":
        return {}
    return {name: request.getfixturevalue(f"lasting_{name}") for name in ("cluster", "template")}


@pytest.fixture(scope="module")
async def premises(
    housing: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("shop"), **housing) as shop:
        yield shop


@pytest.fixture
async def shop(premises: Shop) -> AsyncIterator[Shop]:
    yield premises
    await premises.tidy()
