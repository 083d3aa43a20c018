"""A refund is given once, whatever its provider says and in whatever order."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from domain.payments.events import EventType
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Answer, Declined, NotFound, NotSent, Succeeded
from domain.payments.refund import MOST_SENDS, Refund, RefundState
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
def test_its_end_is_told_once_and_only_money_changes_it(story: list[Fact]) -> None:
    refund = submitted(a_refund(a_paid_payment(amount=DUE)))
    for fact in story:
        before = refund
        refund = refund.hear(fact.evidence(refund.sends))
        if before.is_final:
            assert refund.state in (before.state, RefundState.SUCCEEDED)
        ends = [EventType.REFUND_FAILED, EventType.REFUND_SUCCEEDED]
        told = [event.type for event in refund.events if event.type in ends]
        others = [event.type for event in refund.events if event.type not in ends]
        assert others in ([], [EventType.MISMATCH])
        assert told in ([], ends[:1], ends[1:], ends)
        assert bool(told) == refund.is_final
        refund = submitted(refund)


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
