"""What the two companies do to us, and what becomes of the payer's money."""

import pytest

from adapters.provider_kit.simulator import Action
from domain.payments.attempt import AttemptStatus
from domain.payments.evidence import Evidence, Rank
from domain.payments.intent import Customer
from domain.payments.outcome import Succeeded
from domain.payments.status import PaymentStatus
from tests.application.company import DOWN
from tests.flows.conftest import Town

pytestmark = pytest.mark.anyio

BOTH = pytest.mark.parametrize("method", ["maya", "gcash"])


@BOTH
async def test_a_payment_is_approved_and_the_callback_confirms_it(town: Town, method: str) -> None:
    payment = await town.world.pay(method=method)
    assert payment.status is PaymentStatus.PENDING
    assert payment.attempts[0].next_action is not None
    town.act(payment)
    await town.pass_(1)
    payment = await town.world.payment(payment.id)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert town.kept_minor() == 150_000


@BOTH
async def test_without_any_callback_the_ladder_finds_it(town: Town, method: str) -> None:
    town.faults(method, rules=[{"on": "callback", "do": "drop", "rate": 1.0}])
    payment = await town.world.pay(method=method)
    town.act(payment)
    await town.pass_(5)
    await town.pass_(15)
    assert (await town.world.payment(payment.id)).status is PaymentStatus.SUCCEEDED


@BOTH
async def test_a_declined_payment_has_failed_and_nothing_is_kept(town: Town, method: str) -> None:
    payment = await town.world.pay(method=method)
    town.act(payment, Action.DECLINE)
    await town.pass_(60)
    payment = await town.world.payment(payment.id)
    assert payment.status is PaymentStatus.FAILED
    assert town.kept_minor() == 0


@BOTH
async def test_a_timeout_after_the_company_took_it_ends_as_one_paid_payment(
    town: Town, method: str
) -> None:
    """The charge was accepted, the answer was lost, and the payer pays by itself."""
    town.faults(method, rules=[{"on": "charge", "do": "timeout_after", "rate": 1.0}])
    payer = Customer(id="cus_1", phone="+639170001111")  # approves at once
    payment = await town.world.pay(method=method, customer=payer)
    assert payment.attempts[0].status is AttemptStatus.INDETERMINATE
    assert len(payment.attempts) == 1, "nobody else is tried while it may hold money"
    await town.pass_(5)
    await town.pass_(15)
    payment = await town.world.payment(payment.id)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert [one.status for one in town.books()] == ["succeeded"]
    assert town.kept_minor() == 150_000


@BOTH
async def test_an_error_after_the_company_took_it_is_not_a_no(town: Town, method: str) -> None:
    town.faults(method, rules=[{"on": "charge", "do": "error_5xx_after", "rate": 1.0}])
    payer = Customer(id="cus_1", phone="+639170001111")
    payment = await town.world.pay(method=method, customer=payer)
    assert len(payment.attempts) == 1
    await town.pass_(5)
    await town.pass_(15)
    assert (await town.world.payment(payment.id)).status is PaymentStatus.SUCCEEDED
    assert town.kept_minor() == 150_000


@pytest.mark.parametrize(("first", "other"), [("maya", "gcash"), ("gcash", "maya")])
async def test_an_outage_falls_back_to_the_other(town: Town, first: str, other: str) -> None:
    town.faults(first, outage=True)
    payment = await town.world.pay(method=first)
    assert [one.provider for one in payment.attempts] == [first, other]
    town.act(payment)
    await town.pass_(1)
    payment = await town.world.payment(payment.id)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert payment.paid_by == 2
    assert town.kept_minor() == 150_000


async def test_when_both_are_down_nothing_is_charged(town: Town) -> None:
    for name in town.remotes:
        town.faults(name, outage=True)
    answer = await town.world.answer(return_url="https://shop.example/back")
    assert answer.status == 503
    assert town.books() == []


@BOTH
@pytest.mark.parametrize("do", ["duplicate", "delay", "reorder"])
async def test_callbacks_twice_late_and_out_of_order_change_nothing(
    town: Town, method: str, do: str
) -> None:
    town.faults(method, rules=[{"on": "callback", "do": do, "rate": 1.0, "seconds": 3}])
    payment = await town.world.pay(method=method)
    town.act(payment)
    for _ in range(4):
        await town.pass_(10)
    payment = await town.world.payment(payment.id)
    assert payment.status is PaymentStatus.SUCCEEDED
    told = [one.type for one in await town.world.views.timeline(payment.tenant_id, payment.id)]
    assert told.count("payment.succeeded") == 1


@BOTH
async def test_a_forged_callback_beside_the_true_one_is_refused(town: Town, method: str) -> None:
    town.faults(method, rules=[{"on": "callback", "do": "forge", "rate": 1.0}])
    payment = await town.world.pay(method=method)
    town.act(payment, Action.DECLINE)
    await town.pass_(1)
    assert town.forged == 1
    payment = await town.world.payment(payment.id)
    assert payment.status is PaymentStatus.FAILED
    heard = payment.attempts[0].evidence
    assert not any(isinstance(one.answer, Succeeded) for one in heard)


@BOTH
async def test_a_callback_of_another_amount_never_pays(town: Town, method: str) -> None:
    town.faults(method, rules=[{"on": "callback", "do": "wrong_amount", "rate": 1.0}])
    payment = await town.world.pay(method=method)
    town.act(payment)
    await town.pass_(1)
    payment = await town.world.payment(payment.id)
    assert payment.status is PaymentStatus.AWAITING_VERIFICATION
    told = [one.type for one in await town.world.views.timeline(payment.tenant_id, payment.id)]
    assert "reconciliation.mismatch" in told
    await town.pass_(20)
    payment = await town.world.payment(payment.id)
    assert payment.status is PaymentStatus.SUCCEEDED, "the company, asked, says the true amount"


async def test_a_late_approval_after_a_fallback_paid_ends_with_a_refund(town: Town) -> None:
    """Maya's answer is a lie: "down", and yet the checkout is there and the payer pays it."""
    payment = await town.world.pay()
    first = payment.attempts[0]
    said = Evidence(
        id="lie", rank=Rank.REPLY, answer=DOWN, at=town.world.clock.now(), cause="reply of maya"
    )
    amended = await town.world.initiate.amend(
        payment.tenant_id, payment.id, lambda found: found.hear(first.id, said)
    )
    payment = await town.world.initiate.send(amended.payment, amended.opened)
    assert [one.provider for one in payment.attempts] == ["maya", "gcash"]
    town.act(payment, number=1)
    await town.pass_(1)
    assert (await town.world.payment(payment.id)).paid_by == 2
    town.act(payment, number=0)
    for _ in range(6):
        await town.pass_(60)
    payment = await town.world.payment(payment.id)
    assert payment.paid_by == 2
    assert payment.attempts[0].surplus
    assert town.kept_minor() == 150_000, "the surplus went back"


@BOTH
async def test_refunds_partial_and_full_move_in_the_companys_books(town: Town, method: str) -> None:
    payment = await town.world.pay(method=method)
    town.act(payment)
    await town.pass_(1)
    payment = await town.world.payment(payment.id)
    await town.world.give_back(payment, "500.00", "r1")
    await town.pass_(120)
    assert town.kept_minor() == 100_000
    await town.world.give_back(payment, None, "r2")
    await town.pass_(120)
    payment = await town.world.payment(payment.id)
    assert payment.refunded_minor == 150_000
    assert town.kept_minor() == 0


@BOTH
async def test_a_refund_whose_answer_is_lost_moves_once(town: Town, method: str) -> None:
    payment = await town.world.pay(method=method)
    town.act(payment)
    await town.pass_(1)
    payment = await town.world.payment(payment.id)
    town.faults(method, rules=[{"on": "refund", "do": "timeout_after", "rate": 1.0}])
    refund = await town.world.give_back(payment, "500.00", "r1")
    assert refund.status == "pending"
    for _ in range(5):
        await town.pass_(120)
    assert (await town.world.stored_refund(refund.id)).status == "succeeded"
    assert town.kept_minor() == 100_000


@BOTH
async def test_a_payment_that_expires_ends_at_its_company_too(town: Town, method: str) -> None:
    payment = await town.world.pay(method=method)
    for _ in range(10):
        await town.pass_(3600)
    payment = await town.world.payment(payment.id)
    assert payment.status in (PaymentStatus.EXPIRED, PaymentStatus.CANCELED)
    assert town.kept_minor() == 0
    assert await town.world.queue.next_due() is None
