"""Old deliveries, their log and what was told are forgotten; events and their numbers stay."""

from dataclasses import replace

import pytest

from domain.ports.retention import Kept
from domain.webhooks.delivery import Delivery, DeliveryState
from tests.builders import ACME, NOW, OTHER, later
from tests.storages import Storage
from tests.webhooks.builders import (
    a_delivery,
    a_try,
    an_endpoint,
    endpoint_id,
    event_id,
    numbered,
    told,
)

pytestmark = pytest.mark.anyio


async def add(storage: Storage, *deliveries: Delivery) -> None:
    async with storage.units(ACME) as unit:
        unit.endpoints.add(an_endpoint())
        await unit.commit()
    async with storage.units(ACME) as unit:
        for one in deliveries:
            unit.deliveries.add(one)
        await unit.commit()


async def left(storage: Storage) -> list[int]:
    page = await storage.webhooks.deliveries_to(ACME, endpoint_id(), None, None, 99)
    return sorted(one.number for one in page.deliveries)


@pytest.mark.parametrize(
    ("what", "stays"),
    [(Kept.DELIVERIES, [1, 4]), (Kept.FAILED_DELIVERIES, [1, 2, 3])],
)
async def test_what_is_over_goes_and_what_waits_stays(
    storage: Storage, what: Kept, stays: list[int]
) -> None:
    states = (
        DeliveryState.WAITING, DeliveryState.DELIVERED, DeliveryState.DROPPED,
        DeliveryState.FAILED,
    )  # fmt: skip
    await add(
        storage,
        *(
            replace(a_delivery(number), state=state, next_at=later(number))
            for number, state in enumerate(states, 1)
        ),
    )
    assert await storage.retention.forget(what, ACME, later(2), 10) == 0
    assert await storage.retention.forget(what, OTHER, later(9), 10) == 0
    assert await storage.retention.forget(what, ACME, later(9), 10) == 4 - len(stays)
    assert await left(storage) == stays


async def test_the_oldest_deliveries_go_first(storage: Storage) -> None:
    done = [
        replace(a_delivery(number).taken(200, NOW), version=0, next_at=later(9 - number))
        for number in (1, 2, 3)
    ]
    await add(storage, *done)
    assert await storage.retention.forget(Kept.DELIVERIES, ACME, later(99), 2) == 2
    assert await left(storage) == [1]


async def test_old_tries_go_the_oldest_first(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        for number in (3, 1, 2):
            unit.deliveries.log(a_try(number, at=later(number)))
        await unit.commit()
    assert await storage.retention.forget(Kept.TRIES, ACME, later(3), 1) == 1
    assert await storage.retention.forget(Kept.TRIES, OTHER, later(9), 9) == 0
    assert await storage.retention.forget(Kept.TRIES, ACME, later(3), 9) == 1
    tries = await storage.webhooks.tries(ACME, endpoint_id(), event_id())
    assert [one.number for one in tries] == [3]


async def test_an_old_events_body_goes_and_its_number_stays(storage: Storage) -> None:
    facts = [told(number, at=later(number)) for number in (1, 2, 3)]
    async with storage.units(ACME) as unit:
        for one in facts:
            unit.feed.tell(one)
        await unit.commit()
    assert await storage.retention.forget(Kept.EVENT_BODIES, ACME, later(9), 9) == 0, "untold"
    async with storage.units(ACME) as unit:
        events = [numbered(one, number) for number, one in enumerate(facts, 1)]
        unit.feed.number(await unit.feed.head(), events, facts)
        await unit.commit()
    assert await storage.retention.forget(Kept.EVENT_BODIES, ACME, later(3), 9) == 2
    assert await storage.retention.forget(Kept.EVENT_BODIES, ACME, later(3), 9) == 0
    found = await storage.webhooks.events(ACME, 0, 9)
    assert [(one.number, one.body is None) for one in found] == [(1, True), (2, True), (3, False)]
    async with storage.units(ACME) as unit:
        between = await unit.feed.between(NOW, event_id(0), later(99), 9)
    assert [one.number for one in between] == [3]
