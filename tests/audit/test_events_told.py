"""The doctor finds what merchants should hear of and don't; and nothing while all is well."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.audit import MemoryAudit
from adapters.memory.database import Shelf
from adapters.memory.unit_of_work import MemoryUnits
from adapters.sql import tables as t
from adapters.sql.audit import SqlAudit
from adapters.sql.unit_of_work import SqlUnits
from adapters.sql.views import SqlViews
from adapters.sql.writes import GuardedUpdate, Insert, Row, Write, WriteSet
from domain.audit.dossier import Check
from domain.payments.events import Event, EventType
from domain.ports.audit import Audit, Stray
from domain.ports.post import Posted
from domain.ports.webhooks import Head
from tests.builders import ACME, NOW, OTHER
from tests.storages import Storage
from tests.webhooks.builders import numbered, told
from tests.webhooks.feed_world import URL, FeedWorld, a_feed_world

pytestmark = pytest.mark.anyio

WEEK = timedelta(days=7)


@pytest.fixture
def audit(storage: Storage) -> Audit:
    if isinstance(storage.units, MemoryUnits):
        return MemoryAudit(storage.units.database)
    assert isinstance(storage.views, SqlViews)
    return SqlAudit(storage.views.engine, "", storage.views.has_policies)


@pytest.fixture
async def feed(storage: Storage) -> FeedWorld:
    """Paid, told, and on its way: some of it delivered, some failing."""
    world = await a_feed_world(storage)
    await world.endpoint()
    await world.endpoint("https://some.example", "payment.succeeded")
    world.post.script[URL] = [Posted(500, 3)]
    await world.paid()
    await world.work()
    await world.tell(told(7))
    await world.number()
    await world.tell(told(8))
    return world


async def found(audit: Audit, tenant: Any = ACME) -> list[Stray]:
    return list(await audit.mistold(tenant, NOW - WEEK, 99))


async def break_it(feed: FeedWorld, in_memory: Callable[[Shelf], object], *writes: Write) -> None:
    units = feed.world.units
    if isinstance(units, MemoryUnits):
        in_memory(units.database.shelf(ACME))
        return
    assert isinstance(units, SqlUnits)
    await units.committer.commit(WriteSet(ACME, writes))


async def test_nothing_is_found_while_all_is_well(feed: FeedWorld, audit: Audit) -> None:
    assert await found(audit) == []
    assert await found(audit, OTHER) == []
    await feed.work(100)
    endpoints = await feed.views.endpoints(ACME)
    await feed.delete(ACME, endpoints[1].id)
    assert await found(audit) == []


async def test_a_public_event_that_stands_in_no_feed(feed: FeedWorld, audit: Audit) -> None:
    payment = await feed.world.pay(key="k2")
    row: Row = {
        "payment_id": payment.id, "id": "evt_lost", "type": "payment.failed", "at": 1,
        "cause": "x", "attempt_id": None, "refund_id": None, "data": None,
        "correlation_id": None,
    }  # fmt: skip
    await break_it(
        feed,
        lambda shelf: shelf.events[payment.id].append(
            (NOW, "evt_lost", Event(EventType.FAILED, NOW, "x"))
        ),
        Insert(t.events, row),
    )
    assert await found(audit) == [
        Stray(Check.TOLD, "evt_lost", "is a payment.failed, and stands in no feed")
    ]


async def test_a_gap_and_a_head_that_is_elsewhere(feed: FeedWorld, audit: Audit) -> None:
    last = (await feed.events())[-1]

    def renumber(shelf: Shelf) -> None:
        row = shelf.feed[last.id]
        shelf.feed[last.id] = replace(row, number=9)

    change = GuardedUpdate(t.feed, {"id": last.id}, 1, {"number": 9})
    await break_it(feed, renumber, change)
    strays = await found(audit)
    assert [(one.row, one.told) for one in strays] == [
        (last.id, "is number 9, and none comes before it"),
        ("feed", "its head is 3, its last number 9"),
    ]


async def test_a_head_that_ran_ahead(feed: FeedWorld, audit: Audit) -> None:
    async with feed.world.units(ACME) as unit:
        head = await unit.feed.head()
    change = GuardedUpdate(t.feed_heads, {}, head.version or 0, {"number": 8})
    await break_it(feed, lambda shelf: shelf.heads.update({"": Head(8, 99)}), change)
    assert [one.told for one in await found(audit)] == ["its head is 8, its last number 3"]


async def test_an_event_that_was_never_on_its_way(feed: FeedWorld, audit: Audit) -> None:
    """Numbered behind the sequencer's back."""
    async with feed.world.units(ACME) as unit:
        head = await unit.feed.head()
        facts = await unit.feed.untold(9)
        unit.feed.number(head, [numbered(one, 4) for one in facts], facts)
        await unit.commit()
    endpoint = (await feed.views.endpoints(ACME))[0]
    assert await found(audit) == [
        Stray(Check.TOLD, facts[0].id, f"was never on its way to {endpoint.id}, which hears it")
    ]
    assert await audit.mistold(ACME, NOW + WEEK, 99) == [], "too old for its deliveries"


async def test_a_delivery_that_nobody_makes(feed: FeedWorld, audit: Audit) -> None:
    endpoint = (await feed.views.endpoints(ACME))[0]
    delivery = await feed.delivery(endpoint.id, told(7).id)
    assert delivery.is_waiting
    (job,) = [
        one
        for one in await feed.world.queue.claim(feed.world.clock.now(), 30, 99)
        if one.id == delivery.job_id
    ]
    async with feed.world.units(ACME) as unit:
        unit.jobs.finish(job)
        await unit.commit()
    assert await found(audit) == [
        Stray(Check.TOLD, delivery.event_id, f"waits to go to {endpoint.id}, and nobody brings it")
    ]
