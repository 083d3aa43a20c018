"""The contract of Endpoints and Deliveries, and of the views over them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import DuplicateKey, NotFound, NotStored, StaleVersion
from domain.ids import TenantId
from domain.webhooks.delivery import Delivery, DeliveryState, Try
from domain.webhooks.endpoint import EndpointState, WebhookEndpoint
from domain.webhooks.told import Topic
from tests.builders import ACME, NOW, OTHER, later, payment_id
from tests.storages import Storage
from tests.webhooks.builders import a_delivery, a_try, an_endpoint, endpoint_id, event_id

pytestmark = pytest.mark.anyio


async def add(storage: Storage, *endpoints: WebhookEndpoint) -> None:
    for one in endpoints:
        async with storage.units(one.tenant_id) as unit:
            unit.endpoints.add(one)
            await unit.commit()


async def send(storage: Storage, *deliveries: Delivery) -> None:
    async with storage.units(ACME) as unit:
        for one in deliveries:
            unit.deliveries.add(one)
        await unit.commit()


async def save(storage: Storage, one: WebhookEndpoint) -> WebhookEndpoint:
    async with storage.units(one.tenant_id) as unit:
        stored = unit.endpoints.save(one)
        await unit.commit()
    return stored


async def found(storage: Storage, number: int = 1, tenant: TenantId = ACME) -> WebhookEndpoint:
    async with storage.units(tenant) as unit:
        return await unit.endpoints.get(endpoint_id(number))


async def test_an_endpoint_is_read_with_every_field(storage: Storage) -> None:
    one = an_endpoint(
        description="ü",
        topics=frozenset({Topic.PAYMENT_SUCCEEDED, Topic.REFUND_FAILED}),
        ordered=True,
        since_number=7,
    )
    await add(storage, one)
    assert await found(storage) == one
    moved = one.rotate(b"new\x00", later(1)).missed(later(2)).disable("why", later(3))
    stored = await save(storage, moved)
    assert stored == replace(moved, version=1, told=())
    assert await found(storage) == stored
    assert await storage.webhooks.endpoint(ACME, one.id) == stored


async def test_what_an_endpoint_tells_is_stored_with_it(storage: Storage) -> None:
    await add(storage, an_endpoint())
    await save(storage, (await found(storage)).disable("why", later(3)))
    async with storage.units(ACME) as unit:
        (fact,) = await unit.feed.untold(9)
    assert (fact.topic, fact.subject, fact.at) == (
        Topic.ENDPOINT_DISABLED,
        endpoint_id(),
        later(3),
    )
    assert fact.data == {"id": endpoint_id(), "url": an_endpoint().url, "reason": "why"}


async def test_an_endpoint_is_changed_by_whoever_read_it_last(storage: Storage) -> None:
    await add(storage, an_endpoint())
    with pytest.raises(DuplicateKey):
        await add(storage, an_endpoint())
    mine = await found(storage)
    await save(storage, replace(mine, url="https://first.example"))
    with pytest.raises(StaleVersion):
        await save(storage, mine.disable("second", NOW))
    assert (await found(storage)).url == "https://first.example"
    async with storage.units(ACME) as unit:
        assert await unit.feed.untold(9) == []


async def test_a_deleted_endpoint_is_gone_but_for_its_deliveries(storage: Storage) -> None:
    await add(storage, an_endpoint(1), an_endpoint(2, created_at=later(1)))
    gone = await save(storage, (await found(storage)).delete(later(5)))
    with pytest.raises(NotFound):
        await found(storage)
    with pytest.raises(NotFound):
        await storage.webhooks.endpoint(ACME, endpoint_id())
    async with storage.units(ACME) as unit:
        assert await unit.endpoints.find(endpoint_id()) == gone
        assert [one.id for one in await unit.endpoints.all()] == [endpoint_id(2)]
    assert [one.id for one in await storage.webhooks.endpoints(ACME)] == [endpoint_id(2)]
    assert (gone.sealed, gone.previous) == (b"", None)


async def test_all_endpoints_are_told_oldest_first(storage: Storage) -> None:
    disabled = an_endpoint(3, created_at=later(2), state=EndpointState.DISABLED)
    await add(storage, disabled, an_endpoint(2), an_endpoint(1, created_at=later(1)))
    async with storage.units(ACME) as unit:
        assert [one.id[-1] for one in await unit.endpoints.all()] == ["2", "1", "3"]
    assert [one.id[-1] for one in await storage.webhooks.endpoints(ACME)] == ["2", "1", "3"]


async def test_another_tenants_endpoint_is_not_there(storage: Storage) -> None:
    await add(storage, an_endpoint())
    with pytest.raises(NotFound):
        await found(storage, tenant=OTHER)
    async with storage.units(OTHER) as unit:
        assert await unit.endpoints.all() == []
        assert await unit.endpoints.find(endpoint_id()) is None
    assert await storage.webhooks.endpoints(OTHER) == []
    async with storage.units(OTHER) as unit:
        with pytest.raises(ValueError, match="another tenant"):
            unit.endpoints.add(an_endpoint())


async def test_a_delivery_is_read_with_every_field(storage: Storage) -> None:
    await add(storage, an_endpoint())
    one = a_delivery(payment_id=None)
    await send(storage, one)
    async with storage.units(ACME) as unit:
        assert await unit.deliveries.find(endpoint_id(), event_id()) == one
    moved = one.missed(503, "it answered 503", later(1)).replay(later(2)).taken(204, later(3))
    async with storage.units(ACME) as unit:
        unit.deliveries.save(moved)
        await unit.commit()
    stored = replace(moved, version=1)
    async with storage.units(ACME) as unit:
        assert await unit.deliveries.find(endpoint_id(), event_id()) == stored
    assert await storage.webhooks.deliveries_of(ACME, event_id()) == [stored]
    async with storage.units(ACME) as unit:
        unit.deliveries.save(moved)
        with pytest.raises(StaleVersion):
            await unit.commit()


async def test_an_event_comes_to_an_endpoint_as_one_delivery(storage: Storage) -> None:
    await add(storage, an_endpoint())
    await send(storage, a_delivery())
    with pytest.raises(DuplicateKey):
        await send(storage, a_delivery(), a_delivery(2))
    async with storage.units(ACME) as unit:
        assert await unit.deliveries.find(endpoint_id(), event_id(2)) is None


async def test_a_delivery_to_nowhere_is_refused(storage: Storage) -> None:
    with pytest.raises(NotStored):
        await send(storage, a_delivery())


async def test_ahead_and_behind_are_of_the_same_payment_and_waiting(storage: Storage) -> None:
    await add(storage, an_endpoint(1), an_endpoint(2))
    done = a_delivery(3).taken(200, NOW)
    await send(
        storage,
        *(a_delivery(number) for number in (1, 2, 5, 6)),
        replace(done, version=0),
        a_delivery(4, payment_id=payment_id(9)),
        a_delivery(4, endpoint=2),
    )
    async with storage.units(ACME) as unit:
        way = unit.deliveries
        ahead = await way.ahead(endpoint_id(), payment_id(), 5)
        behind = await way.behind(endpoint_id(), payment_id(), 2)
        assert ahead is not None
        assert behind is not None
        assert (ahead.number, behind.number) == (1, 5)
        assert await way.ahead(endpoint_id(), payment_id(), 1) is None
        assert await way.behind(endpoint_id(), payment_id(), 6) is None
        assert await way.ahead(endpoint_id(2), payment_id(), 4) is None


async def test_what_waits_and_what_has_failed(storage: Storage) -> None:
    await add(storage, an_endpoint(1), an_endpoint(2))
    failed = [replace(a_delivery(number).give_up("x"), version=0) for number in (3, 2, 9)]
    await send(storage, a_delivery(1), a_delivery(4), a_delivery(1, endpoint=2), *failed)
    async with storage.units(ACME) as unit:
        waiting = await unit.deliveries.waiting(endpoint_id(), 9)
        assert {one.number for one in waiting} == {1, 4}
        assert len(await unit.deliveries.waiting(endpoint_id(), 1)) == 1
        assert [one.number for one in await unit.deliveries.failed(endpoint_id(), 2)] == [2, 3]
    async with storage.units(OTHER) as unit:
        assert await unit.deliveries.waiting(endpoint_id(), 9) == []
        assert await unit.deliveries.failed(endpoint_id(), 9) == []


async def test_pages_of_an_endpoints_deliveries_newest_first(storage: Storage) -> None:
    await add(storage, an_endpoint(1), an_endpoint(2))
    failed = replace(a_delivery(3).give_up("x"), version=0)
    await send(storage, *(a_delivery(number) for number in (1, 2, 4, 5)), failed)
    await send(storage, a_delivery(4, endpoint=2))
    views = storage.webhooks
    page = await views.deliveries_to(ACME, endpoint_id(), None, None, 2)
    assert ([one.number for one in page.deliveries], page.next_before) == ([5, 4], 4)
    page = await views.deliveries_to(ACME, endpoint_id(), None, 4, 3)
    assert ([one.number for one in page.deliveries], page.next_before) == ([3, 2, 1], None)
    page = await views.deliveries_to(ACME, endpoint_id(), DeliveryState.FAILED, None, 3)
    assert list(page.deliveries) == [failed]
    assert (await views.deliveries_to(OTHER, endpoint_id(), None, None, 9)).deliveries == []
    assert [one.endpoint_id for one in await views.deliveries_of(ACME, event_id(4))] == [
        endpoint_id(1),
        endpoint_id(2),
    ]
    assert await views.deliveries_of(OTHER, event_id(4)) == []


async def log(storage: Storage, *tries: Try) -> None:
    async with storage.units(ACME) as unit:
        for one in tries:
            unit.deliveries.log(one)
        await unit.commit()


async def test_tries_are_kept_in_order_each_once(storage: Storage) -> None:
    second = a_try(2, status=None, error="timed out", at=NOW + timedelta(seconds=5))
    await log(storage, second, a_try(1))
    with pytest.raises(StaleVersion):
        await log(storage, a_try(1), a_try(3))
    assert await storage.webhooks.tries(ACME, endpoint_id(), event_id()) == [a_try(1), second]
    assert await storage.webhooks.tries(ACME, endpoint_id(2), event_id()) == []
    assert await storage.webhooks.tries(OTHER, endpoint_id(), event_id()) == []
