"""What we were told adds up to the same, in whatever order it came."""

from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import combinations, permutations

import pytest

from domain.money import Money
from domain.payments.attempt import Attempt, AttemptStatus
from domain.payments.evidence import Evidence, Rank, Verdict, judge
from domain.payments.outcome import FailureCode, FailureKind
from tests.builders import (
    PHP,
    USD,
    a_failure,
    a_payment,
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
REPLY, CALLBACK, QUERY, PERSON = Rank.REPLY, Rank.CALLBACK, Rank.QUERY, Rank.PERSON

# One of each kind, at the ranks where they happen: every set of up to four, in every order.
TOLD = (
    said(unknown(), Rank.TIMEOUT, id="1", at=later(1)),
    said(pending("ref-1"), REPLY, id="2", at=later(2)),
    said(declined(elsewhere=True), REPLY, id="3", at=later(3)),
    said(succeeded(DUE, "ref-2"), CALLBACK, id="4", at=later(4)),
    said(declined(), CALLBACK, id="5", at=later(5)),
    said(succeeded(Money(150_000, USD), "ref-3"), CALLBACK, id="6", at=later(6)),
    said(not_found(), QUERY, id="7", at=later(7)),
    said(not_found(), QUERY, id="8", at=later(8), conclusive=True),
    said(succeeded(DUE, "ref-4"), QUERY, id="9", at=later(9)),
    said(declined(), PERSON, id="10", at=later(10)),
)


def heard(*evidence: Evidence, attempt: Attempt | None = None) -> Attempt:
    attempt = attempt or current(a_payment(amount=DUE))
    for one in evidence:
        attempt = attempt.hear(one)
    return attempt


def state(attempt: Attempt) -> dict[str, object]:
    """All but the order in which it was heard."""
    kept = {one.name for one in fields(attempt)} - {"evidence", "unsaved"}
    return {name: getattr(attempt, name) for name in kept} | {"told": {*attempt.evidence}}


@pytest.mark.parametrize("size", [2, 3, 4])
def test_every_order_of_the_same_evidence_gives_the_same_attempt(size: int) -> None:
    attempt = current(a_payment(amount=DUE))
    for told in combinations(TOLD, size):
        first, *others = (state(heard(*order, attempt=attempt)) for order in permutations(told))
        assert all(other == first for other in others), told


def test_a_repeat_changes_nothing() -> None:
    attempt = heard(*TOLD)
    for one in TOLD:
        assert attempt.hear(one) is attempt


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ([], AttemptStatus.SUBMITTED),
        ([pending()], AttemptStatus.PENDING),
        ([succeeded(DUE)], AttemptStatus.SUCCEEDED),
        ([declined()], AttemptStatus.FAILED),
        ([not_sent()], AttemptStatus.FAILED),
        ([unknown()], AttemptStatus.INDETERMINATE),
        ([not_found()], AttemptStatus.INDETERMINATE),
        ([unknown(), pending()], AttemptStatus.PENDING),
        ([pending(), unknown()], AttemptStatus.PENDING),
        ([pending(), succeeded(DUE)], AttemptStatus.SUCCEEDED),
    ],
)
def test_each_answer_has_its_state(told: Sequence[object], status: AttemptStatus) -> None:
    assert heard(*(said(answer) for answer in told)).status is status  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FailureKind.CANCELED, AttemptStatus.CANCELED),
        (FailureKind.EXPIRED, AttemptStatus.EXPIRED),
        (FailureKind.INVALID, AttemptStatus.FAILED),
        (FailureKind.UNAVAILABLE, AttemptStatus.FAILED),
    ],
)
def test_a_no_has_the_word_for_its_kind(kind: FailureKind, status: AttemptStatus) -> None:
    failure = a_failure(FailureCode.UNKNOWN, kind)
    assert heard(said(declined(failure=failure))).status is status


def test_a_lower_rank_never_overrides_a_no() -> None:
    attempt = heard(said(declined(), QUERY), said(pending(), CALLBACK), said(unknown(), REPLY))
    assert attempt.status is AttemptStatus.FAILED


def test_a_lower_rank_never_overrides_a_success() -> None:
    attempt = heard(said(succeeded(DUE), QUERY), said(pending(), REPLY), said(not_found(), REPLY))
    assert attempt.status is AttemptStatus.SUCCEEDED


def test_money_that_moved_beats_a_no_of_the_same_rank() -> None:
    """A payer may be refused once, try again, and pay."""
    attempt = heard(said(succeeded(DUE), CALLBACK), said(declined(), CALLBACK, at=later(60)))
    assert attempt.status is AttemptStatus.SUCCEEDED
    assert attempt.contradiction


def test_a_no_that_outranks_a_success_is_a_dispute() -> None:
    attempt = heard(said(succeeded(DUE), REPLY), said(declined(elsewhere=True), QUERY))
    assert attempt.status is AttemptStatus.INDETERMINATE
    assert (attempt.contradiction, attempt.elsewhere, attempt.failure) == (True, False, None)


@pytest.mark.parametrize("rank", [Rank.PERSON, Rank.SETTLEMENT])
def test_a_person_or_a_settlement_ends_a_dispute(rank: Rank) -> None:
    disputed = heard(said(succeeded(DUE), REPLY), said(declined(), QUERY))
    closed = disputed.hear(said(declined(), rank))
    paid = disputed.hear(said(succeeded(DUE), rank))
    assert (closed.status, closed.contradiction) == (AttemptStatus.FAILED, False)
    assert (paid.status, paid.contradiction) == (AttemptStatus.SUCCEEDED, False)


@pytest.mark.parametrize(
    "amount", [php("1499.99"), php("1500.01"), Money(150_000, USD), Money(0, PHP)]
)
def test_a_wrong_amount_never_pays(amount: Money) -> None:
    attempt = heard(said(succeeded(amount), Rank.CALLBACK))
    assert attempt.mismatch
    assert attempt.status is AttemptStatus.INDETERMINATE


def test_a_wrong_amount_is_not_closed_by_a_no() -> None:
    """Some money moved: only a person may say that none did."""
    attempt = heard(said(succeeded(php("1.00")), CALLBACK), said(declined(elsewhere=True), QUERY))
    assert attempt.status is AttemptStatus.INDETERMINATE
    assert attempt.is_live
    closed = attempt.hear(said(declined(), PERSON))
    assert (closed.status, closed.mismatch) == (AttemptStatus.FAILED, False)


def test_a_wrong_amount_is_not_closed_by_silence() -> None:
    found = [said(not_found(), QUERY, conclusive=True) for _ in range(3)]
    attempt = heard(said(succeeded(php("1.00")), CALLBACK), *found)
    assert attempt.status is AttemptStatus.INDETERMINATE


def test_not_found_closes_when_said_twice_and_once_late_enough() -> None:
    early, late = said(not_found(), QUERY), said(not_found(), QUERY, at=later(99), conclusive=True)
    again = said(not_found(), QUERY, at=later(50))
    assert heard(late).is_live
    assert heard(early, again).is_live
    closed = heard(early, late)
    assert (closed.status, closed.elsewhere) == (AttemptStatus.FAILED, True)
    assert closed.finished_at == later(99)


def test_not_found_does_not_close_what_the_provider_has() -> None:
    twice = [said(not_found(), QUERY, conclusive=True) for _ in range(2)]
    assert heard(said(pending(), CALLBACK), *twice).status is AttemptStatus.PENDING


def test_the_providers_reference_is_kept_and_the_highest_rank_names_it() -> None:
    attempt = heard(said(pending("from-query"), QUERY), said(pending("from-reply"), REPLY))
    assert attempt.hear(said(unknown(), Rank.TIMEOUT)).provider_reference == "from-query"


def test_the_payers_next_step_ends_with_the_attempt() -> None:
    waits = replace(pending(), next_action=None)
    attempt = heard(said(waits))
    assert attempt.next_action is None
    assert heard(said(succeeded(DUE))).next_action is None


def test_nothing_said_is_open() -> None:
    assert judge((), DUE).verdict is Verdict.OPEN
