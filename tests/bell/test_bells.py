"""Bells: heard by all while the bus is there, and never needed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.bell.bus import BusBell, Line, serving
from adapters.bell.choice import running_bell
from adapters.bell.local import LocalBell
from domain.errors import Invalid
from domain.ids import JobId
from domain.ports.bell import Bell
from domain.ports.jobs import JobState
from tests.bell.buses import Bus, nats, valkey
from tests.builders import ACME
from tests.entrypoints.test_worker import (
    LONG_S,
    SHORT_S,
    Work,
    a_worker,
    enqueue,
    next_of,
    running,
    urgent,
)
from tests.storages import memory_storage

pytestmark = pytest.mark.anyio
PATIENCE_S = 10.0


@pytest.fixture(params=[nats, valkey], ids=["nats", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    made: Bus = request.param()
    await made.start()
    yield made
    made.kill()


class Told:
    """What a bell says of its bus."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.changed = asyncio.Event()

    def __call__(self, words: str) -> None:
        self.words.append(words)
        self.changed.set()

    async def next(self) -> str:
        async with asyncio.timeout(PATIENCE_S):
            await self.changed.wait()
        self.changed.clear()
        return self.words[-1]


@asynccontextmanager
async def a_bell(bus: Bus, told: Told | None = None) -> AsyncIterator[BusBell]:
    """Of another process, as it were; the bus is reached."""
    told = told or Told()
    async with serving(BusBell(bus.dial, told)) as bell:
        assert await told.next() == "the bell's bus is reached"
        yield bell


async def test_who_rings_hears_it_at_once_and_once() -> None:
    bell = LocalBell()
    assert not await bell.wait(0.001)
    bell.ring()
    bell.ring()
    assert await bell.wait(0)
    assert not await bell.wait(0.001)


async def test_a_ring_wakes_other_processes(bus: Bus) -> None:
    async with a_bell(bus) as ours, a_bell(bus) as theirs, a_bell(bus) as others:
        ours.ring()
        assert await ours.wait(0)
        assert await theirs.wait(PATIENCE_S)
        assert await others.wait(PATIENCE_S)


async def test_a_burst_is_one_ring_or_two(bus: Bus) -> None:
    heard: list[None] = []
    async with a_bell(bus) as ours, bus.dial(lambda: heard.append(None)) as line:
        lost = asyncio.create_task(line.lost())
        for _ in range(500):
            ours.ring()
        while not heard:  # noqa: ASYNC110 - one of many turns of the loop
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)  # four gaps: what was to come has come
        lost.cancel()
    assert 1 <= len(heard) <= 2


async def test_a_bus_that_dies_is_told_of_once_and_found_again(bus: Bus) -> None:
    told = Told()
    async with a_bell(bus, told) as ours, a_bell(bus) as theirs:
        bus.kill()
        assert "away" in await told.next()
        for _ in range(20):
            ours.ring()  # into the void
            await asyncio.sleep(0.01)
        assert len(told.words) == 2
        await bus.start()
        assert await told.next() == "the bell's bus is reached"
        async with asyncio.timeout(PATIENCE_S):
            while not await theirs.wait(0.1):
                ours.ring()


async def test_a_worker_of_another_process_is_woken(bus: Bus) -> None:
    storage, work = memory_storage(), Work()
    work.held.set()
    async with (
        a_bell(bus) as ours,
        a_bell(bus) as theirs,
        running(a_worker(storage, work, theirs, LONG_S)),
    ):
        while not work.ticks:  # noqa: ASYNC110 - it looked, and will sleep for long
            await asyncio.sleep(0)
        await enqueue(storage.units, urgent("notice:1"))
        ours.ring()
        assert await next_of(work.done) == "notice:1"


async def test_without_its_bus_all_is_done_by_the_clock(bus: Bus) -> None:
    storage, work = memory_storage(), Work()
    work.held.set()
    told = Told()
    async with a_bell(bus, told) as theirs, running(a_worker(storage, work, theirs, SHORT_S)):
        bus.kill()
        names = [f"notice:{n}" for n in range(40)]
        await enqueue(storage.units, *(urgent(name) for name in names))
        assert sorted([await next_of(work.done) for _ in names]) == sorted(names)
    kept = [await storage.book.get(ACME, JobId(name)) for name in names]
    assert {one.state for one in kept} == {JobState.DONE}
    assert len([one for one in told.words if "away" in one]) <= 1


async def test_a_bus_that_was_never_there_is_told_of_once() -> None:
    told, dead = Told(), nats()
    async with running_bell(dead.url, told) as bell:
        assert "away" in await told.next()
        bell.ring()
        assert await bell.wait(0)
        assert len(told.words) == 1


@pytest.mark.parametrize("url", ["amqp://host", "host:4222", "http://host"])
async def test_another_kind_of_bus_is_refused_in_words(url: str) -> None:
    with pytest.raises(Invalid, match="nats://"):
        async with running_bell(url, print):
            pass


async def test_without_an_url_it_is_heard_here() -> None:
    async with running_bell("", print) as bell:
        bell.ring()
        assert await bell.wait(0)


class Broken(Line):
    """A line whose server takes nothing."""

    async def ring(self) -> None:
        raise ConnectionError("no")

    async def lost(self) -> None:
        await asyncio.Event().wait()


async def test_a_ring_that_fails_is_a_lost_bus_and_no_error() -> None:
    @asynccontextmanager
    async def dial(_: object) -> AsyncIterator[Line]:
        yield Broken()

    told = Told()
    bell: Bell
    async with serving(BusBell(dial, told)) as bell:
        await told.next()
        bell.ring()
        assert "away" in await told.next()
