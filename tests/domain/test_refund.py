"""A refund is given once; a lost answer is asked about, and only a certain no is sent again."""

import pytest

from domain.money import Money
from domain.payments.events import EventType
from domain.payments.evidence import Rank
from domain.payments.outcome import Answer, FailureCode, FailureKind
from domain.payments.refund import MOST_SENDS, Refund, RefundState
from tests.builders import (
    NOW,
    a_failure,
    a_paid_payment,
    a_refund,
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
LOW = declined(
    elsewhere=True, failure=a_failure(FailureCode.PROVIDER_UNAVAILABLE, FailureKind.UNAVAILABLE)
)


def sent(times: int = 1) -> Refund:
    refund = a_refund(a_paid_payment())
    for number in range(times):
        if number:
            refund = tell(refund, LOW)
        refund = refund.submit(later(number))
    return refund


def tell(refund: Refund, answer: Answer, rank: Rank = Rank.REPLY, send: int = 0) -> Refund:
    return refund.hear(said(answer, rank, send=send or refund.sends))


def test_it_is_written_ahead_before_it_is_sent() -> None:
    refund = a_refund(a_paid_payment())
    assert (refund.state, refund.sends, refund.status) == (RefundState.CREATED, 0, "pending")
    refund = refund.submit(NOW)
    assert (refund.state, refund.sends, refund.status) == (RefundState.SUBMITTED, 1, "pending")


def test_a_success_ends_it() -> None:
    refund = tell(sent(), succeeded(DUE, "rf-1"))
    assert (refund.state, refund.status, refund.is_final) == (
        RefundState.SUCCEEDED,
        "succeeded",
        True,
    )
    assert refund.provider_reference == "rf-1"
    assert [event.type for event in refund.events] == [EventType.REFUND_SUCCEEDED]


def test_a_definite_no_ends_it() -> None:
    refund = tell(sent(), declined())
    assert (refund.state, refund.failure) == (RefundState.FAILED, a_failure())
    assert [event.type for event in refund.events] == [EventType.REFUND_FAILED]


@pytest.mark.parametrize("answer", [unknown(), pending(), not_found()])
def test_an_answer_that_settles_nothing_leaves_it_to_be_asked_about(answer: Answer) -> None:
    refund = tell(sent(), answer)
    assert (refund.state, refund.events) == (RefundState.SUBMITTED, ())


@pytest.mark.parametrize("answer", [LOW, not_sent()])
def test_a_no_that_may_pass_lets_it_be_sent_again(answer: Answer) -> None:
    refund = tell(sent(), answer)
    assert (refund.state, refund.events) == (RefundState.CREATED, ())
    assert refund.submit(NOW).sends == 2


def test_what_never_arrived_is_sent_again_only_after_proof() -> None:
    refund = tell(sent(), unknown(), Rank.TIMEOUT)
    refund = tell(refund, not_found(), Rank.QUERY)
    assert refund.state is RefundState.SUBMITTED
    refund = refund.hear(said(not_found(), Rank.QUERY, send=1, conclusive=True))
    assert refund.state is RefundState.CREATED


@pytest.mark.parametrize("late", [declined(), LOW, not_sent(), not_found()])
def test_a_no_to_an_earlier_sending_says_nothing_about_the_later(late: Answer) -> None:
    refund = tell(sent(2), late, Rank.QUERY, send=1)
    assert refund.state is RefundState.SUBMITTED


def test_money_that_moved_counts_whichever_sending_it_was() -> None:
    refund = tell(sent(2), succeeded(DUE), Rank.CALLBACK, send=1)
    assert refund.state is RefundState.SUCCEEDED


def test_not_found_of_two_sendings_does_not_add_up() -> None:
    refund = tell(sent(), not_found(), Rank.QUERY)
    refund = tell(refund, LOW).submit(NOW)
    refund = refund.hear(said(not_found(), Rank.QUERY, send=2, conclusive=True))
    assert refund.state is RefundState.SUBMITTED


def test_it_is_not_sent_for_ever() -> None:
    refund = sent(MOST_SENDS)
    assert refund.state is RefundState.SUBMITTED
    assert tell(refund, LOW).state is RefundState.FAILED


def test_a_success_is_never_taken_back() -> None:
    refund = tell(sent(), succeeded(DUE))
    for answer in (declined(), LOW, unknown(), not_found()):
        refund = tell(refund, answer, Rank.SETTLEMENT)
        assert refund.state is RefundState.SUCCEEDED
    assert len(refund.events) == 1


def test_a_success_after_a_no_counts() -> None:
    refund = tell(tell(sent(), declined()), succeeded(DUE), Rank.CALLBACK)
    assert refund.state is RefundState.SUCCEEDED
    told = [event.type for event in refund.events]
    assert told == [EventType.REFUND_FAILED, EventType.REFUND_SUCCEEDED]


def test_another_amount_is_not_this_refund() -> None:
    assert tell(sent(), succeeded(php("1.00"))).state is RefundState.SUBMITTED


def test_a_repeat_is_the_same_refund() -> None:
    fact = said(pending(), send=1)
    refund = sent().hear(fact)
    assert refund.hear(fact) is refund


@pytest.mark.parametrize("amount", [DUE, php("1.00")])
def test_a_contradiction_is_asked_about_and_never_sent_again(amount: Money) -> None:
    """Refused for now, says a query; a callback, older news, says that money went back."""
    refund = tell(sent(), LOW, Rank.QUERY)
    assert refund.state is RefundState.CREATED
    refund = tell(refund, succeeded(amount), Rank.CALLBACK)
    assert refund.state is RefundState.SUBMITTED
    assert tell(refund, LOW, Rank.QUERY).state is RefundState.SUBMITTED


def test_what_has_failed_is_not_sent_again() -> None:
    """Its reservation was answered: the money may have been promised to another refund."""
    refund = tell(sent(), declined(), Rank.CALLBACK)
    assert tell(refund, LOW, Rank.QUERY).state is RefundState.FAILED


def test_what_the_provider_has_after_all_is_not_sent_again() -> None:
    refund = tell(sent(), not_found(), Rank.QUERY)
    refund = refund.hear(said(not_found(), Rank.QUERY, send=1, conclusive=True))
    assert refund.state is RefundState.CREATED
    assert tell(refund, pending(), Rank.CALLBACK).state is RefundState.SUBMITTED
