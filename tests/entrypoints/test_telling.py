"""Numbering goes on until it is told to stop, whatever happens to the database."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.errors import Unavailable
from domain.ids import TenantId
from domain.ports.bell import Bell
from domain.ports.webhooks import Untold
from entrypoints.telling import Numbering
from tests.builders import a_tenant
from tests.storages import memory_storage
from tests.webhooks.builders import told
from tests.webhooks.feed_world import FeedWorld, a_feed_world

pytestmark = pytest.mark.anyio


class CountingBell(Bell):
    def __init__(self, stop: asyncio.Event) -> None:
        self.rings, self.stop = 0, stop

    def ring(self) -> None:
        """The first is enough for these tests."""
        self.rings += 1
        self.stop.set()

    async def wait(self, timeout_s: float) -> bool:
        return False


class SlowStart(Untold):
    """Not there at the first look."""

    def __init__(self, inner: Untold) -> None:
        self.inner, self.looks = inner, 0

    async def tenants(self, after: TenantId | None, limit: int) -> Sequence[TenantId]:
        self.looks += 1
        if self.looks == 1:
            raise Unavailable
        return await self.inner.tenants(after, limit)


async def a_feed() -> FeedWorld:
    storage = memory_storage()
    await storage.tenants.add(a_tenant())
    return await a_feed_world(storage)


async def test_what_is_told_gets_its_number_and_the_workers_are_woken() -> None:
    feed, stop = await a_feed(), asyncio.Event()
    await feed.tell(told(1))
    bell = CountingBell(stop)
    async with asyncio.timeout(5):
        await Numbering(feed.number, bell, 0.001)(stop)
    assert [one.number for one in await feed.events()] == [1]
    assert bell.rings == 1


async def test_what_is_told_later_is_seen_at_a_later_look() -> None:
    feed, stop = await a_feed(), asyncio.Event()
    numbering = asyncio.create_task(Numbering(feed.number, CountingBell(stop), 0.001)(stop))
    await asyncio.sleep(0)
    await feed.tell(told(1))
    async with asyncio.timeout(5):
        await numbering
    assert len(await feed.events()) == 1


async def test_a_database_that_is_away_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.telling.TROUBLED_S", 0.001)
    feed, stop = await a_feed(), asyncio.Event()
    await feed.tell(told(1))
    number = replace(feed.number, untold=SlowStart(feed.number.untold))
    async with asyncio.timeout(5):
        await Numbering(number, CountingBell(stop), 0.001)(stop)
    assert len(await feed.events()) == 1
