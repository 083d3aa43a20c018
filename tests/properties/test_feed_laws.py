"""Whatever dies or races at whichever step, numbers have no gap, and each endpoint hears each event
that it should, once, with the same bytes."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto
from itertools import count
from types import TracebackType
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.audit import MemoryAudit
from domain.errors import CommitUnknown, Unavailable
from domain.ids import EndpointId, TenantId
from domain.ports.jobs import JobKind
from domain.ports.post import NotPosted, Posted
from domain.ports.unit_of_work import UnitOfWork, Units
from domain.webhooks.delivery import DeliveryState
from domain.webhooks.endpoint import WebhookEndpoint
from tests.builders import ACME, NOW, a_tenant
from tests.storages import memory_storage
from tests.webhooks.builders import told
from tests.webhooks.feed_world import TAKEN, FeedWorld, a_feed_world


class Fate(Enum):
    """What becomes of a commit."""

    STORED = auto()
    DIES_BEFORE = auto()
    DIES_AFTER = auto()
    REFUSED = auto()
    ANSWER_LOST = auto()
    OVERTAKEN = auto()  # another worker numbers first


class Died(BaseException):
    """The process ends here."""


class FragileUnit:
    """A unit as it is, but for its commit."""

    def __init__(self, inner: UnitOfWork, units: "FragileUnits") -> None:
        self._inner, self._units = inner, units

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def __aenter__(self) -> "FragileUnit":
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._inner.__aexit__(kind, error, at)

    async def commit(self) -> None:
        fate = self._units.fate()
        if fate is Fate.DIES_BEFORE:
            raise Died
        if fate is Fate.REFUSED:
            raise Unavailable
        if fate is Fate.OVERTAKEN:
            await self._units.overtake()
        await self._inner.commit()
        if fate is Fate.DIES_AFTER:
            raise Died
        if fate is Fate.ANSWER_LOST:
            raise CommitUnknown


class FragileUnits(Units):
    def __init__(self, inner: Units, fate: Callable[[], Fate]) -> None:
        self.inner, self.fate = inner, fate
        self.feed: FeedWorld | None = None

    def __call__(self, tenant_id: TenantId) -> Any:
        return FragileUnit(self.inner(tenant_id), self)

    async def overtake(self) -> None:
        assert self.feed is not None
        await replace(self.feed.number, units=self.inner)()


class Story:
    """A tenant whose events are told, numbered and delivered while things go wrong."""

    def __init__(self, feed: FeedWorld, units: FragileUnits) -> None:
        self.feed, self.units, self.numbers = feed, units, count(1)
        self.changed: set[EndpointId] = set()  # since then no simple rule says what they heard

    async def step(self, action: str) -> None:
        try:
            await getattr(self, action)()
        except Died:
            self.feed.world.clock.advance(61)  # until its leases have run out

    async def tell(self) -> None:
        await self.feed.tell(told(next(self.numbers), at=NOW))

    async def pay(self) -> None:
        await self.feed.paid(f"k{next(self.numbers)}")

    async def listen(self) -> None:
        if len(await self._endpoints()) < 3:
            url = f"https://{next(self.numbers)}.example"
            await self.feed.endpoint(url, ordered=len(url) % 2 == 0)

    async def listen_to_some(self) -> None:
        if len(await self._endpoints()) < 3:
            await self.feed.endpoint(f"https://{next(self.numbers)}.example", "payment.succeeded")

    async def delete(self) -> None:
        for one in (await self._endpoints())[:1]:
            await self.feed.delete(ACME, one.id)

    async def number(self) -> None:
        await self.feed.number()

    async def deliver(self) -> None:
        await self.feed.world.run_jobs(5)

    async def wait(self) -> None:
        self.feed.world.clock.advance(400)

    async def replay(self) -> None:
        from application.webhooks.replay import Which

        for one in (await self._endpoints())[:1]:
            self.changed.add(one.id)
            await self.feed.replay(ACME, one.id, Which(first=1, last=3))

    async def _endpoints(self) -> list[WebhookEndpoint]:
        return list(await self.feed.views.endpoints(ACME))


ACTIONS = (
    "tell", "tell", "pay", "listen", "listen_to_some", "delete", "number", "number", "deliver",
    "deliver", "wait", "replay",
)  # fmt: skip


@given(
    actions=st.lists(st.sampled_from(ACTIONS), min_size=5, max_size=30),
    fates=st.lists(st.sampled_from(list(Fate)), max_size=40),
    answers=st.lists(
        st.sampled_from([TAKEN, Posted(500, 1), NotPosted("timed out", 15_000)]), max_size=6
    ),
)
def test_nothing_is_lost_and_nothing_doubled(
    actions: list[str], fates: list[Fate], answers: list[Posted | NotPosted]
) -> None:
    asyncio.run(tell_the_story(actions, fates, answers))


async def tell_the_story(
    actions: list[str], fates: list[Fate], answers: list[Posted | NotPosted]
) -> None:
    storage = memory_storage()
    await storage.tenants.add(a_tenant())
    units = FragileUnits(storage.units, lambda: fates.pop() if fates else Fate.STORED)
    feed = await a_feed_world(storage, units)
    feed.world.run_jobs = replace(feed.world.run_jobs, units=units)
    units.feed = feed
    for number in range(1, 60):
        feed.post.script[f"https://{number}.example"] = list(answers)
    story = Story(feed, units)
    for action in actions:
        await story.step(action)
    fates.clear()
    for wait_s in (61, 3600, 6 * 3600, 86_400, 86_400, 2 * 86_400, 4 * 86_400):
        await feed.work(wait_s)
    await holds(feed, story)


async def holds(feed: FeedWorld, story: Story) -> None:
    database = feed.world.database
    audit = MemoryAudit(database)
    assert list(await audit.mistold(ACME, NOW, 99)) == []
    shelf = database.shelf(ACME)
    events = await feed.events()
    assert [one.number for one in events] == list(range(1, len(events) + 1))
    assert {one.id for one in events} == set(shelf.feed)
    bodies: dict[str, bytes | None] = {one.id: one.body for one in events}
    for heard in feed.post.heard:
        assert heard.body == bodies[heard.id]
    for endpoint in shelf.endpoints.values():
        mine = [one for (to, _), one in shelf.deliveries.items() if to == endpoint.id]
        over = DeliveryState.DELIVERED if endpoint.is_active else DeliveryState.DROPPED
        assert {one.state for one in mine} <= {DeliveryState.DELIVERED, over}
        should = {
            one.id
            for one in events
            if one.number > endpoint.since_number and endpoint.hears(one.topic, one.subject)
        }
        if endpoint.is_active and endpoint.id not in story.changed:
            assert {one.event_id for one in mine} == should
            assert {one.id for one in feed.post.at(endpoint.url)} == should
        assert [one.number for one in mine] == [shelf.feed[one.event_id].number for one in mine]
    jobs = [job for job in shelf.jobs.values() if job.kind is JobKind.DELIVER]
    assert len(jobs) == sum(one.replays + 1 for one in shelf.deliveries.values())


def test_a_story_in_which_all_goes_well_is_told_whole() -> None:
    """The apparatus tells something."""

    async def story() -> int:
        storage = memory_storage()
        await storage.tenants.add(a_tenant())
        feed = await a_feed_world(storage)
        await feed.endpoint("https://1.example")
        await feed.paid()
        await feed.work()
        return len(feed.post.heard)

    assert asyncio.run(story()) == 2
