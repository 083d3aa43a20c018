"""Callbacks at the address that all accounts share: the signature says whose each is."""

from dataclasses import replace

import pytest

from application.callbacks.receive_callback import MOST_SEARCHED
from domain.errors import Forged, NotFound
from domain.ids import AccountId, TenantId
from domain.payments.status import PaymentStatus
from domain.ports.jobs import JobKind, JobState
from domain.ports.providers import Callback
from tests.application.company import Company
from tests.application.world import World
from tests.builders import ACME, OTHER, an_account, later
from tests.storages import book_of

pytestmark = pytest.mark.anyio
STRANGER = f"att_{'9' * 26}01"  # in our form, and no payment of anybody here


async def told(
    world: World, reference: str, signature: str = "maya", minor: str = "150000"
) -> bool:
    body = f"evt_1|{reference}|{minor}".encode()
    return await world.receive(Callback(body, {"signature": signature}), None)


async def state_of(world: World, account: str, tenant_id: TenantId = ACME) -> str | None:
    """Of what that account keeps of the event."""
    async with world.units(tenant_id) as unit:
        try:
            return (await unit.inbox.get(AccountId(account), "evt_1")).state
        except NotFound:
            return None


async def with_others(world: World) -> World:
    """Accounts at Maya of another tenant: one signs as ACME's does, one has its own secret."""
    for seconds, name in ((-60, "acc_shared"), (60, "acc_own")):
        await world.tenants.add_account(
            an_account("maya", OTHER, id=AccountId(name), created_at=later(seconds))
        )
    world.companies.own["acc_own"] = Company("maya", "maya/own")
    return world


@pytest.mark.parametrize("reference", [STRANGER, "order-7"])
async def test_an_event_of_no_payment_here_is_kept_and_ends_unmatched(
    world: World, reference: str
) -> None:
    assert await told(world, reference)
    assert not await told(world, reference), "a repeat is welcome and does nothing"
    assert await state_of(world, "acc_maya") == "stored"
    for _ in range(40):
        await world.work(3600)
    assert await state_of(world, "acc_maya") == "unmatched"
    assert await world.queue.next_due() is None
    dead = await book_of(world.queue).list(JobState.DEAD, None, 10)
    assert [one.job.kind for one in dead.jobs] == [JobKind.READ_NOTICE]


async def test_whose_signature_it_is_keeps_it(world: World) -> None:
    await with_others(world)
    assert await told(world, STRANGER, "maya/own")
    assert await state_of(world, "acc_own", OTHER) == "stored"
    assert await state_of(world, "acc_maya") is None


async def test_one_signature_for_all_is_kept_by_the_oldest_account(world: World) -> None:
    await with_others(world)
    assert await told(world, STRANGER)
    assert await state_of(world, "acc_shared", OTHER) == "stored"
    assert await state_of(world, "acc_maya") is None


async def test_a_payment_known_here_is_its_own_tenants_however_young(world: World) -> None:
    await with_others(world)
    payment = await world.pay()
    assert await told(world, payment.attempts[0].id)
    assert await state_of(world, "acc_shared", OTHER) is None
    await world.work()
    assert (await world.payment(payment.id)).status is PaymentStatus.SUCCEEDED


async def test_a_tenant_says_nothing_about_anothers_payment(world: World) -> None:
    """Signed with its own secret: kept, but under who signed it, and nothing is paid."""
    await with_others(world)
    payment = await world.pay()
    assert await told(world, payment.attempts[0].id, "maya/own")
    for _ in range(40):
        await world.work(3600)
    assert await state_of(world, "acc_own", OTHER) == "unmatched"
    assert not (await world.payment(payment.id)).paid_by


@pytest.mark.parametrize("signature", ["maya/nobody", "acme", "cash"])
async def test_what_no_account_verifies_is_forged_and_not_kept(
    world: World, signature: str
) -> None:
    await with_others(world)
    payment = await world.pay()
    for reference in (payment.attempts[0].id, STRANGER):
        with pytest.raises(Forged):
            await told(world, reference, signature)
    assert await state_of(world, "acc_maya") is None


async def test_accounts_switched_off_or_locked_keep_nobody_from_theirs(world: World) -> None:
    await with_others(world)
    world.companies.locked.add("acc_shared")
    assert await told(world, STRANGER)
    assert await state_of(world, "acc_maya") == "stored"
    own = await world.tenants.account(AccountId("acc_own"))
    await world.tenants.save_account(replace(own, active=False))
    with pytest.raises(Forged):
        await told(world, STRANGER, "maya/own")


async def test_a_long_body_is_tried_with_its_own_tenants_accounts_only(world: World) -> None:
    payment = await world.pay()
    long = " " * MOST_SEARCHED + "150000"
    with pytest.raises(Forged):
        await told(world, STRANGER, minor=long)
    assert await told(world, payment.attempts[0].id, minor=long)
