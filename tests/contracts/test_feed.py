"""The contract of Feed and Untold: one row for each public change, numbers without a gap."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.errors import Conflict, DuplicateKey, NotFound, StaleVersion
from domain.ids import EventId, TenantId
from domain.payments.events import Event, EventType
from domain.payments.payment import Payment
from domain.ports.webhooks import Head
from domain.webhooks.told import PUBLIC, Told, Topic
from tests.builders import (
    ACME,
    NOW,
    OTHER,
    a_paid_payment,
    a_payment,
    a_refund,
    current,
    declined,
    later,
    pending,
    said,
    succeeded,
)
from tests.storages import Storage
from tests.webhooks.builders import event_id, numbered, told

pytestmark = pytest.mark.anyio


async def tell(storage: Storage, *facts: Told, tenant_id: TenantId = ACME) -> None:
    async with storage.units(tenant_id) as unit:
        for one in facts:
            unit.feed.tell(one)
        await unit.commit()


async def untold(storage: Storage, tenant_id: TenantId = ACME) -> Sequence[Told]:
    async with storage.units(tenant_id) as unit:
        return await unit.feed.untold(100)


async def head(storage: Storage, tenant_id: TenantId = ACME) -> Head:
    async with storage.units(tenant_id) as unit:
        return await unit.feed.head()


Seen = tuple[Head, Sequence[Told]]


async def look(storage: Storage, limit: int = 100) -> Seen:
    """The first half of what a sequencer does."""
    async with storage.units(ACME) as unit:
        return await unit.feed.head(), await unit.feed.untold(limit)


async def number(storage: Storage, first: int, seen: Seen | None = None, limit: int = 100) -> None:
    """All of it, or the second half."""
    head, facts = seen if seen is not None else await look(storage, limit)
    async with storage.units(ACME) as unit:
        events = [numbered(one, place) for place, one in enumerate(facts, first)]
        unit.feed.number(head, events, facts)
        await unit.commit()


async def add(storage: Storage, payment: Payment) -> Payment:
    async with storage.units(ACME) as unit:
        stored = unit.payments.add(payment)
        await unit.commit()
    return stored


async def test_what_is_told_is_read_as_it_was(storage: Storage) -> None:
    about_payment = told(2, payment_id="pay_1", subject="pay_1", data=None)
    await tell(storage, told(1), about_payment)
    assert await untold(storage) == [told(1), about_payment]


async def test_a_fact_is_told_once(storage: Storage) -> None:
    await tell(storage, told(1))
    with pytest.raises(DuplicateKey):
        await tell(storage, told(1), told(2))
    assert await untold(storage) == [told(1)]


async def test_each_public_event_of_a_payment_is_told_beside_it(storage: Storage) -> None:
    payment = await add(storage, a_payment())
    assert await untold(storage) == []  # that it was initiated is the merchant's own news
    heard = payment.hear(current(payment).id, said(pending(), at=later(1)))
    heard = heard.hear(current(heard).id, said(succeeded(current(heard).charged), at=later(2)))
    async with storage.units(ACME) as unit:
        unit.payments.save(heard)
        await unit.commit()
    facts = await untold(storage)
    assert [(one.topic, one.at, one.subject, one.payment_id, one.data) for one in facts] == [
        (Topic.PAYMENT_PENDING, later(1), payment.id, payment.id, None),
        (Topic.PAYMENT_SUCCEEDED, later(2), payment.id, payment.id, None),
    ]


async def test_the_timeline_keeps_to_itself_what_is_internal(storage: Storage) -> None:
    payment = a_payment()
    moved = payment.hear(current(payment).id, said(declined(elsewhere=True)))
    await add(storage, moved)
    timeline = await storage.views.timeline(ACME, payment.id)
    public = [one.type for one in timeline if one.type in {kind.value for kind in PUBLIC}]
    assert len(timeline) > len(public)
    assert [one.topic.value for one in await untold(storage)] == public


async def test_each_public_event_of_a_refund_is_about_the_refund(storage: Storage) -> None:
    payment = a_paid_payment()
    refund = a_refund(payment, 5)
    created = Event(EventType.REFUND_CREATED, NOW, "api", refund.attempt_id, refund.id)
    await add(storage, payment)
    async with storage.units(ACME) as unit:
        unit.refunds.add(replace(refund, events=(created,)))
        await unit.commit()
    async with storage.units(ACME) as unit:
        stored = await unit.refunds.get(refund.id)
        unit.refunds.save(stored.submit(NOW).hear(said(succeeded(refund.amount), send=1)))
        await unit.commit()
    topics = {one.topic: one for one in await untold(storage)}
    assert set(topics) == {Topic.PAYMENT_SUCCEEDED, Topic.REFUND_SUCCEEDED}
    told_of = topics[Topic.REFUND_SUCCEEDED]
    assert (told_of.subject, told_of.payment_id) == (refund.id, payment.id)


async def test_a_change_that_was_refused_tells_nothing(storage: Storage) -> None:
    payment = await add(storage, a_payment())
    paid = payment.hear(current(payment).id, said(succeeded(current(payment).charged)))
    for _ in range(2):
        async with storage.units(ACME) as unit:
            unit.payments.save(paid)
            try:
                await unit.commit()
            except Conflict:
                continue
    assert [one.topic for one in await untold(storage)] == [Topic.PAYMENT_SUCCEEDED]


async def test_untold_facts_come_by_id_and_bounded(storage: Storage) -> None:
    await tell(storage, *(told(place) for place in (3, 1, 2)))
    async with storage.units(ACME) as unit:
        assert [one.id for one in await unit.feed.untold(2)] == [event_id(1), event_id(2)]


async def test_a_number_is_stored_with_its_very_bytes(storage: Storage) -> None:
    await tell(storage, told(1), told(2))
    assert await head(storage) == Head(0, None)
    await number(storage, 1, limit=1)
    await number(storage, 2)
    assert (await head(storage)).number == 2
    assert await untold(storage) == []
    async with storage.units(ACME) as unit:
        assert await unit.feed.get(event_id(2)) == numbered(told(2), 2)


async def test_an_event_without_a_number_is_not_there_yet(storage: Storage) -> None:
    await tell(storage, told(1))
    async with storage.units(ACME) as unit:
        with pytest.raises(NotFound):
            await unit.feed.get(event_id(1))
    with pytest.raises(NotFound):
        await storage.webhooks.event(ACME, event_id(1))


@pytest.mark.parametrize("begun", [False, True])
async def test_of_two_that_number_at_a_time_one_wins(storage: Storage, begun: bool) -> None:
    if begun:
        await tell(storage, told(9))
        await number(storage, 1)
    first = 2 if begun else 1
    await tell(storage, told(11), told(12))
    seen = await look(storage)
    answers = await asyncio.gather(
        *(number(storage, first, seen) for _ in range(3)), return_exceptions=True
    )
    assert sorted(isinstance(one, StaleVersion) for one in answers) == [False, True, True]
    events = await storage.webhooks.events(ACME, 0, 10)
    assert [one.number for one in events] == list(range(1, first + 2))


@pytest.mark.parametrize("begun", [False, True])
async def test_a_number_that_another_event_got_first_is_a_lost_race(
    storage: Storage, begun: bool
) -> None:
    """Two looked at the same head, and one of them saw later events."""
    if begun:
        await tell(storage, told(9))
        await number(storage, 1)
    first = 2 if begun else 1
    await tell(storage, told(12))
    late = await look(storage)
    await tell(storage, told(11))
    await number(storage, first, await look(storage, 1))
    with pytest.raises(StaleVersion):
        await number(storage, first, late)


@pytest.mark.parametrize("begun", [False, True])
async def test_whoever_holds_the_head_refuses_who_numbers(storage: Storage, begun: bool) -> None:
    if begun:
        await tell(storage, told(9))
        await number(storage, 1)
    await tell(storage, told(11))
    seen = await look(storage)
    async with storage.units(ACME) as unit:
        unit.feed.hold(await unit.feed.head())
        await unit.commit()
    with pytest.raises(StaleVersion):
        await number(storage, 2 if begun else 1, seen)
    assert (await head(storage)).number == seen[0].number
    async with storage.units(ACME) as unit:
        unit.feed.hold(seen[0])
        with pytest.raises(StaleVersion):
            await unit.commit()


async def test_the_look_finds_each_tenant_with_something_to_tell(storage: Storage) -> None:
    assert await storage.untold.tenants(None, 10) == []
    await tell(storage, told(1), told(2), told(3))
    await tell(storage, told(1), tenant_id=OTHER)
    assert await storage.untold.tenants(None, 10) == [ACME, OTHER]
    assert await storage.untold.tenants(None, 1) == [ACME]
    assert await storage.untold.tenants(ACME, 10) == [OTHER]
    assert await storage.untold.tenants(OTHER, 10) == []
    await number(storage, 1)
    assert await storage.untold.tenants(None, 10) == [OTHER]


async def test_a_tenant_sees_its_own_feed_alone(storage: Storage) -> None:
    await tell(storage, told(1), told(2))
    await number(storage, 1)
    assert await untold(storage, OTHER) == []
    assert await head(storage, OTHER) == Head()
    assert await storage.webhooks.events(OTHER, 0, 10) == []
    assert await storage.webhooks.head(OTHER) == 0
    with pytest.raises(NotFound):
        await storage.webhooks.event(OTHER, event_id(1))


async def test_ranges_by_number_and_by_time(storage: Storage) -> None:
    await tell(storage, *(told(place, at=later(place // 2)) for place in range(1, 8)))
    await number(storage, 1)
    async with storage.units(ACME) as unit:
        page = await unit.feed.numbered(2, 5, 3)
        assert [(one.number, one.body) for one in page] == [(2, None), (3, None), (4, None)]
        assert [one.number for one in await unit.feed.numbered(5, 6, 9)] == [5, 6]
        assert await unit.feed.numbered(8, 99, 9) == []
        none = EventId("")
        between = await unit.feed.between(later(1), none, later(3), 9)
        assert [one.number for one in between] == [2, 3, 4, 5]
        behind = await unit.feed.between(later(1), event_id(2), later(3), 2)
        assert [one.number for one in behind] == [3, 4]


async def test_events_after_a_number_have_no_gap(storage: Storage) -> None:
    await tell(storage, *(told(place) for place in range(1, 8)))
    await number(storage, 1)
    page = await storage.webhooks.events(ACME, 2, 3)
    assert [one.number for one in page] == [3, 4, 5]
    assert page[0] == numbered(told(3), 3)
    assert [one.number for one in await storage.webhooks.events(ACME, 5, 9)] == [6, 7]
    assert await storage.webhooks.events(ACME, 7, 9) == []
    assert await storage.webhooks.head(ACME) == 7
    assert await storage.webhooks.event(ACME, event_id(7)) == numbered(told(7), 7)
