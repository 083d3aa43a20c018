"""Events get their numbers once, and a delivery to each endpoint that hears them."""

import asyncio
from typing import Any

import pytest

from application.webhooks.endpoints import EndpointChanges, NewEndpoint
from domain.errors import Invalid, NotFound, Refused
from domain.ids import EndpointId
from domain.ports.webhooks import Bodies
from domain.webhooks.endpoint import MOST_ENDPOINTS
from domain.webhooks.told import Topic, in_order
from tests.builders import ACME, OTHER, current, later, php
from tests.storages import Storage
from tests.webhooks.builders import event_id, told
from tests.webhooks.feed_world import URL, FeedWorld, a_feed_world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def feed(storage: Storage) -> FeedWorld:
    return await a_feed_world(storage)


async def test_a_paid_payment_is_told_in_order_with_what_the_api_shows(feed: FeedWorld) -> None:
    made = await feed.endpoint(ordered=True)
    payment = await feed.paid()
    await feed.work()
    await feed.work(1)  # who was claimed beside the one before it comes a second later
    heard = [one.event for one in feed.post.at(URL)]
    assert [(one["number"], one["type"]) for one in heard] == [
        (1, "payment.pending"),
        (2, "payment.succeeded"),
    ]
    assert {one["data"]["id"] for one in heard} == {payment.id}
    assert heard[1]["data"]["status"] == "succeeded"
    assert heard[1]["timestamp"] == "2026-02-07T09:58:00Z"
    events = await feed.events()
    assert [one.body for one in events] == [one.body for one in feed.post.at(URL)]
    assert [one.id for one in events] == [one["id"] for one in heard]
    assert feed.troubles == []
    assert made.secret.startswith("whsec_")


async def test_a_hundred_copies_of_a_callback_are_told_once(feed: FeedWorld) -> None:
    await feed.endpoint(URL, "payment.succeeded")
    payment = await feed.world.pay()
    attempt = current(payment)
    feed.world.companies.maya.pay(attempt.id)
    body = f"evt_1|{attempt.id}|{attempt.charged.minor}"
    await asyncio.gather(*(feed.world.call_back("maya", body) for _ in range(100)))
    await feed.work()
    await feed.work(86_400)
    assert [one.event["data"]["id"] for one in feed.post.at(URL)] == [payment.id]


async def test_a_refund_is_told_as_the_refund(feed: FeedWorld) -> None:
    await feed.endpoint(URL, "refund.succeeded")
    refund = await feed.world.give_back(await feed.paid(), "500.00")
    await feed.work()
    (heard,) = feed.post.at(URL)
    assert (heard.event["type"], heard.event["number"]) == ("refund.succeeded", 3)
    assert heard.event["data"]["id"] == refund.id
    assert heard.event["data"]["amount"] == php("500.00").major


async def test_each_endpoint_hears_what_it_asked_for(feed: FeedWorld) -> None:
    await feed.endpoint("https://all.example")
    await feed.endpoint("https://some.example", "payment.succeeded", "payment.failed")
    await feed.endpoint("https://none.example", "invoice.paid")
    await feed.paid()
    await feed.work()
    assert sorted(one.event["number"] for one in feed.post.at("https://all.example")) == [1, 2]
    assert [one.event["number"] for one in feed.post.at("https://some.example")] == [2]
    assert feed.post.at("https://none.example") == []


async def test_events_before_an_endpoint_existed_are_not_sent_to_it(feed: FeedWorld) -> None:
    await feed.paid()
    await feed.work()
    made = await feed.endpoint()
    assert made.endpoint.since_number == 2
    await feed.paid("k2")
    await feed.work()
    assert [one.event["number"] for one in feed.post.at(URL)] == [3, 4]


async def test_numbers_are_each_tenants_own(feed: FeedWorld) -> None:
    await feed.tell(told(1), told(2))
    async with feed.world.units(OTHER) as unit:
        unit.feed.tell(told(1))
        await unit.commit()
    assert await feed.number() == 3
    assert [one.number for one in await feed.views.events(OTHER, 0, 9)] == [1]
    assert [one.number for one in await feed.events()] == [1, 2]
    assert await feed.number() == 0


async def test_a_batch_is_bounded_and_the_next_goes_on(feed: FeedWorld) -> None:
    await feed.tell(*(told(number) for number in range(1, 151)))
    assert [await feed.number() for _ in range(4)] == [64, 64, 22, 0]
    events = await feed.events()
    assert [one.number for one in events] == list(range(1, 151))
    assert [one.id for one in events] == [event_id(number) for number in range(1, 151)]


async def test_a_tenant_in_trouble_does_not_hold_up_the_others(
    feed: FeedWorld, storage: Storage
) -> None:
    await feed.tell(told(1))
    async with feed.world.units(OTHER) as unit:
        unit.feed.tell(told(2))
        await unit.commit()
    right = feed.number.bodies

    class Fussy(Bodies):
        def __call__(self, one, number, about):  # type: ignore[no-untyped-def]
            if one.id == event_id(1):
                raise ValueError("can't be shown")
            return right(one, number, about)

    broken = type(feed.number)(
        storage.untold, storage.units, Fussy(), feed.world.clock, feed.number.troubles
    )
    assert await broken() == 1
    assert len(await feed.views.events(OTHER, 0, 9)) == 1
    assert feed.troubles == [f'{ACME}: ValueError("can\'t be shown")']
    assert await feed.number() == 1


async def test_what_happened_comes_in_its_order_whatever_the_clocks_said() -> None:
    facts = [
        told(1, at=later(9), subject="pay_a"),
        told(2, at=later(3), subject="pay_a"),
        told(3, at=later(5), subject="pay_b"),
    ]
    assert [one.id for one in in_order(facts)] == [event_id(1), event_id(3), event_id(2)]


async def test_a_test_event_goes_to_its_endpoint_alone(feed: FeedWorld) -> None:
    made = await feed.endpoint(URL, "invoice.paid")
    await feed.endpoint("https://all.example")
    sent = await feed.test(ACME, made.endpoint.id)
    await feed.work()
    (heard,) = feed.post.heard
    assert (heard.url, heard.id, heard.event["type"]) == (URL, sent, "webhook.test")
    assert (await feed.events())[0].topic is Topic.TEST


async def test_a_disabled_endpoint_hears_nothing_until_it_is_enabled(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    await feed.endpoint("https://other.example", "webhook_endpoint.disabled")
    await feed.update(ACME, made.endpoint.id, changes(active=False))
    with pytest.raises(Refused):
        await feed.test(ACME, made.endpoint.id)
    await feed.paid()
    await feed.work()
    assert feed.post.at(URL) == []
    (other,) = feed.post.at("https://other.example")
    assert other.event["data"]["id"] == made.endpoint.id
    enabled = await feed.update(ACME, made.endpoint.id, changes(active=True))
    assert (enabled.is_active, enabled.since_number) == (True, 3)
    await feed.paid("k2")
    await feed.work()
    assert [one.event["number"] for one in feed.post.at(URL)] == [4, 5]


async def test_other_topics_count_from_the_next_event(feed: FeedWorld) -> None:
    made = await feed.endpoint(URL, "payment.succeeded")
    await feed.paid()
    await feed.work()
    wanted = frozenset({"payment.pending"})
    moved = await feed.update(ACME, made.endpoint.id, changes(events=wanted))
    assert moved.since_number == 2
    await feed.paid("k2")
    await feed.work()
    assert [one.event["type"] for one in feed.post.at(URL)] == [
        "payment.succeeded",
        "payment.pending",
    ]


async def test_an_update_that_changes_nothing_writes_nothing(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    again = await feed.update(ACME, made.endpoint.id, changes(url=URL, active=True))
    assert again.version == made.endpoint.version


async def test_a_deleted_endpoint_gets_nothing_more(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    await feed.paid()
    await feed.number()
    await feed.delete(ACME, made.endpoint.id)
    await feed.paid("k2")
    await feed.work()
    assert feed.post.heard == []
    page = await feed.views.deliveries_to(ACME, made.endpoint.id, None, None, 9)
    assert {one.state for one in page.deliveries} == {"dropped"}
    assert len(page.deliveries) == 2
    with pytest.raises(NotFound):
        await feed.delete(ACME, made.endpoint.id)


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("url", {"url": "http://shop.example"}),
        ("url", {"url": "https://" + "x" * 2048}),
        ("events", {"events": ("payment.paid",)}),
        ("events", {"events": ("webhook.test",)}),
        ("description", {"description": "x" * 501}),
        ("description", {"description": "4111 1111 1111 1111"}),
    ],
)
async def test_what_an_endpoint_may_not_be(
    feed: FeedWorld, field: str, new: dict[str, str | tuple[str, ...]]
) -> None:
    made = await feed.endpoint()
    for attempt in (
        lambda: feed.create(a_new(**new)),
        lambda: feed.update(ACME, made.endpoint.id, changes(**new)),
    ):
        with pytest.raises(Invalid) as refused:
            await attempt()
        assert refused.value.field == field


async def test_a_tenant_has_so_many_endpoints_at_most(feed: FeedWorld) -> None:
    made = [await feed.endpoint(f"https://{number}.example") for number in range(MOST_ENDPOINTS)]
    with pytest.raises(Refused, match="delete one"):
        await feed.endpoint()
    await feed.delete(ACME, made[0].endpoint.id)
    await feed.endpoint()


async def test_another_tenants_endpoint_is_not_found(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    for attempt in (
        lambda: feed.update(OTHER, made.endpoint.id, changes(url=URL)),
        lambda: feed.rotate(OTHER, made.endpoint.id),
        lambda: feed.delete(OTHER, made.endpoint.id),
        lambda: feed.test(OTHER, made.endpoint.id),
        lambda: feed.test(ACME, EndpointId("whk_never")),
    ):
        with pytest.raises(NotFound):
            await attempt()


def changes(**some: Any) -> EndpointChanges:
    return EndpointChanges(**_with_set(some))


def a_new(**some: Any) -> NewEndpoint:
    return NewEndpoint(**({"tenant_id": ACME, "url": URL} | _with_set(some)))


def _with_set(some: dict[str, Any]) -> dict[str, Any]:
    return some | ({"events": frozenset(some["events"])} if "events" in some else {})
