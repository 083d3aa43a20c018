"""Use cases run over every storage of the build."""

import pytest

from tests.application.world import World, a_world
from tests.storages import (
    Storage,
    postgres_database,
    postgres_url,
    sqlite_template,
    sqlite_url,
    storage,
    storage_url,
)

__all__ = [
    "postgres_database",
    "postgres_url",
    "sqlite_template",
    "sqlite_url",
    "storage",
    "storage_url",
]


@pytest.fixture
async def world(storage: Storage) -> World:
    return await a_world(storage)
