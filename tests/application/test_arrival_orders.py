"""The same facts in any order, and the same fact many times at once."""

import asyncio
from itertools import permutations

import pytest

from domain.errors import Forged
from domain.ids import AccountId
from domain.payments.payment import Payment
from domain.payments.status import PaymentStatus
from domain.ports.providers import Callback
from domain.tenants.tenant import ProviderAccount
from tests.application.world import World, a_world
from tests.builders import ACME, NOW, OTHER, a_tenant
from tests.storages import memory_storage

pytestmark = pytest.mark.anyio

SAYINGS = ("forged", "success", "success again", "ask", "pay and ask")


async def test_a_hundred_copies_of_a_callback_at_once_are_one_fact(world: World) -> None:
    payment = await world.pay()
    attempt = payment.attempts[0]
    body = f"evt_1|{attempt.id}|150000"
    kept = await asyncio.gather(*(world.call_back("maya", body) for _ in range(100)))
    assert kept.count(True) == 1, "one row of the inbox"
    await world.work()
    stored = await world.payment(payment.id)
    assert stored.status is PaymentStatus.SUCCEEDED
    assert stored.version == payment.version + 1, "one transition"
    told = [entry.type for entry in await world.views.timeline(ACME, payment.id)]
    assert told.count("payment.succeeded") == 1


async def told(world: World, payment: Payment, what: str) -> None:
    """One thing that happens to a payment."""
    which = payment.attempts[0].id
    match what:
        case "forged":
            with pytest.raises(Forged):
                await world.receive(
                    Callback(f"evt_f|{which}|1".encode(), {"signature": "mallory"}),
                    AccountId("acc_maya"),
                )
        case "success" | "success again":
            world.companies.maya.pay(which)
            await world.call_back("maya", f"evt_{what[7:]}|{which}|150000")
        case "ask":
            await world.get(ACME, payment.id, refresh=True)
        case "pay and ask":
            world.companies.maya.pay(which)
            await world.get(ACME, payment.id, refresh=True)


@pytest.mark.parametrize("order", list(permutations(SAYINGS)), ids=", ".join)
async def test_whatever_comes_first_the_payment_ends_the_same(order: tuple[str, ...]) -> None:
    storage = memory_storage()
    await storage.tenants.add(a_tenant(ACME, name="Acme"))
    world = await a_world(storage)
    payment = await world.pay()
    paid = False
    for what in order:
        await told(world, payment, what)
        await world.work()
        now = await world.payment(payment.id)
        assert not paid or now.status is PaymentStatus.SUCCEEDED, "never backward"
        paid = now.status is PaymentStatus.SUCCEEDED
    assert paid
    events = [entry.type for entry in await world.views.timeline(ACME, payment.id)]
    assert events.count("payment.succeeded") == 1
    assert "reconciliation.mismatch" not in events


async def test_a_key_of_one_tenant_says_nothing_to_another(world: World) -> None:
    mine = await world.pay(key="k1")
    await world.tenants.add_account(
        ProviderAccount(
            id=AccountId("acc_theirs"),
            tenant_id=OTHER,
            provider="maya",
            sealed=b"sealed",
            created_at=NOW,
        )
    )
    answer = await world.answer(key="k1", tenant_id=OTHER)
    assert not answer.replayed
    assert mine.id not in answer.body.decode()
