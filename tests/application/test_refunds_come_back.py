"""A refund that was told as done and comes back: a payout that the payee's bank returns."""

from dataclasses import replace

import pytest

from application.refunds.verify_refund import RefundVerification
from domain.payments.outcome import Succeeded
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RefundState
from tests.application.company import DOWN, REFUSED, Booked
from tests.application.world import World
from tests.builders import ACME, php

pytestmark = pytest.mark.anyio

FEE = 5_250


@pytest.fixture
async def paid(world: World) -> Payment:
    payment = await world.pay()
    world.companies.maya.pay(payment.attempts[0].id)
    await world.work(5)
    return await world.payment(payment.id)


async def test_the_ledger_holds_what_the_company_holds(world: World, paid: Payment) -> None:
    """Less the fee it keeps."""
    assert await world.balance("receivable:maya") == 150_000 - FEE
    refund = await world.give_back(paid, "500.00")
    assert refund.state is RefundState.SUCCEEDED
    assert await world.balance("refunds") == 50_000
    assert await world.balance("receivable:maya") == world.companies.maya.kept_minor - FEE
    assert await world.balance("sales") == -150_000


async def test_what_comes_back_can_be_refunded_anew(world: World, paid: Payment) -> None:
    refund = await world.give_back(paid, "1500.00")
    world.companies.maya.bounce(refund.id)
    await world.work(5)
    await world.call_back("maya", f"evt_9|{refund.id}|no")
    await world.work()
    assert (await world.stored_refund(refund.id)).state is RefundState.FAILED
    back = await world.payment(paid.id)
    assert (back.refunded_minor, back.refundable) == (0, php("1500.00"))
    assert await world.balance("refunds") == 0
    types = [entry.type for entry in await world.views.timeline(ACME, paid.id)]
    assert types[-2:] == ["refund.succeeded", "refund.failed"]
    again = await world.give_back(back, "1500.00", key="r2")
    assert again.state is RefundState.SUCCEEDED
    assert world.companies.maya.kept_minor == 0
    assert await world.balance("receivable:maya") == -FEE


async def test_a_repeat_of_the_news_changes_nothing(world: World, paid: Payment) -> None:
    refund = await world.give_back(paid, "1500.00")
    await world.work(5)
    for _ in range(3):
        await world.call_back("maya", f"evt_9|{refund.id}|no")
        await world.work()
    found = await world.ledger.entries(ACME, "refunds", None, 10)
    assert [one.kind for one in found.entries] == ["refund_reversed", "refunded"]


async def test_older_news_of_its_success_does_not_count_again(world: World, paid: Payment) -> None:
    """The reply told of it; a callback of lower worth than the query's no comes late."""
    refund = await world.give_back(paid, "1500.00")
    await world.call_back("maya", f"evt_8|{refund.id}|150000")
    await world.work()
    await world.work(5)
    await world.call_back("maya", f"evt_9|{refund.id}|no")
    await world.work()
    await world.call_back("maya", f"evt_8|{refund.id}|150000")
    await world.work()
    assert (await world.stored_refund(refund.id)).state is RefundState.FAILED


@pytest.fixture
async def seen(world: World, paid: Payment) -> Refund:
    """Its reply was lost; a query has seen it done."""
    world.companies.maya.silent_refunds = True
    refund = await world.give_back(paid, "1500.00")
    await world.work(60)
    return await world.stored_refund(refund.id)


async def test_what_a_query_saw_done_is_asked_about_when_a_callback_denies_it(
    world: World, seen: Refund
) -> None:
    """A callback alone does not outrank the query."""
    world.companies.maya.bounce(seen.id)
    await world.work(5)
    await world.call_back("maya", f"evt_9|{seen.id}|no")
    world.companies.maya.silent_refund_queries = True
    await world.work()
    found = await world.stored_refund(seen.id)
    assert (found.state, found.contested) == (RefundState.SUCCEEDED, True)
    world.companies.maya.silent_refund_queries = False
    await world.work(60)
    assert (await world.stored_refund(seen.id)).state is RefundState.FAILED
    assert await world.balance("refunds") == 0
    assert not world.troubles


async def test_a_callback_that_is_wrong_about_it_changes_nothing(
    world: World, seen: Refund
) -> None:
    await world.work(5)
    await world.call_back("maya", f"evt_9|{seen.id}|no")
    await world.work(1)
    found = await world.stored_refund(seen.id)
    assert (found.state, found.contested) == (RefundState.SUCCEEDED, False)
    calls = len(world.companies.maya.calls)
    await world.work(3600)
    assert len(world.companies.maya.calls) == calls


async def test_what_nobody_settles_within_a_day_is_a_persons_business(
    world: World, seen: Refund
) -> None:
    await world.work(5)
    await world.call_back("maya", f"evt_9|{seen.id}|no")
    world.companies.maya.silent_refund_queries = True
    for _ in range(30):
        await world.work(3600)
    assert (await world.stored_refund(seen.id)).contested
    assert "is said to have come back, and maya is silent" in world.troubles[-1]


@pytest.mark.parametrize("returned", [True, False])
async def test_what_a_person_saw_done_is_a_persons_again_when_its_provider_takes_it_back(
    world: World, paid: Payment, returned: bool
) -> None:
    """It went back once, and a day later the payee's bank returned it."""
    maya = world.companies.maya
    maya.silent_refunds = maya.silent_refund_queries = True
    refund = await world.give_back(paid, "1500.00")
    await world.call_back("maya", f"evt_8|{refund.id}|100000")  # another amount: a person looks
    await world.work()
    word = RefundVerification(returned=True, reason="in its dashboard", operator="ada")
    told = await world.verify_refund(ACME, refund.id, word)
    assert (told.state, told.with_person) == (RefundState.SUCCEEDED, False)
    maya.silent_refund_queries = False
    maya.bounce(refund.id)
    await world.work(5)
    await world.call_back("maya", f"evt_9|{refund.id}|no")
    await world.work(60)
    found = await world.stored_refund(refund.id)
    assert (found.state, found.with_person) == (RefundState.SUCCEEDED, True)
    assert [one.id for one in await world.views.awaiting_refunds(ACME, 50)] == [refund.id]
    await world.work(5)
    told = await world.verify_refund(ACME, refund.id, replace(word, returned=returned))
    assert (told.state is RefundState.SUCCEEDED, told.with_person) == (returned, False)
    assert await world.balance("refunds") == (150_000 if returned else 0)
    assert (await world.payment(paid.id)).refundable == php("0.00" if returned else "1500.00")
    assert not world.troubles


@pytest.fixture
async def surplus(world: World) -> Payment:
    """GCash was paid; Maya, which had said no, was paid as well, and gave that back."""
    maya = world.companies.maya
    maya.script = lambda charge: DOWN
    payment = await world.pay()
    first, second = payment.attempts
    world.companies.gcash.pay(second.id)
    await world.call_back("gcash", f"evt_1|{second.id}|150000")
    await world.work()
    maya.books[first.id] = Booked(first.charged, Succeeded(amount=first.charged))
    await world.call_back("maya", f"evt_2|{first.id}|150000")
    await world.work()
    assert maya.kept_minor == 0
    return await world.payment(payment.id)


async def test_a_surplus_that_comes_back_is_given_back_again(
    world: World, surplus: Payment
) -> None:
    refund_id = f"rfd_{surplus.attempts[0].id[4:]}"
    assert await world.balance("surplus") == 0
    world.companies.maya.bounce(refund_id)
    await world.call_back("maya", f"evt_9|{refund_id}|low")
    world.companies.maya.refund_script = lambda order: DOWN
    await world.work(5)
    assert (await world.stored_refund(refund_id)).status == "pending"
    assert await world.balance("surplus") == -150_000
    assert await world.balance("receivable:maya") == 150_000
    world.companies.maya.refund_script = lambda order: None
    await world.work(3600)
    refund = await world.stored_refund(refund_id)
    assert (refund.state, world.companies.maya.kept_minor) == (RefundState.SUCCEEDED, 0)
    assert await world.balance("surplus") == 0
    assert await world.balance("receivable:maya") == 0
    assert not world.troubles


async def test_what_moved_after_all_beyond_the_amount_is_not_forgotten(
    world: World, paid: Payment
) -> None:
    """Told as failed, asked for anew, and then both had moved; one of them comes back."""
    maya = world.companies.maya
    maya.refund_script = lambda order: REFUSED
    first = await world.give_back(paid, "1500.00", key="r1")
    maya.refund_script = lambda order: None
    second = await world.give_back(paid, "1500.00", key="r2")
    await world.call_back("maya", f"evt_8|{first.id}|150000")
    await world.work(5)
    assert (await world.payment(paid.id)).refundable == php("0.00")
    assert await world.balance("refunds") == 300_000
    await world.call_back("maya", f"evt_9|{first.id}|no")
    await world.work(5)
    payment = await world.payment(paid.id)
    assert (payment.refunded_minor, payment.refundable) == (150_000, php("0.00"))
    assert (await world.stored_refund(second.id)).state is RefundState.SUCCEEDED
    assert await world.balance("refunds") == 150_000
