"""What contracts are run on: every storage, every provider with a remote side."""

from collections.abc import AsyncIterator

import pytest

from tests.contracts.provider_worlds import MANIFESTS, Shop, open_shop
from tests.contracts.storages import (
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
async def shop(name: str) -> AsyncIterator[Shop]:
    """A merchant's account at the provider of that name, connected as the platform does it."""
    async with open_shop(MANIFESTS[name]) as opened:
        yield opened
