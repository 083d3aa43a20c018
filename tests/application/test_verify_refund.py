"""What no machine can know or do about a refund comes before a person, and ends with their word."""

import pytest

from application.payments.verify_payment import Verification
from application.refunds.verify_refund import RefundVerification
from domain.errors import Invalid, NotFound, NotVerifiable, RefundExceedsPayment
from domain.ids import RefundId
from domain.ledger.journal import SURPLUS, receivable
from domain.money import Money
from domain.payments.attempt import AttemptStatus
from domain.payments.evidence import Rank
from domain.payments.outcome import Succeeded
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RefundState
from domain.payments.status import PaymentStatus
from tests.application.company import DOWN, LOST, REFUSED, Booked
from tests.application.world import World
from tests.builders import ACME, OTHER, PHP, USD, php
from tests.builders import said as evidence
from tests.storages import Storage

pytestmark = pytest.mark.anyio

DAY_S = 86_400


@pytest.fixture
async def paid(world: World) -> Payment:
    """At a company that takes refunds, and never says what became of them."""
    maya = world.companies.maya
    maya.refund_script, maya.silent_refund_queries = (lambda order: LOST), True
    payment = await world.pay()
    world.companies.maya.pay(payment.attempts[0].id)
    await world.work(5)
    return await world.payment(payment.id)


async def forgotten(world: World, payment: Payment, amount: str | None = None) -> Refund:
    """A refund that nobody knows anything of, past the provider's horizon."""
    refund = await world.give_back(payment, amount)
    for _ in range(4):
        await world.work(DAY_S)
    return await world.stored_refund(refund.id)


async def said(
    world: World, refund: Refund, *, returned: bool, reason: str = "seen on the statement"
) -> Refund:
    seen = RefundVerification(returned=returned, reason=reason, operator="ada")
    return await world.verify_refund(ACME, refund.id, seen)


async def it_went_back(world: World, refund: Refund) -> None:
    """Says a callback, days later."""
    yes = evidence(Succeeded(amount=refund.amount), Rank.CALLBACK, send=refund.sends)
    await world.verify_refund.amend(ACME, refund.id, lambda found: found.hear(yes))


async def told(world: World, payment: Payment) -> list[str]:
    return [entry.type for entry in await world.views.timeline(ACME, payment.id)]


async def waiting(world: World) -> list[RefundId]:
    return [one.id for one in await world.views.awaiting_refunds(ACME, 10)]


async def balance(storage: Storage, account: str) -> int:
    """Debits less credits, in minor units."""
    found = await storage.ledger.balances(ACME, None)
    return sum(one.debit_minor - one.credit_minor for one in found if one.account == account)


async def test_until_the_horizon_it_is_asked_about_and_stays_reserved(
    world: World, paid: Payment
) -> None:
    refund = await world.give_back(paid)
    for _ in range(2):
        await world.work(DAY_S)
    assert await waiting(world) == []
    assert (await world.payment(paid.id)).reserved_minor == 150_000
    with pytest.raises(NotVerifiable):
        await said(world, refund, returned=True)


async def test_past_the_horizon_a_person_has_it_and_nobody_is_asked_any_more(
    world: World, paid: Payment
) -> None:
    refund = await forgotten(world, paid)
    assert (refund.state, refund.with_person) == (RefundState.SUBMITTED, True)
    assert await waiting(world) == [refund.id]
    assert (await told(world, paid)).count("refund.awaiting_verification") == 1
    calls = len(world.companies.maya.calls)
    for _ in range(3):
        await world.work(DAY_S)
    assert len(world.companies.maya.calls) == calls
    assert await world.queue.next_due() is None
    assert (await world.payment(paid.id)).reserved_minor == 150_000


async def test_the_horizon_is_kept_to_the_minute(world: World, paid: Payment) -> None:
    """The ladder's last step is a day; the person has not to wait for it."""
    await world.give_back(paid)
    horizon_s = world.companies.profiles["maya"].promises.refunds_end_s
    for _ in range(horizon_s // DAY_S - 1):
        await world.work(DAY_S)
    await world.work(DAY_S - 60)
    assert await waiting(world) == []
    await world.work(60)
    assert len(await waiting(world)) == 1


async def test_a_person_saw_it_come_back(world: World, paid: Payment) -> None:
    refund = await forgotten(world, paid, "500.00")
    ended = await said(world, refund, returned=True)
    assert (ended.state, ended.with_person) == (RefundState.SUCCEEDED, False)
    payment = await world.payment(paid.id)
    assert (payment.refunded_minor, payment.reserved_minor) == (50_000, 0)
    assert await waiting(world) == []
    assert (await told(world, paid))[-1] == "refund.succeeded"
    last = (await world.views.timeline(ACME, paid.id))[-1]
    assert last.cause == "ada: seen on the statement"
    with pytest.raises(NotVerifiable):
        await said(world, refund, returned=False)


async def test_what_did_not_come_back_may_be_asked_back_again(world: World, paid: Payment) -> None:
    refund = await forgotten(world, paid)
    with pytest.raises(RefundExceedsPayment):
        await world.give_back(paid, "1.00", key="r2")
    ended = await said(world, refund, returned=False, reason="their desk knows nothing of it")
    assert (ended.state, ended.with_person) == (RefundState.FAILED, False)
    assert ended.failure is not None
    assert ended.failure.message == "their desk knows nothing of it"
    payment = await world.payment(paid.id)
    assert (payment.refunded_minor, payment.reserved_minor) == (0, 0)
    assert payment.refundable == php("1500.00")


async def test_the_provider_may_still_be_faster_than_the_person(
    world: World, paid: Payment
) -> None:
    refund = await forgotten(world, paid)
    await it_went_back(world, refund)
    assert await waiting(world) == []
    assert (await world.payment(paid.id)).refunded_minor == 150_000


async def test_a_success_after_a_persons_no_comes_before_a_person_again(
    world: World, paid: Payment
) -> None:
    refund = await forgotten(world, paid)
    await said(world, refund, returned=False)
    await it_went_back(world, refund)
    assert await waiting(world) == [refund.id]
    assert (await world.payment(paid.id)).refunded_minor == 0, "a person's word outranks it"
    ended = await said(world, refund, returned=True)
    assert ended.state is RefundState.SUCCEEDED
    assert (await world.payment(paid.id)).refunded_minor == 150_000


async def test_a_refund_of_somebody_else_is_not_there(world: World, paid: Payment) -> None:
    refund = await forgotten(world, paid)
    seen = RefundVerification(returned=True, reason="seen", operator="eve")
    with pytest.raises(NotFound):
        await world.verify_refund(OTHER, refund.id, seen)
    assert list(await world.views.awaiting_refunds(OTHER, 10)) == []


@pytest.fixture
async def twice(world: World) -> Payment:
    """GCash has paid it; Maya had said no before that."""
    world.companies.maya.script = lambda charge: DOWN
    payment = await world.pay()
    first, second = payment.attempts
    world.companies.gcash.pay(second.id)
    await world.call_back("gcash", f"evt_1|{second.id}|150000")
    await world.work()
    assert first.status is AttemptStatus.FAILED
    return await world.payment(payment.id)


async def comes_late(world: World, payment: Payment, minor: int) -> None:
    """Maya took money after all."""
    first = payment.attempts[0]
    money = Money(minor, payment.amount.currency)
    world.companies.maya.books[first.id] = Booked(first.charged, Succeeded(amount=money))
    await world.call_back("maya", f"evt_2|{first.id}|{minor}")
    await world.work()


async def test_a_surplus_that_its_provider_refuses_for_good_comes_before_a_person(
    world: World, twice: Payment, storage: Storage
) -> None:
    world.companies.maya.refund_script = lambda order: REFUSED
    await comes_late(world, twice, 150_000)
    (refund_id,) = await waiting(world)
    refund = await world.stored_refund(refund_id)
    assert (refund.state, refund.surplus) == (RefundState.FAILED, True)
    assert (await told(world, twice))[-2:] == ["refund.failed", "refund.awaiting_verification"]
    assert await balance(storage, SURPLUS) == -150_000
    ended = await said(world, refund, returned=True, reason="given back by bank transfer")
    assert (ended.state, ended.with_person) == (RefundState.SUCCEEDED, False)
    assert await balance(storage, SURPLUS) == 0
    assert await waiting(world) == []


async def test_a_wrong_amount_on_top_of_a_paid_payment_comes_before_a_person(
    world: World, twice: Payment
) -> None:
    await comes_late(world, twice, 100_000)
    payment = await world.payment(twice.id)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert payment.attempts[0].mismatch
    assert "reconciliation.mismatch" in await told(world, twice)
    assert [one.id for one in await world.views.awaiting(ACME, 10)] == [twice.id]


async def test_a_wrong_amount_goes_back_as_it_came(
    world: World, twice: Payment, storage: Storage
) -> None:
    await comes_late(world, twice, 100_000)
    seen = Verification(received=True, give_back=True, reason="return it", operator="ada")
    payment = await world.verify(ACME, twice.id, seen)
    first = payment.attempts[0]
    assert (first.status, first.surplus, first.took) == (
        AttemptStatus.SUCCEEDED,
        True,
        php("1000.00"),
    )
    assert (payment.status, payment.paid_by) == (PaymentStatus.SUCCEEDED, 2)
    assert await balance(storage, SURPLUS) == -100_000
    await world.work()
    (refund,) = await world.views.refunds(ACME, twice.id)
    assert (refund.amount, refund.state, refund.surplus) == (
        php("1000.00"),
        RefundState.SUCCEEDED,
        True,
    )
    assert world.companies.maya.kept_minor == 0
    assert await balance(storage, SURPLUS) == 0
    assert await balance(storage, receivable("maya")) == 0
    assert (await told(world, twice))[-2:] == ["payment.surplus", "refund.succeeded"]
    assert list(await world.views.awaiting(ACME, 10)) == []
    stored = await world.payment(twice.id)
    assert (stored.refunded_minor, stored.attempts[0].took) == (0, php("1000.00"))


async def test_a_wrong_amount_that_did_not_come_after_all_is_rejected(
    world: World, twice: Payment, storage: Storage
) -> None:
    await comes_late(world, twice, 100_000)
    seen = Verification(received=False, reason="their mistake", operator="ada")
    payment = await world.verify(ACME, twice.id, seen)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert payment.attempts[0].status is AttemptStatus.FAILED
    assert await balance(storage, SURPLUS) == 0
    assert list(await world.views.awaiting(ACME, 10)) == []


async def test_a_wrong_amount_of_a_payment_nobody_paid_may_go_back_too(world: World) -> None:
    payment = await world.pay()
    first = payment.attempts[0]
    world.companies.maya.pay(first.id, minor=99_900)
    await world.call_back("maya", f"evt_1|{first.id}|99900")
    await world.work()
    seen = Verification(received=True, give_back=True, reason="too little", operator="ada")
    ended = await world.verify(ACME, payment.id, seen)
    assert (ended.status, ended.paid_by) == (PaymentStatus.FAILED, None)
    await world.work()
    assert world.companies.maya.kept_minor == 0
    types = await told(world, payment)
    assert {"reconciliation.mismatch", "payment.surplus", "payment.failed"} <= set(types)
    assert types[-1] == "refund.succeeded"


@pytest.mark.parametrize(
    "amount", [php("1500.00"), Money(1000, USD), Money(-1, PHP), Money(0, PHP)]
)
async def test_what_can_not_go_back_so_is_said(world: World, amount: Money) -> None:
    payment = await world.pay()
    first = payment.attempts[0]
    await world.call_back("maya", f"evt_1|{first.id}|99900")
    await world.work()
    seen = Verification(
        received=True, give_back=True, amount=amount, reason="it came", operator="ada"
    )
    with pytest.raises(Invalid) as refused:
        await world.verify(ACME, payment.id, seen)
    assert refused.value.field == "receivedAmount"
    assert (await world.payment(payment.id)).status is PaymentStatus.AWAITING_VERIFICATION


async def test_offline_money_goes_back_only_when_it_is_said_how_much(world: World) -> None:
    payment = await world.pay(method="cash")
    seen = Verification(received=True, give_back=True, reason="too little", operator="ada")
    with pytest.raises(Invalid, match="how much"):
        await world.verify(ACME, payment.id, seen)
