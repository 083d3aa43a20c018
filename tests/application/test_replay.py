"""What was told is told again, on the same deliveries and with the same bytes."""

import pytest

from application.webhooks.replay import PAGE, PAGES, Replayed, Which
from domain.errors import Invalid, NotFound, Refused
from domain.ids import EndpointId
from domain.ports.post import Posted
from domain.webhooks.delivery import SCHEDULE_S, DeliveryState
from tests.builders import ACME, NOW, OTHER, a_tenant, later
from tests.storages import Storage, memory_storage
from tests.webhooks.builders import event_id, told
from tests.webhooks.feed_world import URL, FeedWorld, a_feed_world

pytestmark = pytest.mark.anyio

DOWN = Posted(500, 30)


@pytest.fixture
async def feed(storage: Storage) -> FeedWorld:
    return await a_feed_world(storage)


async def some(feed: FeedWorld, many: int, first: int = 1) -> None:
    """Events a second apart."""
    await feed.tell(*(told(one, at=later(one)) for one in range(first, first + many)))
    for _ in range(60):
        await feed.work(0.1)


def numbers(feed: FeedWorld, url: str = URL) -> list[int]:
    return sorted(one.event["number"] for one in feed.post.at(url))


async def again(feed: FeedWorld, endpoint: EndpointId, which: Which) -> Replayed:
    """Replay, and what comes of it."""
    feed.post.heard.clear()
    done = await feed.replay(ACME, endpoint, which)
    for _ in range(60):
        await feed.work(0.1)
    return done


async def test_one_event_is_sent_again_with_the_same_bytes(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    await some(feed, 2)
    before = {one.id: one.body for one in feed.post.heard}
    done = await again(feed, made.endpoint.id, Which(event_id=event_id(2)))
    assert done == Replayed(1, None)
    assert [(one.id, one.body) for one in feed.post.heard] == [(event_id(2), before[event_id(2)])]
    delivery = await feed.delivery(made.endpoint.id, event_id(2))
    assert (delivery.state, delivery.replays, delivery.tries, delivery.sends) == (
        DeliveryState.DELIVERED, 1, 1, 2,
    )  # fmt: skip
    log = await feed.views.tries(ACME, made.endpoint.id, event_id(2))
    assert [one.number for one in log] == [1, 2]


async def test_a_range_of_numbers(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    await some(feed, 6)
    done = await again(feed, made.endpoint.id, Which(first=2, last=4))
    assert (done, numbers(feed)) == (Replayed(3, None), [2, 3, 4])
    done = await again(feed, made.endpoint.id, Which(first=6, last=99))
    assert (done, numbers(feed)) == (Replayed(1, None), [6])


async def test_a_range_of_times(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    await some(feed, 6)
    done = await again(feed, made.endpoint.id, Which(since=later(2), until=later(4)))
    assert (done, numbers(feed)) == (Replayed(2, None), [2, 3])


async def test_a_new_endpoint_hears_what_was_before_it(feed: FeedWorld) -> None:
    await some(feed, 3)
    made = await feed.endpoint(URL, "wallet.credited")
    await feed.paid()
    await feed.work()
    assert numbers(feed) == []
    done = await again(feed, made.endpoint.id, Which(first=1, last=99))
    assert (done, numbers(feed)) == (Replayed(3, None), [1, 2, 3]), "what it listens to"
    delivery = await feed.delivery(made.endpoint.id, event_id(1))
    assert (delivery.state, delivery.replays) == (DeliveryState.DELIVERED, 0)


async def test_all_that_failed_and_nothing_else(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    feed.post.script[URL] = [DOWN] * len(SCHEDULE_S)
    await feed.tell(told(1))
    await feed.work()
    for _ in range(60):
        await feed.work(2 * 3600)
    failed = await feed.delivery(made.endpoint.id, event_id(1))
    assert failed.state is DeliveryState.FAILED
    await some(feed, 2, first=2)
    done = await again(feed, made.endpoint.id, Which(failed=True))
    assert (done, numbers(feed)) == (Replayed(1, None), [1])
    delivery = await feed.delivery(made.endpoint.id, event_id(1))
    assert (delivery.state, delivery.tries) == (DeliveryState.DELIVERED, 1)
    assert await again(feed, made.endpoint.id, Which(failed=True)) == Replayed(0, None)


async def test_what_waits_goes_at_once_and_only_once(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    feed.post.script[URL] = [DOWN, DOWN, DOWN]
    await some(feed, 1)
    await feed.work(6)
    await feed.work(400)
    assert (await feed.delivery(made.endpoint.id, event_id(1))).tries == 3
    await again(feed, made.endpoint.id, Which(event_id=event_id(1)))
    assert numbers(feed) == [1]
    await feed.work(3 * 86_400)
    assert numbers(feed) == [1], "the round before has ended"


async def test_one_call_begins_so_many_and_tells_the_rest() -> None:
    storage = memory_storage()
    await storage.tenants.add(a_tenant())
    feed = await a_feed_world(storage)
    many = PAGE * PAGES + 30
    await feed.tell(*(told(one, at=later(one // 700)) for one in range(1, many + 1)))
    while await feed.number():
        pass
    made = await feed.endpoint()
    for which in (Which(first=1, last=many), Which(since=NOW, until=later(99))):
        done = await feed.replay(ACME, made.endpoint.id, which)
        assert done.events == PAGE * PAGES
        assert done.rest is not None
        assert await feed.replay(ACME, made.endpoint.id, done.rest) == Replayed(30, None)
    page = await feed.views.deliveries_to(ACME, made.endpoint.id, None, None, 2 * many)
    assert {one.replays for one in page.deliveries} == {1}
    assert len(page.deliveries) == many


@pytest.mark.parametrize(
    "which",
    [
        Which(),
        Which(first=1),
        Which(until=NOW),
        Which(first=1, last=2, failed=True),
        Which(event_id=event_id(1), since=NOW, until=NOW),
    ],
)
async def test_a_replay_is_of_one_kind(which: Which) -> None:
    with pytest.raises(Invalid, match="name an event"):
        which.check()


@pytest.mark.parametrize("which", [Which(first=3, last=2), Which(since=later(2), until=later(1))])
async def test_a_range_that_ends_before_it_begins_is_a_mistake(which: Which) -> None:
    with pytest.raises(Invalid, match="ends before it begins"):
        which.check()


async def test_what_cant_be_replayed(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    await some(feed, 1)
    one, never = Which(event_id=event_id(1)), Which(event_id=event_id(9))
    with pytest.raises(NotFound):
        await feed.replay(ACME, made.endpoint.id, never)
    with pytest.raises(NotFound):
        await feed.replay(OTHER, made.endpoint.id, one)
    async with feed.world.units(ACME) as unit:
        found = await unit.endpoints.get(made.endpoint.id)
        unit.endpoints.save(found.disable("why", NOW))
        await unit.commit()
    with pytest.raises(Refused, match="enable it first"):
        await feed.replay(ACME, made.endpoint.id, one)
