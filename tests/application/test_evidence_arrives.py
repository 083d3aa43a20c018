"""Callbacks early, late, twice, forged, stale and wrong; late successes; cash."""

import pytest

from application.payments.verify_payment import Verification
from domain.errors import Forged, Invalid, NotFound, NotVerifiable, PaymentNotCancelable
from domain.ids import AccountId, JobId
from domain.money import Money
from domain.payments.events import EventType
from domain.payments.outcome import (
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NotSent,
    Succeeded,
)
from domain.payments.payment import Payment
from domain.payments.status import PaymentStatus
from domain.ports.jobs import JobState
from domain.ports.providers import Callback, Charge
from tests.application.company import DOWN, LOST, REFUSED, Booked
from tests.application.world import World, a_world
from tests.builders import ACME, PHP
from tests.storages import book_of

pytestmark = pytest.mark.anyio


async def events(world: World, payment: Payment) -> list[str]:
    return [entry.type for entry in await world.views.timeline(ACME, payment.id)]


async def test_a_signed_callback_pays_the_payment_once(world: World) -> None:
    payment = await world.pay()
    attempt = payment.attempts[0]
    body = f"evt_1|{attempt.id}|150000"
    assert await world.call_back("maya", body)
    assert not await world.call_back("maya", body), "a repeat is welcome and does nothing"
    await world.work()
    assert not await world.call_back("maya", body)
    await world.work()
    payment = await world.payment(payment.id)
    assert payment.status is PaymentStatus.SUCCEEDED
    told = await events(world, payment)
    assert told.count("payment.succeeded") == 1


async def test_a_callback_before_our_own_commit_waits_for_it(world: World) -> None:
    """The provider calls back while our call to it is still open."""

    async def call_back(charge: Charge) -> None:
        world.companies.maya.pay(charge.attempt_id)
        await world.call_back("maya", f"evt_1|{charge.attempt_id}|150000")
        await world.run_jobs(10)

    world.companies.maya.before_answer = call_back
    payment = await world.pay()
    await world.work(2)
    payment = await world.payment(payment.id)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert (await events(world, payment)).count("payment.succeeded") == 1


async def test_a_callback_of_a_payment_not_known_yet_is_kept_and_tried_again(
    world: World,
) -> None:
    stranger = f"att_{'9' * 26}01"
    await world.call_back("maya", f"evt_9|{stranger}|100")
    await world.work(3600)
    for _ in range(30):
        await world.work(3600)
    async with world.units(ACME) as unit:
        stored = await unit.inbox.get(AccountId("acc_maya"), "evt_9")
    assert stored.state == "unmatched"
    assert await world.queue.next_due() is None
    kept = await book_of(world.queue).get(ACME, JobId("notice:acc_maya:evt_9"))
    assert kept.state is JobState.DEAD
    assert "nothing here is meant by it" in (kept.job.last_error or "")


async def test_an_unmatched_callback_is_read_again_when_a_person_asks() -> None:
    """Its payment may have come to be here since: from a backup, or another installation."""
    world = await a_world()
    payment = await world.pay()
    reference = payment.attempts[0].id
    del world.database.shelf(ACME).payments[payment.id]
    await world.call_back("maya", f"evt_9|{reference}|150000")
    for _ in range(30):
        await world.work(3600)
    world.database.shelf(ACME).payments[payment.id] = payment
    book = book_of(world.queue)
    assert await book.retry(ACME, JobId("notice:acc_maya:evt_9"), world.clock.now())
    await world.work()
    assert (await world.payment(payment.id)).status is PaymentStatus.SUCCEEDED
    assert (await book.get(ACME, JobId("notice:acc_maya:evt_9"))).state is JobState.DONE


async def test_a_forged_callback_changes_nothing(world: World) -> None:
    payment = await world.pay()
    forged = Callback(f"evt_1|{payment.attempts[0].id}|150000".encode(), {"signature": "gcash"})
    with pytest.raises(Forged):
        await world.receive(forged, world_account("maya"))
    await world.work()
    assert (await world.payment(payment.id)).status is PaymentStatus.PENDING
    async with world.units(ACME) as unit:
        with pytest.raises(NotFound):
            await unit.inbox.get(AccountId("acc_maya"), "evt_1")


async def test_one_accounts_callback_says_nothing_about_anothers_attempt(world: World) -> None:
    payment = await world.pay()
    await world.call_back("gcash", f"evt_1|{payment.attempts[0].id}|150000")
    await world.work()
    assert (await world.payment(payment.id)).status is PaymentStatus.PENDING


async def test_the_shared_address_finds_the_account_by_the_reference_inside(
    world: World,
) -> None:
    payment = await world.pay()
    body = f"evt_1|{payment.attempts[0].id}|150000".encode()
    assert await world.receive(Callback(body, {"signature": "maya"}), None)
    await world.work()
    assert (await world.payment(payment.id)).status is PaymentStatus.SUCCEEDED
    with pytest.raises(Forged):
        await world.receive(Callback(body, {}), None)


@pytest.mark.parametrize("minor", [149_999, 150_001, 1])
async def test_another_amount_never_pays_it_comes_before_a_person(world: World, minor: int) -> None:
    payment = await world.pay()
    attempt = payment.attempts[0]
    await world.call_back("maya", f"evt_1|{attempt.id}|{minor}")
    await world.work()
    payment = await world.payment(payment.id)
    assert payment.status is PaymentStatus.AWAITING_VERIFICATION
    assert payment.paid_by is None
    assert EventType.MISMATCH in await events(world, payment)
    seen = Verification(received=False, reason="only part of it came", operator="ada")
    payment = await world.verify(ACME, payment.id, seen)
    assert payment.status is PaymentStatus.FAILED


async def test_a_late_approval_after_a_fallback_paid_is_given_back(world: World) -> None:
    """Maya said no, GCash was paid, then the payer approved at Maya after all."""
    maya = world.companies.maya
    no = Failure(FailureCode.UNKNOWN, "try later", FailureKind.UNAVAILABLE)
    maya.script = lambda charge: Declined(failure=no, elsewhere=True)
    payment = await world.pay()
    first, second = payment.attempts
    world.companies.gcash.pay(second.id)
    await world.call_back("gcash", f"evt_1|{second.id}|150000")
    await world.work()

    maya.books[first.id] = Booked(first.charged, Succeeded(amount=first.charged))
    await world.call_back("maya", f"evt_2|{first.id}|150000")
    await world.work()
    payment = await world.payment(payment.id)
    assert payment.paid_by == 2
    assert payment.attempts[0].surplus
    assert payment.status is PaymentStatus.SUCCEEDED
    assert payment.refunded_minor == 0
    assert maya.kept_minor + world.companies.gcash.kept_minor == 150_000
    told = await events(world, payment)
    assert told.count("payment.surplus") == 1
    assert told.count("refund.succeeded") == 1


async def test_a_late_approval_of_a_failed_payment_pays_it(world: World) -> None:

    world.companies.maya.script = lambda charge: REFUSED
    payment = await world.pay()
    attempt = payment.attempts[0]

    world.companies.maya.books[attempt.id] = Booked(
        attempt.charged, Succeeded(amount=attempt.charged)
    )
    await world.call_back("maya", f"evt_1|{attempt.id}|150000")
    await world.work()
    assert (await world.payment(payment.id)).status is PaymentStatus.SUCCEEDED


async def test_a_late_approval_while_the_fallback_still_waits_wins_and_the_second_is_surplus(
    world: World,
) -> None:

    world.companies.maya.script = lambda charge: DOWN
    payment = await world.pay()
    first, second = payment.attempts
    world.companies.maya.books[first.id] = Booked(first.charged, Succeeded(amount=first.charged))
    await world.call_back("maya", f"evt_1|{first.id}|150000")
    await world.work()
    payment = await world.payment(payment.id)
    assert payment.paid_by == 1
    assert payment.attempts[1].is_live
    world.companies.gcash.pay(second.id)
    await world.call_back("gcash", f"evt_2|{second.id}|150000")
    await world.work()
    payment = await world.payment(payment.id)
    assert payment.paid_by == 1
    assert payment.attempts[1].surplus
    assert world.companies.maya.kept_minor + world.companies.gcash.kept_minor == 150_000


async def test_a_surplus_that_can_not_be_returned_now_is_returned_later(world: World) -> None:

    maya = world.companies.maya
    maya.script = lambda charge: DOWN
    maya.refund_script = lambda order: NotSent("connection refused")
    payment = await world.pay()
    first, second = payment.attempts
    world.companies.gcash.pay(second.id)
    await world.call_back("gcash", f"evt_1|{second.id}|150000")
    maya.books[first.id] = Booked(first.charged, Succeeded(amount=first.charged))
    await world.call_back("maya", f"evt_2|{first.id}|150000")
    await world.work()
    assert maya.kept_minor == 150_000
    maya.refund_script = lambda order: None
    await world.work(7200)
    assert maya.kept_minor == 0


async def test_a_callback_denied_by_a_query_is_a_dispute_for_a_person(world: World) -> None:

    payment = await world.pay()
    attempt = payment.attempts[0]
    world.companies.maya.books[attempt.id].answer = REFUSED
    await world.work(5)
    assert (await world.payment(payment.id)).status is PaymentStatus.FAILED
    await world.call_back("maya", f"evt_1|{attempt.id}|150000")
    await world.work()
    payment = await world.payment(payment.id)
    assert payment.status is PaymentStatus.AWAITING_VERIFICATION
    assert "reconciliation.mismatch" in await events(world, payment)
    world.companies.maya.pay(attempt.id)
    await world.get(ACME, payment.id, refresh=True)
    assert (await world.payment(payment.id)).status is PaymentStatus.SUCCEEDED


async def test_a_canceled_payment_ends_only_when_the_provider_says_so(world: World) -> None:
    payment = await world.cancel(ACME, (await world.pay()).id)
    assert payment.status is PaymentStatus.CANCELED
    with pytest.raises(PaymentNotCancelable):
        await world.cancel(ACME, payment.id)
    paid = await world.pay(key="k2")
    world.companies.maya.pay(paid.attempts[0].id)
    assert (await world.cancel(ACME, paid.id)).status is PaymentStatus.SUCCEEDED


async def test_cash_waits_for_a_person_and_is_received(world: World) -> None:
    payment = await world.pay(method="cash")
    assert payment.status is PaymentStatus.AWAITING_VERIFICATION
    assert payment.fee is not None
    assert payment.fee.minor == 0
    action = payment.attempts[0].next_action
    assert action is not None
    assert action.reference_code == "C4SH"
    assert [one.id for one in await world.views.awaiting(ACME, 10)] == [payment.id]
    short = Verification(
        received=True, reason="counted", operator="ada", amount=Money(149_900, PHP)
    )
    with pytest.raises(Invalid):
        await world.verify(ACME, payment.id, short)
    seen = Verification(received=True, reason="counted", operator="ada")
    payment = await world.verify(ACME, payment.id, seen)
    assert payment.status is PaymentStatus.SUCCEEDED
    with pytest.raises(NotVerifiable):
        await world.verify(ACME, payment.id, seen)
    entry = (await world.views.timeline(ACME, payment.id))[-1]
    assert "ada" in entry.cause
    assert "counted" in entry.cause


async def test_cash_that_a_person_rejects_has_failed(world: World) -> None:
    payment = await world.pay(method="cash")
    seen = Verification(received=False, reason="nobody came", operator="ada")
    payment = await world.verify(ACME, payment.id, seen)
    assert payment.status is PaymentStatus.FAILED
    assert payment.failure is not None
    assert payment.failure.message == "nobody came"


async def test_cash_is_never_chosen_unasked(world: World) -> None:
    quotes = await world.quote(ACME, Money.parse("1500.00", PHP), "PH", None)
    assert [(one.profile.code, one.available) for one in quotes] == [
        ("maya", True),
        ("gcash", True),
        ("cash", True),
    ]
    assert (await world.pay()).decision.order == ("maya", "gcash")


async def test_quotes_say_why_a_method_is_not_available(world: World) -> None:
    quotes = await world.quote(ACME, Money.parse("100000.01", PHP), "PH", None)
    assert {one.candidate.obstacle for one in quotes} == {"amount_above_limit"}


def world_account(company: str) -> AccountId:
    return AccountId(f"acc_{company}")


async def hint(world: World, attempt_id: str, *, is_new: bool = True) -> None:
    """A callback that anyone could have sent."""
    headers = {"signature": "maya", "hint": "yes"}
    body = f"evt_1|{attempt_id}|150000".encode()
    assert await world.receive(Callback(body, headers), world_account("maya")) is is_new


async def test_a_hint_is_never_believed_only_followed(world: World) -> None:
    payment = await world.pay()
    await hint(world, payment.attempts[0].id)
    await world.work()
    assert (await world.payment(payment.id)).status is PaymentStatus.PENDING


async def test_a_hint_about_a_closed_attempt_finds_the_late_approval(world: World) -> None:
    """The payer was refused, tried again on the same page, and paid."""
    world.companies.maya.script = lambda charge: REFUSED
    payment = await world.pay()
    attempt = payment.attempts[0]
    assert payment.status is PaymentStatus.FAILED
    world.companies.maya.books[attempt.id] = Booked(
        attempt.charged, Succeeded(amount=attempt.charged)
    )
    await hint(world, attempt.id)
    await world.work()
    assert (await world.payment(payment.id)).status is not PaymentStatus.FAILED, "it is not lost"


async def test_a_hint_about_a_closed_attempt_is_followed_until_it_is_answered(
    world: World,
) -> None:
    """Its ladder is over: nobody else would ask, and a repeat of the callback changes nothing."""
    maya = world.companies.maya
    maya.script = lambda charge: REFUSED
    payment = await world.pay()
    attempt = payment.attempts[0]
    maya.books[attempt.id] = Booked(attempt.charged, Succeeded(amount=attempt.charged))
    maya.silent_queries = True
    await hint(world, attempt.id)
    await world.work()
    await world.work(3600)
    assert world.troubles == []
    maya.silent_queries = False
    await world.work(3600)
    assert (await world.payment(payment.id)).status is PaymentStatus.SUCCEEDED


async def test_a_hint_that_was_forged_before_it_was_true_is_followed_when_it_comes(
    world: World,
) -> None:
    """Who sends first what nobody signs can't keep the company from being heard."""
    maya = world.companies.maya
    maya.script = lambda charge: REFUSED
    payment = await world.pay()
    attempt = payment.attempts[0]
    maya.books[attempt.id] = Booked(attempt.charged, REFUSED)
    await hint(world, attempt.id)
    await world.work()
    maya.pay(attempt.id)
    for _ in range(3):
        await hint(world, attempt.id, is_new=False)
    await world.work()
    assert (await world.payment(payment.id)).status is PaymentStatus.SUCCEEDED


async def test_a_repeated_hint_is_followed_once_an_hour(world: World) -> None:
    maya = world.companies.maya
    maya.script = lambda charge: REFUSED
    attempt = (await world.pay()).attempts[0]
    await hint(world, attempt.id)
    await world.work()
    for hour in range(3):
        asked = len(maya.calls)
        for _ in range(5):
            await hint(world, attempt.id, is_new=False)
            await world.work()
        assert len(maya.calls) == asked + 1, hour
        world.clock.advance(3600)


async def test_a_hint_that_nobody_answers_for_a_day_comes_before_a_person(world: World) -> None:
    maya = world.companies.maya
    maya.script = lambda charge: REFUSED
    attempt = (await world.pay()).attempts[0]
    maya.silent_queries = True
    await hint(world, attempt.id)
    for _ in range(40):
        await world.work(3600)
    asked = [one for one in maya.calls if one.startswith("find")]
    assert 20 < len(asked) < 40
    assert len(world.troubles) == 1
    assert "is said to have moved, and maya is silent" in world.troubles[0]


async def test_a_hint_whose_query_fails_pulls_the_next_query_forward(world: World) -> None:
    maya = world.companies.maya
    maya.script = lambda charge: LOST
    payment = await world.pay()
    maya.silent_queries = True
    for wait in (5, 15, 45, 120, 600, 3600):
        await world.work(wait)
    maya.pay(payment.attempts[0].id)
    await hint(world, payment.attempts[0].id)
    await world.work()
    maya.silent_queries = False
    await world.work(5)
    assert (await world.payment(payment.id)).status is PaymentStatus.SUCCEEDED
