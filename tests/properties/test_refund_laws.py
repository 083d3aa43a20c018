"""A refund is given once, whatever its provider says and in whatever order."""

from collections.abc import Sequence
from itertools import cycle, islice, pairwise
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.journal import REFUNDS, SURPLUS, receivable
from domain.payments.events import EventType
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Answer, Declined, NotFound, NotSent, Succeeded
from domain.payments.refund import BOOKED, MOST_SENDS, Refund, RefundState
from tests.builders import (
    NOW,
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
ANSWERS: Sequence[Answer] = (
    succeeded(DUE, "rf-1"),
    succeeded(php("15.00"), "rf-1"),
    pending("rf-1"),
    declined(),
    declined(elsewhere=True),
    not_sent(),
    unknown(),
    not_found(),
)
ENDS = {
    EventType.REFUND_FAILED: RefundState.FAILED,
    EventType.REFUND_SUCCEEDED: RefundState.SUCCEEDED,
}
PROOF_OF_NOTHING = (Declined, NotSent, NotFound)


class Fact(NamedTuple):
    """`back`: how many sendings ago the one was that it is about."""

    which: int
    rank: Rank
    conclusive: bool
    back: int = 0

    def evidence(self, sends: int) -> Evidence:
        send = max(1, sends - self.back)
        name = f"{self.which}-{self.rank}-{self.conclusive}-{send}"
        answer, at = ANSWERS[self.which], later(self.which)
        return said(answer, self.rank, id=name, at=at, conclusive=self.conclusive, send=send)


class End(NamedTuple):
    """A word that ends it, about its only sending."""

    moved: bool
    rank: Rank
    second: int

    def evidence(self) -> Evidence:
        answer: Answer = succeeded(DUE) if self.moved else declined()
        return said(answer, self.rank, id=str(self), at=later(self.second))


facts = st.builds(
    Fact,
    st.integers(0, len(ANSWERS) - 1),
    st.sampled_from(Rank),
    st.booleans(),
    st.integers(0, 2),
)


def submitted(refund: Refund) -> Refund:
    return refund.submit(NOW) if refund.state is RefundState.CREATED else refund


@given(story=st.lists(facts, max_size=20))
def test_it_is_sent_again_only_after_proof_that_nothing_was_executed(story: list[Fact]) -> None:
    """Proof about the last sending, and no word that money moved, unless a person or a
    settlement overruled it."""
    refund = submitted(a_refund(a_paid_payment(amount=DUE)))
    for fact in story:
        refund = refund.hear(fact.evidence(refund.sends))
        if refund.state is RefundState.CREATED:
            last = [one for one in refund.evidence if one.send == refund.sends]
            proof = [one for one in last if isinstance(one.answer, PROOF_OF_NOTHING)]
            assert proof
            moved = [one for one in refund.evidence if isinstance(one.answer, Succeeded)]
            assert not moved or max(one.rank for one in proof) >= Rank.PERSON
        assert refund.sends <= MOST_SENDS
        if fact.back == 0:
            refund = submitted(refund)


@given(story=st.lists(facts, max_size=20))
def test_its_end_is_told_and_only_money_that_moved_or_came_back_changes_it(
    story: list[Fact],
) -> None:
    refund = submitted(a_refund(a_paid_payment(amount=DUE)))
    for fact in story:
        before = refund
        refund = refund.hear(fact.evidence(refund.sends))
        if before.is_final:
            assert refund.is_final
        told = [event.type for event in refund.events if event.type in ENDS]
        others = [event.type for event in refund.events if event.type not in ENDS]
        assert others.count(EventType.MISMATCH) <= 1
        assert set(others) <= {EventType.MISMATCH, EventType.REFUND_AWAITING}
        assert all(one is not other for one, other in pairwise(told)), "each change once"
        assert [ENDS[one] for one in told[-1:]] == ([refund.state] if refund.is_final else [])
        refund = submitted(refund)


@given(story=st.lists(facts, max_size=20), surplus=st.booleans())
def test_the_ledger_holds_what_has_left_and_not_come_back(story: list[Fact], surplus: bool) -> None:
    """After each thing it is told; nothing is undone that was not booked."""
    refund = submitted(a_refund(a_paid_payment(amount=DUE), surplus=surplus))
    for fact in story:
        refund = submitted(refund.hear(fact.evidence(refund.sends)))
        gone = refund.state is RefundState.SUCCEEDED
        kinds = [one.kind for one in refund.journals]
        assert kinds == list(islice(cycle(BOOKED[surplus]), len(kinds)))
        assert len(kinds) % 2 == gone
        assert all(one.subject == refund.id for one in refund.journals)
        times = [one.at for one in refund.journals]
        assert times == sorted(times)
        left = DUE.minor if gone else 0
        kept_in = SURPLUS if surplus else REFUNDS
        assert net(refund.journals) in ({}, {kept_in: left, receivable("maya"): -left})


ends = st.builds(End, st.booleans(), st.sampled_from(Rank), st.integers(0, 4))


@given(story=st.lists(ends, max_size=6, unique=True), data=st.data())
def test_whoever_ranks_highest_and_then_speaks_last_is_believed(
    story: list[End], data: st.DataObject
) -> None:
    """In whatever order they are heard."""

    def end(order: Sequence[End]) -> tuple[RefundState, dict[str, int]]:
        refund = submitted(a_refund(a_paid_payment(amount=DUE)))
        for one in order:
            refund = refund.hear(one.evidence())
        return refund.state, {code: minor for code, minor in net(refund.journals).items() if minor}

    expected, booked = RefundState.SUBMITTED, {}
    if story:
        last = max(story, key=lambda one: (one.rank, one.second, one.moved))
        expected = RefundState.SUCCEEDED if last.moved else RefundState.FAILED
        if last.moved:
            booked = {REFUNDS: DUE.minor, receivable("maya"): -DUE.minor}
    assert end(story) == (expected, booked)
    assert end(data.draw(st.permutations(story))) == (expected, booked)


@given(story=st.lists(facts, max_size=6, unique=True), data=st.data())
def test_without_contradiction_the_order_means_nothing(
    story: list[Fact], data: st.DataObject
) -> None:
    """Evidence of one sending, without an end in it: a contradiction is not decided here, and
    what ended first stays so."""
    calm = [fact for fact in story if not isinstance(ANSWERS[fact.which], Succeeded | Declined)]

    def end(order: Sequence[Fact]) -> tuple[RefundState, str | None]:
        refund = submitted(a_refund(a_paid_payment(amount=DUE)))
        for fact in order:
            refund = refund.hear(fact.evidence(1))
        return refund.state, refund.provider_reference

    assert end(calm) == end(data.draw(st.permutations(calm)))
