"""A payment collects once: attempts, the fence between them, and late news."""

import pytest

from domain.errors import (
    Invalid,
    NotFound,
    NotVerifiable,
    PaymentNotCancelable,
    PaymentNotRefundable,
    RefundExceedsPayment,
)
from domain.fees.schedule import Bearer
from domain.ids import AttemptId, payment_of
from domain.money import Money
from domain.payments.attempt import AttemptStatus
from domain.payments.events import EventType
from domain.payments.evidence import Rank
from domain.payments.outcome import Answer, FailureCode, FailureKind
from domain.payments.payment import Payment
from domain.payments.refund import Returned
from domain.payments.status import PaymentStatus, RefundStatus
from tests.builders import (
    NOW,
    USD,
    a_failure,
    a_paid_payment,
    a_payment,
    attempt_id,
    current,
    declined,
    later,
    not_found,
    not_sent,
    pending,
    php,
    said,
    succeeded,
    unknown,
)

DUE = php("1500.00")
GONE = declined(failure=a_failure(FailureCode.CANCELED, FailureKind.CANCELED))


def tell(payment: Payment, number: int, answer: Answer, rank: Rank = Rank.REPLY) -> Payment:
    return payment.hear(attempt_id(payment, number), said(answer, rank))


def kinds(payment: Payment) -> list[EventType]:
    return [event.type for event in payment.events]


def fences(payment: Payment) -> list[bool]:
    return [attempt.fence for attempt in payment.attempts]


def test_a_new_payment_has_one_open_attempt_that_holds_the_fence() -> None:
    payment = a_payment()
    assert payment.status is PaymentStatus.PENDING
    assert fences(payment) == [True]
    assert payment.opened == payment.attempts[0]
    assert payment_of(payment.attempts[0].id) == payment.id
    assert kinds(payment) == [EventType.INITIATED]


def test_a_payment_nobody_can_take_has_failed() -> None:
    payment = a_payment(providers=())
    assert (payment.status, payment.attempts, payment.opened) == (PaymentStatus.FAILED, (), None)
    assert payment.failure is not None
    assert payment.failure.code is FailureCode.PROVIDER_UNAVAILABLE
    assert kinds(payment) == [EventType.INITIATED, EventType.FAILED]


def test_offline_money_waits_for_a_person_from_the_start() -> None:
    payment = a_payment(offline=True)
    assert payment.status is PaymentStatus.AWAITING_VERIFICATION
    paid = tell(payment, 1, succeeded(DUE), Rank.PERSON)
    assert paid.status is PaymentStatus.SUCCEEDED


def test_the_payer_is_charged_with_the_fee_when_it_bears_it() -> None:
    payment = a_payment(bearer=Bearer.PAYER)
    assert current(payment).charged == php("1552.50")
    assert not tell(payment, 1, succeeded(php("1500.00"))).paid_by
    assert tell(payment, 1, succeeded(php("1552.50"))).paid_by == 1


def test_a_success_pays() -> None:
    payment = tell(a_payment(), 1, succeeded(DUE))
    assert (payment.status, payment.paid_by) == (PaymentStatus.SUCCEEDED, 1)
    assert kinds(payment) == [EventType.INITIATED, EventType.SUCCEEDED]
    assert payment.refundable == DUE


@pytest.mark.parametrize("answer", [declined(elsewhere=True), not_sent()])
def test_the_next_provider_is_tried_when_the_last_certainly_took_nothing(answer: Answer) -> None:
    payment = tell(a_payment(), 1, answer)
    assert payment.status is PaymentStatus.PENDING
    assert [one.provider for one in payment.attempts] == ["maya", "gcash"]
    assert fences(payment) == [False, True]
    assert payment.opened == payment.attempts[1]
    opened = [EventType.INITIATED, EventType.ATTEMPT_CLOSED, EventType.ATTEMPT_OPENED]
    assert kinds(payment) == opened


@pytest.mark.parametrize("answer", [unknown(), pending(), not_found(), declined(), GONE])
def test_no_other_provider_is_tried_otherwise(answer: Answer) -> None:
    payment = tell(a_payment(), 1, answer)
    assert len(payment.attempts) == 1
    assert payment.opened is None


def test_no_other_provider_is_tried_while_an_earlier_one_may_hold_money() -> None:
    """The first was closed, then took a wrong amount: it has no fence, but perhaps money."""
    payment = tell(a_payment(providers=("maya", "gcash", "cash")), 1, not_sent())
    payment = tell(payment, 1, succeeded(php("1.00")), Rank.CALLBACK)
    payment = tell(payment, 2, not_sent())
    assert len(payment.attempts) == 2
    assert payment.status is PaymentStatus.AWAITING_VERIFICATION


def test_a_twice_confirmed_not_found_lets_the_next_provider_try() -> None:
    payment = tell(tell(a_payment(), 1, unknown()), 1, not_found(), Rank.QUERY)
    assert len(payment.attempts) == 1
    late = said(not_found(), Rank.QUERY, at=later(1000), conclusive=True)
    payment = payment.hear(attempt_id(payment), late)
    assert fences(payment) == [False, True]


def test_when_all_were_tried_it_has_failed_as_the_last_did() -> None:
    payment = tell(a_payment(), 1, not_sent())
    payment = tell(payment, 2, declined(elsewhere=True))
    assert payment.status is PaymentStatus.FAILED
    assert payment.failure == a_failure()
    assert fences(payment) == [False, False]
    assert kinds(payment)[-2:] == [EventType.ATTEMPT_CLOSED, EventType.FAILED]


def test_a_provider_is_tried_once() -> None:
    payment = tell(a_payment(providers=("maya",)), 1, not_sent())
    assert (payment.status, len(payment.attempts)) == (PaymentStatus.FAILED, 1)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FailureKind.CANCELED, PaymentStatus.CANCELED),
        (FailureKind.EXPIRED, PaymentStatus.EXPIRED),
        (FailureKind.DECLINED, PaymentStatus.FAILED),
    ],
)
def test_it_ends_with_the_word_for_why(kind: FailureKind, status: PaymentStatus) -> None:
    payment = tell(a_payment(), 1, declined(failure=a_failure(kind=kind)))
    assert payment.status is status


def test_a_late_success_pays_although_we_moved_on() -> None:
    payment = tell(a_payment(), 1, declined(elsewhere=True))
    payment = tell(payment, 1, succeeded(DUE), Rank.CALLBACK)
    assert (payment.status, payment.paid_by) == (PaymentStatus.SUCCEEDED, 1)
    assert current(payment).provider == "maya"


def test_a_late_success_pays_although_all_had_failed() -> None:
    payment = tell(a_payment(), 1, declined())
    assert payment.status is PaymentStatus.FAILED
    payment = tell(payment, 1, succeeded(DUE), Rank.CALLBACK)
    assert (payment.status, payment.failure) == (PaymentStatus.SUCCEEDED, None)


def test_a_second_success_is_surplus_and_goes_back() -> None:
    payment = tell(a_payment(), 1, declined(elsewhere=True))
    payment = tell(payment, 2, succeeded(DUE))
    payment = tell(payment, 1, succeeded(DUE), Rank.CALLBACK)
    assert (payment.status, payment.paid_by) == (PaymentStatus.SUCCEEDED, 2)
    assert [one.surplus for one in payment.attempts] == [True, False]
    assert kinds(payment).count(EventType.SURPLUS) == 1
    again = tell(payment, 1, succeeded(DUE), Rank.QUERY)
    assert kinds(again).count(EventType.SURPLUS) == 1


def test_when_what_paid_was_denied_a_surplus_that_is_confirmed_does_not_wait_for_ever() -> None:
    """Its money goes back; so nobody paid, and nothing is left to be verified."""
    payment = tell(a_payment(), 1, declined(elsewhere=True))
    payment = tell(tell(payment, 2, succeeded(DUE)), 1, succeeded(DUE), Rank.CALLBACK)
    payment = tell(tell(payment, 2, declined(), Rank.QUERY), 1, declined(), Rank.QUERY)
    payment = tell(payment, 2, declined(), Rank.PERSON)
    assert payment.verifiable().number == 1
    payment = tell(payment, 1, succeeded(DUE), Rank.PERSON)
    assert [one.surplus for one in payment.attempts] == [True, False]
    assert (payment.status, payment.paid_by) == (PaymentStatus.FAILED, None)
    assert kinds(payment)[-1] is EventType.FAILED


def test_news_of_an_old_attempt_cannot_lower_a_paid_payment() -> None:
    payment = tell(a_payment(), 1, declined(elsewhere=True))
    payment = tell(payment, 2, succeeded(DUE))
    for answer in (unknown(), pending(), declined(), not_found()):
        payment = tell(payment, 1, answer, Rank.QUERY)
        assert (payment.status, payment.paid_by) == (PaymentStatus.SUCCEEDED, 2)


def test_a_paid_payment_is_not_told_to_wait() -> None:
    """Paid late by the first attempt, while the second is being sent: its answer comes last."""
    payment = tell(tell(a_payment(), 1, not_sent()), 1, succeeded(DUE), Rank.CALLBACK)
    payment = tell(payment, 2, pending())
    assert kinds(payment)[-1] is EventType.SUCCEEDED
    assert payment.attempts[1].status is AttemptStatus.PENDING


def test_a_wrong_amount_waits_for_a_person() -> None:
    payment = tell(a_payment(), 1, succeeded(php("15.00")), Rank.CALLBACK)
    assert (payment.status, payment.paid_by) == (PaymentStatus.AWAITING_VERIFICATION, None)
    assert EventType.MISMATCH in kinds(payment)
    assert payment.verifiable() == payment.attempts[0]
    assert tell(payment, 1, succeeded(DUE), Rank.PERSON).status is PaymentStatus.SUCCEEDED


def test_a_no_that_outranks_the_success_that_paid_waits_for_a_person() -> None:
    payment = tell(tell(a_payment(), 1, succeeded(DUE)), 1, declined(elsewhere=True), Rank.QUERY)
    assert (payment.status, payment.paid_by) == (PaymentStatus.AWAITING_VERIFICATION, None)
    assert len(payment.attempts) == 1
    assert EventType.MISMATCH in kinds(payment)
    assert kinds(payment)[-1] is EventType.AWAITING_VERIFICATION
    assert payment.verifiable() == payment.attempts[0]


def test_a_repeat_is_the_same_payment() -> None:
    fact = said(pending())
    payment = a_payment().hear(attempt_id(a_payment()), fact)
    assert payment.hear(attempt_id(payment), fact) is payment


def test_an_attempt_of_another_payment_is_unknown_here() -> None:
    with pytest.raises(NotFound):
        a_payment(1).hear(attempt_id(a_payment(2)), said(pending()))
    assert payment_of(AttemptId("att_nonsense")) is None


def test_the_providers_reference_is_kept_before_money_may_move() -> None:
    payment = a_payment()
    prepared = payment.prepared(attempt_id(payment), "pi_1")
    assert current(prepared).provider_reference == "pi_1"
    assert prepared.prepared(attempt_id(payment), "pi_2") is prepared
    closed = tell(payment, 1, declined())
    assert closed.prepared(attempt_id(payment), "pi_3") is closed


def test_past_the_horizon_a_person_decides() -> None:
    payment = tell(a_payment(), 1, unknown())
    handed = payment.hand_over(attempt_id(payment), later(100))
    assert handed.status is PaymentStatus.AWAITING_VERIFICATION
    assert current(handed).status is AttemptStatus.INDETERMINATE
    assert handed.hand_over(attempt_id(payment), later(200)) is handed
    assert tell(handed, 1, succeeded(DUE), Rank.PERSON).paid_by == 1
    assert tell(handed, 1, declined(), Rank.PERSON).status is PaymentStatus.FAILED


def test_what_waits_for_a_person_is_not_told_to_be_pending_again() -> None:
    handed = a_payment().hand_over(attempt_id(a_payment()), later(100))
    payment = tell(handed, 1, pending())
    assert payment.status is PaymentStatus.AWAITING_VERIFICATION
    assert kinds(payment)[-1] is EventType.AWAITING_VERIFICATION


def test_what_is_closed_is_not_handed_over() -> None:
    payment = a_paid_payment()
    assert payment.hand_over(attempt_id(payment), NOW) is payment


def test_only_what_waits_for_a_person_can_be_verified() -> None:
    for payment in (a_payment(), a_paid_payment(), tell(a_payment(), 1, declined())):
        with pytest.raises(NotVerifiable):
            payment.verifiable()


def test_a_word_about_one_attempt_is_not_taken_for_another() -> None:
    payment = tell(tell(a_payment(), 1, declined(elsewhere=True)), 2, succeeded(php("15.00")))
    first, second = payment.attempts
    assert payment.verifiable(second.id) == payment.verifiable() == second
    with pytest.raises(NotVerifiable, match=first.id):
        payment.verifiable(first.id)


def test_offline_money_can_be_confirmed_after_it_expired() -> None:
    gone = declined(failure=a_failure(FailureCode.EXPIRED, FailureKind.EXPIRED))
    payment = tell(a_payment(offline=True), 1, gone)
    assert payment.status is PaymentStatus.EXPIRED
    assert payment.verifiable() == payment.attempts[0]


def test_a_final_payment_cannot_be_canceled() -> None:
    assert a_payment().cancelable().number == 1
    for payment in (a_paid_payment(), tell(a_payment(), 1, declined()), a_payment(providers=())):
        with pytest.raises(PaymentNotCancelable):
            payment.cancelable()


def test_a_paid_payment_cannot_be_canceled_although_an_attempt_is_live() -> None:
    payment = tell(tell(a_payment(), 1, not_sent()), 1, succeeded(DUE), Rank.CALLBACK)
    assert payment.attempts[1].is_live
    with pytest.raises(PaymentNotCancelable):
        payment.cancelable()


def test_only_what_was_paid_can_be_refunded() -> None:
    for payment in (a_payment(), tell(a_payment(), 1, declined())):
        assert payment.refundable == php("0.00")
        with pytest.raises(PaymentNotRefundable):
            payment.reserve(php("1.00"))


def test_a_refund_is_no_more_than_remains() -> None:
    payment = a_paid_payment().reserve(php("1000.00"))
    assert payment.refundable == php("500.00")
    with pytest.raises(RefundExceedsPayment):
        payment.reserve(php("500.01"))
    payment = payment.counting(Returned(0, 100_000)).reserve(php("500.00"))
    assert payment.refund_status is RefundStatus.PARTIAL
    assert payment.counting(Returned(0, 150_000)).refund_status is RefundStatus.FULL
    assert payment.counting(Returned(0, 100_000)).refundable == php("500.00")


def test_what_went_back_beyond_the_amount_leaves_nothing_to_refund() -> None:
    """One was told as failed, and had moved after all, when another was under way."""
    payment = a_paid_payment().counting(Returned(100_000, 100_000))
    assert (payment.reserved_minor, payment.refunded_minor) == (100_000, 50_000)
    assert payment.refundable == php("0.00")
    assert payment.counting(Returned(0, 200_000)).refunded_minor == 150_000


@pytest.mark.parametrize("amount", [php("0.00"), Money(-1, php("1").currency), Money(100, USD)])
def test_a_refund_is_some_money_of_the_payments_currency(amount: Money) -> None:
    with pytest.raises(Invalid):
        a_paid_payment().reserve(amount)
