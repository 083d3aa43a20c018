"""Giving money back: full, partial, repeated, racing, lost, and sent again."""

import asyncio
from dataclasses import replace

import pytest

from application.payments.verify_payment import Verification
from domain.errors import (
    Invalid,
    KeyReused,
    NotFound,
    PaymentNotRefundable,
    RefundExceedsPayment,
    RefundUnsupported,
)
from domain.ids import PaymentId
from domain.payments.outcome import NotSent, Pending
from domain.payments.payment import Payment
from domain.payments.status import RefundStatus
from tests.application.company import DOWN, REFUSED
from tests.application.world import World
from tests.builders import ACME

pytestmark = pytest.mark.anyio


@pytest.fixture
async def paid(world: World) -> Payment:
    payment = await world.pay()
    world.companies.maya.pay(payment.attempts[0].id)
    await world.work(5)
    return await world.payment(payment.id)


async def test_a_full_refund_gives_all_back(world: World, paid: Payment) -> None:
    refund = await world.give_back(paid)
    assert refund.status == "succeeded"
    assert refund.amount.major == "1500.00"
    payment = await world.payment(paid.id)
    assert payment.refund_status is RefundStatus.FULL
    assert payment.refundable.minor == 0
    assert world.companies.maya.kept_minor == 0


async def test_partial_refunds_add_up_and_stop_at_what_was_paid(
    world: World, paid: Payment
) -> None:
    for number, amount in enumerate(("500.00", "999.99")):
        assert (await world.give_back(paid, amount, f"r{number}")).status == "succeeded"
    assert (await world.payment(paid.id)).refund_status is RefundStatus.PARTIAL
    with pytest.raises(RefundExceedsPayment):
        await world.give_back(paid, "0.02", "r3")
    assert (await world.give_back(paid, None, "r4")).amount.major == "0.01"
    assert (await world.payment(paid.id)).refund_status is RefundStatus.FULL
    with pytest.raises(RefundExceedsPayment):
        await world.give_back(paid, None, "r5")


async def test_twenty_racing_refunds_never_give_back_more_than_was_paid(
    world: World, paid: Payment
) -> None:
    async def one(number: int) -> bool:
        try:
            return (await world.give_back(paid, "150.00", f"r{number}")).status == "succeeded"
        except RefundExceedsPayment:
            return False

    done = await asyncio.gather(*(one(number) for number in range(20)))
    assert sum(done) == 10
    assert world.companies.maya.kept_minor == 0
    payment = await world.payment(paid.id)
    assert (payment.refunded_minor, payment.reserved_minor) == (150_000, 0)


async def test_the_same_key_refunds_once(world: World, paid: Payment) -> None:
    first = await world.give_back(paid, "100.00")
    again = await world.give_back(paid, "100.00")
    assert first.id == again.id
    assert world.companies.maya.kept_minor == 140_000
    with pytest.raises(KeyReused):
        await world.give_back(paid, "200.00")


async def test_a_lost_answer_keeps_the_amount_reserved_and_is_only_asked_about(
    world: World, paid: Payment
) -> None:
    world.companies.maya.silent_refunds = True
    refund = await world.give_back(paid, "1000.00")
    assert refund.status == "pending"
    with pytest.raises(RefundExceedsPayment):
        await world.give_back(paid, "500.01", "r2")
    await world.work(5)
    assert (await world.stored_refund(refund.id)).status == "succeeded"
    assert sum(call.startswith("refund ") for call in world.companies.maya.calls) == 1
    assert (await world.payment(paid.id)).refunded_minor == 100_000


async def test_a_refund_the_provider_refuses_frees_the_amount(world: World, paid: Payment) -> None:
    world.companies.maya.refund_script = lambda order: REFUSED
    refund = await world.give_back(paid)
    assert refund.status == "failed"
    assert refund.failure is not None
    payment = await world.payment(paid.id)
    assert payment.refundable.major == "1500.00"
    assert payment.reserved_minor == 0


@pytest.mark.parametrize("no", [NotSent("connection refused"), DOWN])
async def test_what_was_certainly_not_executed_is_sent_again_later(
    world: World, paid: Payment, no: NotSent
) -> None:
    world.companies.maya.refund_script = lambda order: no
    refund = await world.give_back(paid)
    assert refund.status == "pending"
    world.companies.maya.refund_script = lambda order: None
    for _ in range(5):
        await world.work(3600)
    assert (await world.stored_refund(refund.id)).status == "succeeded"
    assert world.companies.maya.kept_minor == 0
    assert (await world.payment(paid.id)).refunded_minor == 150_000


async def test_a_no_to_an_earlier_sending_says_nothing_about_the_next(
    world: World, paid: Payment
) -> None:
    world.companies.maya.refund_script = lambda order: NotSent("connection refused")
    refund = await world.give_back(paid)
    world.companies.maya.refund_script = lambda order: None
    world.companies.maya.silent_refunds = True
    await world.work(60)
    assert (await world.stored_refund(refund.id)).status in ("pending", "succeeded")
    for _ in range(4):
        await world.work(600)
    assert (await world.stored_refund(refund.id)).status == "succeeded"
    assert world.companies.maya.kept_minor == 0


async def test_a_pending_refund_ends_when_the_provider_says_so(world: World, paid: Payment) -> None:
    world.companies.maya.refund_script = lambda order: Pending(provider_reference="re-1")
    refund = await world.give_back(paid)
    assert refund.status == "pending"
    assert refund.provider_reference == "re-1"
    await world.work(5)
    assert (await world.stored_refund(refund.id)).status == "succeeded"


async def test_a_refund_of_what_is_not_paid_is_refused(world: World) -> None:
    pending = await world.pay()
    with pytest.raises(PaymentNotRefundable):
        await world.give_back(pending)
    with pytest.raises(NotFound):
        await world.give_back(replace(pending, id=PaymentId("pay_" + "9" * 26)))


async def test_cash_is_given_back_by_hand(world: World) -> None:

    payment = await world.pay(method="cash")
    seen = Verification(received=True, reason="counted", operator="ada")
    payment = await world.verify(ACME, payment.id, seen)
    with pytest.raises(RefundUnsupported):
        await world.give_back(payment)


@pytest.mark.parametrize("amount", ["0", "0.00"])
async def test_a_refund_of_nothing_is_refused(world: World, paid: Payment, amount: str) -> None:
    with pytest.raises(Invalid):
        await world.give_back(paid, amount)
