"""A site for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.http.site import Site, a_site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with a_site() as made:
        yield made
