"""A delivery is tried until it is taken or given up, and every try is logged."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from application.webhooks.gate import CALLS
from domain.ids import EndpointId
from domain.ports.jobs import Job, JobKind
from domain.ports.post import NotPosted, Posted
from domain.webhooks.delivery import SCHEDULE_S, Delivery, DeliveryState
from domain.webhooks.endpoint import GONE, SILENT, EndpointState
from tests.builders import ACME, NOW
from tests.storages import Storage
from tests.webhooks.builders import event_id, told
from tests.webhooks.feed_world import TAKEN, URL, FeedWorld, ScriptedPost, a_feed_world

pytestmark = pytest.mark.anyio

DOWN = Posted(500, 30, b"oops \x00 \xff Bearer abc")
DAYS = timedelta(days=1)


@pytest.fixture
async def feed(storage: Storage) -> FeedWorld:
    return await a_feed_world(storage)


async def one_event(feed: FeedWorld, *answers: Posted | NotPosted) -> EndpointId:
    """An endpoint that gives these answers, and one event on its way to it."""
    made = await feed.endpoint()
    feed.post.script[URL] = list(answers)
    await feed.tell(told(1))
    await feed.work()
    return made.endpoint.id


async def test_what_is_taken_is_over(feed: FeedWorld) -> None:
    endpoint_id = await one_event(feed, Posted(201, 7, b"thanks"))
    delivery = await feed.delivery(endpoint_id, event_id(1))
    assert (delivery.state, delivery.last_status) == (DeliveryState.DELIVERED, 201)
    assert (delivery.delivered_at, delivery.tries) == (NOW, 1)
    await feed.work(10 * 86_400)
    assert len(feed.post.heard) == 1
    (log,) = await feed.views.tries(ACME, endpoint_id, event_id(1))
    assert (log.status, log.error, log.ms, log.answer) == (201, None, 7, "thanks")


async def test_it_is_signed_with_the_secret_that_was_shown(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    await feed.tell(told(1))
    await feed.work()
    assert verified(feed, made.secret)
    with pytest.raises(WebhookVerificationError):
        verified(feed, "whsec_" + "A" * 43 + "=")


async def test_a_replaced_secret_signs_for_another_day(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    renewed = await feed.rotate(ACME, made.endpoint.id)
    for number, seconds, old_one_fits in ((1, 0, True), (2, 86_399, True), (3, 1, False)):
        feed.world.clock.advance(seconds)
        await feed.tell(told(number))
        await feed.work()
        assert verified(feed, renewed.secret)
        if old_one_fits:
            assert verified(feed, made.secret)
        else:
            with pytest.raises(WebhookVerificationError):
                verified(feed, made.secret)


def verified(feed: FeedWorld, secret: str) -> bool:
    """The last request, by the standard's own library. Its clock is not ours."""
    last = feed.post.heard[-1]
    at = datetime.fromtimestamp(
        int(last.headers["webhook-timestamp"]), feed.world.clock.now().tzinfo
    )
    assert at == feed.world.clock.now()
    signed = Webhook(secret).sign(last.id, at, last.body.decode())
    if signed not in last.headers["webhook-signature"].split(" "):
        raise WebhookVerificationError("none of the signatures is this secret's")
    return True


async def test_the_schedule_is_kept_and_the_bytes_are_the_same(feed: FeedWorld) -> None:
    endpoint_id = await one_event(feed, *[DOWN] * len(SCHEDULE_S))
    times = [feed.world.clock.now()]
    for wait_s in SCHEDULE_S[1:]:
        due = (await feed.delivery(endpoint_id, event_id(1))).next_at
        waited_s = (due - times[-1]).total_seconds()
        assert 0.9 * wait_s <= waited_s <= 1.1 * wait_s
        before = len(feed.post.heard)
        await feed.work((due - feed.world.clock.now()).total_seconds() - 0.001)
        assert len(feed.post.heard) == before
        await feed.work(0.001)
        assert len(feed.post.heard) == before + 1
        times.append(feed.world.clock.now())
    delivery = await feed.delivery(endpoint_id, event_id(1))
    assert (delivery.state, delivery.tries) == (DeliveryState.FAILED, 10)
    assert len({one.body for one in feed.post.heard}) == 1
    assert len({one.id for one in feed.post.heard}) == 1
    log = await feed.views.tries(ACME, endpoint_id, event_id(1))
    assert [one.number for one in log] == list(range(1, 11))
    assert [one.at for one in log] == times
    assert log[0].answer == "oops  \ufffd Bearer abc"


async def test_jitter_parts_what_failed_together() -> None:
    waits = {a_missed(number).next_at for number in range(1, 30)}
    assert len(waits) > 5


def a_missed(number: int) -> Delivery:
    fresh = Delivery(
        endpoint_id=EndpointId("whk_1"),
        event_id=event_id(number),
        number=number,
        payment_id=None,
        next_at=NOW,
    )
    return fresh.missed(500, "x", NOW)


@pytest.mark.parametrize(
    ("status", "asked_s", "waited_s"),
    [(429, 3600, 3600), (503, 3600, 3600), (429, 10**9, 86_400), (500, 3600, 5), (429, 1, 5)],
)
async def test_patience_that_is_asked_for(
    feed: FeedWorld, status: int, asked_s: int, waited_s: int
) -> None:
    endpoint_id = await one_event(feed, Posted(status, 5, b"", asked_s))
    due = (await feed.delivery(endpoint_id, event_id(1))).next_at
    assert abs((due - NOW).total_seconds() - waited_s) <= (0.5 if waited_s == 5 else 0)


async def test_patience_holds_for_other_events_of_that_endpoint(feed: FeedWorld) -> None:
    await feed.endpoint("https://other.example")
    await one_event(feed, Posted(429, 5, b"", 600))
    await feed.tell(told(2))
    await feed.work()
    assert len(feed.post.at("https://other.example")) == 2
    assert len(feed.post.at(URL)) == 1
    await feed.work(500)
    assert len(feed.post.at(URL)) == 1
    await feed.work(200)
    assert len(feed.post.at(URL)) == 3


@pytest.mark.parametrize(
    "answer", [Posted(302, 5), Posted(404, 5), NotPosted("timed out", 15_000), Posted(199, 1)]
)
async def test_everything_but_2xx_is_tried_again(
    feed: FeedWorld, answer: Posted | NotPosted
) -> None:
    endpoint_id = await one_event(feed, answer)
    delivery = await feed.delivery(endpoint_id, event_id(1))
    assert delivery.is_waiting
    assert delivery.last_error == (
        f"it answered {answer.status}" if isinstance(answer, Posted) else "timed out"
    )
    await feed.work(6)
    assert (await feed.delivery(endpoint_id, event_id(1))).state is DeliveryState.DELIVERED


async def test_gone_disables_at_once_and_the_others_are_told(feed: FeedWorld) -> None:
    await feed.endpoint("https://other.example")
    endpoint_id = await one_event(feed, Posted(410, 5))
    endpoint = await feed.views.endpoint(ACME, endpoint_id)
    assert (endpoint.state, endpoint.reason) == (EndpointState.DISABLED, GONE)
    assert (await feed.delivery(endpoint_id, event_id(1))).state is DeliveryState.FAILED
    assert [one.event["type"] for one in feed.post.at("https://other.example")] == [
        "wallet.credited",
        "webhook_endpoint.disabled",
    ]
    await feed.tell(told(5))
    await feed.work(86_400)
    assert len(feed.post.at(URL)) == 1


async def test_five_days_without_a_success_disable(feed: FeedWorld) -> None:
    endpoint_id = await one_event(feed, *[DOWN] * 99)
    endpoint = await feed.views.endpoint(ACME, endpoint_id)
    while endpoint.is_active:
        await feed.tell(told(2 + len(await feed.events())))
        await feed.work(86_400 / 2)
        endpoint = await feed.views.endpoint(ACME, endpoint_id)
    assert (endpoint.state, endpoint.reason) == (EndpointState.DISABLED, SILENT)
    assert endpoint.disabled_at is not None
    assert endpoint.failing_since == NOW
    assert 5 * DAYS <= endpoint.disabled_at - NOW <= 5.5 * DAYS
    sent = len(feed.post.heard)
    await feed.work(3 * 86_400)  # what waited for its next try is given up
    page = await feed.views.deliveries_to(ACME, endpoint_id, None, None, 99)
    assert {one.state for one in page.deliveries} == {DeliveryState.FAILED}
    assert "the endpoint is disabled" in {one.last_error for one in page.deliveries}
    assert len(feed.post.heard) == sent


async def test_one_success_begins_the_patience_anew(feed: FeedWorld) -> None:
    endpoint_id = await one_event(feed, DOWN, TAKEN, DOWN)
    assert (await feed.views.endpoint(ACME, endpoint_id)).failing_since == NOW
    await feed.work(4 * 86_400)
    assert (await feed.views.endpoint(ACME, endpoint_id)).failing_since is None
    await feed.tell(told(2))
    await feed.work(2 * 86_400)
    endpoint = await feed.views.endpoint(ACME, endpoint_id)
    assert (endpoint.is_active, endpoint.failing_since) == (True, NOW + 6 * DAYS)


async def test_a_disabled_endpoints_deliveries_are_given_up(feed: FeedWorld) -> None:
    endpoint_id = await one_event(feed, DOWN)
    async with feed.world.units(ACME) as unit:
        unit.endpoints.save((await unit.endpoints.get(endpoint_id)).disable("why", NOW))
        await unit.commit()
    await feed.work(10)
    assert (await feed.delivery(endpoint_id, event_id(1))).state is DeliveryState.FAILED
    assert len(feed.post.heard) == 1


async def test_a_secret_that_cant_be_opened_is_a_try_that_failed(feed: FeedWorld) -> None:
    made = await feed.endpoint()
    async with feed.world.units(ACME) as unit:
        unit.endpoints.save(replace(made.endpoint, sealed=b"altered"))
        await unit.commit()
    await feed.tell(told(1))
    await feed.work()
    delivery = await feed.delivery(made.endpoint.id, event_id(1))
    assert delivery.last_error == "its secret can't be opened; rotate it"
    await feed.rotate(ACME, made.endpoint.id)
    await feed.work(10)  # the new one signs, and the old one still can't be opened
    assert feed.post.heard == []
    await feed.work(86_400)
    assert (await feed.delivery(made.endpoint.id, event_id(1))).is_waiting is False


async def test_in_order_the_next_waits_for_the_one_before(feed: FeedWorld) -> None:
    made = await feed.endpoint(ordered=True)
    feed.post.script[URL] = [DOWN, DOWN]
    await feed.paid()
    await feed.tell(told(7))
    await feed.work()
    assert [one.event["number"] for one in feed.post.heard].count(2) == 0
    await feed.work(6)
    await feed.work(400)
    numbers = [one.event["number"] for one in feed.post.heard if one.event["number"] != 3]
    assert numbers == [1, 1, 1, 2] or numbers == [1, 1, 2]
    first, second = (await feed.events())[:2]
    done = [await feed.delivery(made.endpoint.id, one.id) for one in (first, second)]
    assert [one.state for one in done] == [DeliveryState.DELIVERED] * 2
    assert done[0].delivered_at == done[1].delivered_at  # it was hurried


async def test_in_order_a_given_up_one_lets_the_next_through(feed: FeedWorld) -> None:
    await feed.endpoint(ordered=True)
    feed.post.script[URL] = [DOWN] * len(SCHEDULE_S)
    await feed.paid()
    await feed.work()
    for _ in range(40):
        await feed.work(3 * 3600)
    assert [one.event["number"] for one in feed.post.heard] == [1] * 10 + [2]


async def test_without_order_a_failing_one_holds_up_none(feed: FeedWorld) -> None:
    await feed.endpoint()
    feed.post.script[URL] = [DOWN]
    await feed.paid()
    await feed.work()
    assert sorted(one.event["number"] for one in feed.post.heard) == [1, 2]


class SlowPost(ScriptedPost):
    """Counts how many calls are under way; each waits for the others."""

    running = most = 0

    async def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, *, timeout_s: float
    ) -> Posted | NotPosted:
        self.running += 1
        self.most = max(self.most, self.running)
        for _ in range(2000):  # until as many as may are here, or nobody else comes
            if self.running >= CALLS:
                break
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.running -= 1
        return await super().__call__(url, headers, body, timeout_s=timeout_s)


async def test_one_endpoint_is_called_four_times_at_once_at_most(storage: Storage) -> None:
    feed = await a_feed_world(storage)
    await feed.endpoint()
    slow = SlowPost()
    deliver = replace(feed.deliver, post=slow)
    feed.world.run_jobs = replace(
        feed.world.run_jobs, handlers={**feed.world.run_jobs.handlers, JobKind.DELIVER: deliver}
    )
    await feed.tell(*(told(number) for number in range(1, 31)))
    for _ in range(60):
        await feed.work(0.5)
    assert slow.most == CALLS
    assert sorted(one.event["number"] for one in slow.heard) == list(range(1, 31))
    ids = [one.id for one in slow.heard]
    assert len(ids) == len(set(ids))


async def test_a_second_run_of_the_same_work_sends_nothing(feed: FeedWorld) -> None:
    endpoint_id = await one_event(feed, DOWN)
    delivery = await feed.delivery(endpoint_id, event_id(1))
    job = Job(
        id=delivery.job_id,
        tenant_id=ACME,
        kind=JobKind.DELIVER,
        run_at=NOW,
        about={"endpoint": endpoint_id, "event": event_id(1)},
    )
    assert await feed.deliver(job) == delivery.next_at
    await feed.work(6)
    assert await feed.deliver(job) is None
    assert len(feed.post.heard) == 2


def test_the_schedule_only_grows() -> None:
    assert all(before < after for before, after in pairwise(SCHEDULE_S))
