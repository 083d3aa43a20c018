"""A refund is given once; a lost answer is asked about, and only a certain no is sent again."""

from dataclasses import replace

import pytest

from domain.ledger.journal import JournalKind
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
from tests.ledger import net

DUE = php("1500.00")
DAY_S = 86_400
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


@pytest.mark.parametrize("rank", [Rank.CALLBACK, Rank.QUERY])
def test_what_came_back_has_come_back_though_another_amount_was_told_between(rank: Rank) -> None:
    refund = tell(sent(), succeeded(DUE))
    refund = tell(refund, succeeded(php("1501.00")), Rank.CALLBACK)
    assert refund.state is RefundState.SUCCEEDED
    refund = refund.hear(said(declined(), rank, at=later(DAY_S), send=refund.sends))
    assert refund.state is RefundState.FAILED
    assert set(net(refund.journals).values()) == {0}


def test_a_no_to_what_was_only_told_with_another_amount_stays_with_a_person() -> None:
    refund = tell(sent(), succeeded(php("1501.00")), Rank.CALLBACK)
    refund = tell(refund, declined(), Rank.QUERY)
    assert (refund.state, refund.with_person) == (RefundState.SUBMITTED, True)


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


@pytest.mark.parametrize("found", [not_found(), declined(), LOW])
def test_it_is_not_sent_for_ever_and_has_failed_when_nobody_knows_of_it(found: Answer) -> None:
    """The last no alone doesn't end it: an answer before it may have lied."""
    refund = tell(sent(MOST_SENDS), LOW)
    assert refund.state is RefundState.SUBMITTED
    assert tell(refund, found, Rank.QUERY).state is RefundState.FAILED


def test_a_refund_that_nobody_took_and_nobody_can_be_asked_about_comes_before_a_person() -> None:
    refund = tell(sent(MOST_SENDS), not_sent())
    refund = refund.hand_over(later(86_400))
    assert (refund.state, refund.with_person) == (RefundState.SUBMITTED, True)
    assert refund.events[-1].type is EventType.REFUND_AWAITING
    done = tell(refund, succeeded(DUE), Rank.PERSON)
    assert done.state is RefundState.SUCCEEDED


@pytest.mark.parametrize("answer", [unknown(), pending(), not_found(), not_sent()])
@pytest.mark.parametrize("rank", [Rank.QUERY, Rank.SETTLEMENT])
def test_only_a_definite_no_takes_a_success_back(answer: Answer, rank: Rank) -> None:
    refund = tell(sent(), succeeded(DUE))
    told = tell(refund, answer, rank)
    assert told.state is RefundState.SUCCEEDED
    assert told.events == refund.events


@pytest.mark.parametrize("answer", [declined(), LOW])
@pytest.mark.parametrize(("rank", "at"), [(Rank.QUERY, -5), (Rank.QUERY, 5), (Rank.CALLBACK, 5)])
def test_a_payout_that_comes_back_has_failed_after_all(answer: Answer, rank: Rank, at: int) -> None:
    """Who ranks higher says so, or who said that it had moved says so later. Another may be asked
    for, so this one is never sent again."""
    refund = tell(sent(), succeeded(DUE), Rank.CALLBACK)
    refund = refund.hear(said(answer, rank, at=later(at)))
    assert (refund.state, refund.failure is not None) == (RefundState.FAILED, True)
    told = [event.type for event in refund.events]
    assert told == [EventType.REFUND_SUCCEEDED, EventType.REFUND_FAILED]
    assert [one.kind for one in refund.journals] == [
        JournalKind.REFUNDED,
        JournalKind.REFUND_REVERSED,
    ]


@pytest.mark.parametrize(("rank", "at"), [(Rank.REPLY, 5), (Rank.CALLBACK, 0), (Rank.CALLBACK, -5)])
def test_a_lower_or_earlier_no_takes_no_success_back(rank: Rank, at: int) -> None:
    refund = tell(sent(), succeeded(DUE), Rank.CALLBACK)
    refund = refund.hear(said(declined(), rank, at=later(at)))
    assert (refund.state, len(refund.events)) == (RefundState.SUCCEEDED, 1)


def test_what_came_back_and_then_moved_is_done_again() -> None:
    refund = tell(sent(), succeeded(DUE), Rank.CALLBACK)
    refund = refund.hear(said(declined(), Rank.CALLBACK, at=later(5)))
    refund = refund.hear(said(succeeded(DUE), Rank.CALLBACK, at=later(9)))
    assert (refund.state, refund.failure) == (RefundState.SUCCEEDED, None)
    assert net(refund.journals) == {"refunds": 150_000, "receivable:maya": -150_000}


def test_a_surplus_that_comes_back_is_sent_again_when_that_may_pass() -> None:
    refund = tell(replace(sent(), surplus=True), succeeded(DUE), Rank.CALLBACK)
    refund = refund.hear(said(LOW, Rank.CALLBACK, at=later(5)))
    assert (refund.state, refund.status) == (RefundState.CREATED, "pending")
    assert [one.type for one in refund.events][-1] is EventType.REFUND_FAILED
    assert net(refund.journals) == {"surplus": 0, "receivable:maya": 0}
    refund = tell(refund.submit(later(6)), pending(), Rank.QUERY)
    assert refund.state is RefundState.SUBMITTED, "what had moved before came back"
    refund = tell(refund, succeeded(DUE), Rank.QUERY)
    assert (refund.state, refund.sends) == (RefundState.SUCCEEDED, 2)
    assert net(refund.journals) == {"surplus": 150_000, "receivable:maya": -150_000}


def test_a_surplus_that_comes_back_for_good_is_a_persons_business() -> None:
    refund = tell(replace(sent(), surplus=True), succeeded(DUE), Rank.CALLBACK)
    refund = refund.hear(said(declined(), Rank.CALLBACK, at=later(5)))
    assert refund.state is RefundState.FAILED


def test_a_surplus_is_not_sent_again_on_older_news() -> None:
    """It may have moved since."""
    refund = tell(replace(sent(), surplus=True), succeeded(DUE), Rank.CALLBACK)
    refund = refund.hear(said(LOW, Rank.QUERY, at=later(-5)))
    assert refund.state is RefundState.FAILED


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


def handed_over() -> Refund:
    return sent().hand_over(later(DAY_S))


def test_past_its_horizon_what_nobody_knows_is_a_persons() -> None:
    refund = handed_over()
    assert (refund.state, refund.with_person) == (RefundState.SUBMITTED, True)
    assert [event.type for event in refund.events] == [EventType.REFUND_AWAITING]
    assert refund.hand_over(later(2 * DAY_S)) is refund
    assert refund.horizon(DAY_S) == later(DAY_S), "from when it was sent"


def test_what_was_certainly_not_executed_is_no_persons() -> None:
    refund = tell(sent(), LOW)
    assert refund.hand_over(later(DAY_S)) is refund
    done = tell(sent(), succeeded(DUE))
    assert done.hand_over(later(DAY_S)) is done


@pytest.mark.parametrize(
    ("answer", "state"),
    [(succeeded(DUE), RefundState.SUCCEEDED), (declined(), RefundState.FAILED)],
)
def test_a_persons_word_ends_it(answer: Answer, state: RefundState) -> None:
    refund = tell(handed_over(), answer, Rank.PERSON)
    assert (refund.state, refund.with_person) == (state, False)
    assert [one.kind for one in refund.journals] == (
        [JournalKind.REFUNDED] if state is RefundState.SUCCEEDED else []
    )


@pytest.mark.parametrize("answer", [succeeded(DUE), declined()])
def test_the_providers_late_word_ends_it_as_well(answer: Answer) -> None:
    refund = tell(handed_over(), answer, Rank.CALLBACK)
    assert refund.is_final
    assert not refund.with_person


def test_a_word_that_ends_nothing_leaves_it_with_the_person() -> None:
    assert tell(handed_over(), pending(), Rank.CALLBACK).with_person
    assert tell(handed_over(), LOW, Rank.CALLBACK).with_person


def test_another_amount_than_asked_for_is_a_persons_at_once() -> None:
    refund = tell(sent(), succeeded(php("1.00")))
    assert refund.with_person
    told = [event.type for event in refund.events]
    assert told == [EventType.MISMATCH, EventType.REFUND_AWAITING]


def test_a_surplus_refused_for_good_is_a_persons_and_others_are_the_merchants() -> None:
    surplus = tell(replace(sent(), surplus=True), declined())
    assert (surplus.state, surplus.with_person) == (RefundState.FAILED, True)
    assert not tell(sent(), declined()).with_person
    kept = tell(surplus, declined(), Rank.PERSON)
    assert (kept.state, kept.with_person) == (RefundState.FAILED, False)
    assert not tell(kept, declined(), Rank.QUERY).with_person, "a person has decided"


def test_money_that_went_back_after_a_persons_no_comes_before_a_person_again() -> None:
    refused = tell(handed_over(), declined(), Rank.PERSON)
    refund = tell(refused, succeeded(DUE), Rank.CALLBACK)
    assert (refund.state, refund.with_person) == (RefundState.FAILED, True)
    assert refund.events[-1].type is EventType.REFUND_AWAITING
    assert tell(refund, succeeded(DUE), Rank.PERSON).state is RefundState.SUCCEEDED
