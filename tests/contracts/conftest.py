"""What contracts are run on: every storage, every provider with a remote side."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from tests.storages import (
    postgres_database,
    postgres_url,
    sqlite_template,
    sqlite_url,
    storage,
    storage_url,
)

if TYPE_CHECKING:
    from tests.contracts.provider_worlds import Shop

__all__ = [
    "postgres_database",
    "postgres_url",
    "sqlite_template",
    "sqlite_url",
    "storage",
    "storage_url",
]


@pytest.fixture
async def shop(name: str) -> AsyncIterator["Shop"]:
    """A merchant's account at the provider of that name, connected as the platform does it.

    The providers are looked for here, so that one of them that is broken breaks its own tests.
    """
    from tests.contracts.provider_worlds import MANIFESTS, open_shop

    async with open_shop(MANIFESTS[name]) as opened:
        yield opened
