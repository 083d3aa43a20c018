"""However late, doubled, reordered or contradictory the answers: money is collected once."""

from collections.abc import Sequence
from dataclasses import fields
from typing import NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from domain.money import Money
from domain.payments.attempt import Attempt, AttemptStatus
from domain.payments.events import EventType
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Answer, FailureKind, Succeeded
from domain.payments.payment import Payment
from domain.payments.refund import Returned
from domain.payments.status import OPEN, PaymentStatus
from tests.builders import (
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
ANSWERS: Sequence[Answer] = (
    succeeded(DUE, "ref-1"),
    succeeded(php("15.00"), "ref-1"),
    succeeded(Money(DUE.minor, USD), "ref-9"),
    pending("ref-1"),
    pending("ref-2"),
    declined(),
    declined(elsewhere=True),
    declined(failure=a_failure(kind=FailureKind.CANCELED)),
    declined(failure=a_failure(kind=FailureKind.EXPIRED)),
    not_sent(),
    unknown(),
    not_found(),
)
PROVIDERS = ("maya", "gcash", "cash")


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    """Of few facts, so that the same is told again; what is the same fact has the same id."""
    which, rank = draw(st.integers(0, len(ANSWERS) - 1)), draw(st.sampled_from(Rank))
    second, conclusive = draw(st.integers(0, 2)), draw(st.booleans())
    name = f"{which}-{rank}-{second}-{conclusive}"
    return said(ANSWERS[which], rank, id=name, at=later(second), conclusive=conclusive)


class Told(NamedTuple):
    attempt: int  # of those open by then, modulo their number
    said: Evidence


stories = st.lists(st.builds(Told, st.integers(0, 2), evidence()), max_size=14)


@given(facts=st.lists(evidence(), max_size=8, unique_by=lambda one: one.id), data=st.data())
def test_the_order_of_the_evidence_means_nothing(
    facts: list[Evidence], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(facts))
    assert folded(facts) == folded([*other, *other])


def folded(facts: Sequence[Evidence]) -> dict[str, object]:
    attempt: Attempt = current(a_payment(amount=DUE))
    for fact in facts:
        attempt = attempt.hear(fact)
    kept = {one.name for one in fields(attempt)} - {"evidence", "unsaved"}
    told = sorted(one.id for one in attempt.evidence)
    return {name: getattr(attempt, name) for name in kept} | {"told": told}


@given(facts=st.lists(evidence(), max_size=8, unique_by=lambda one: one.id), data=st.data())
def test_a_payment_with_one_provider_ends_the_same_whatever_came_first(
    facts: list[Evidence], data: st.DataObject
) -> None:
    def end(order: Sequence[Evidence]) -> tuple[PaymentStatus, int | None]:
        payment = a_payment(amount=DUE, providers=("maya",))
        for fact in order:
            payment = payment.hear(payment.attempts[0].id, fact)
        return payment.status, payment.paid_by

    assert end(facts) == end(data.draw(st.permutations(facts)))


@given(story=stories)
def test_money_is_collected_once(story: list[Told]) -> None:
    """The promise of the platform, after every single thing it is told."""
    payment = a_payment(amount=DUE, providers=PROVIDERS)
    for told in story:
        before = payment
        which = payment.attempts[told.attempt % len(payment.attempts)].id
        payment = payment.hear(which, told.said)
        one_fence_at_most(payment)
        what_succeeded_is_kept_once(payment)
        the_status_follows_from_the_attempts(payment)
        nothing_opens_while_money_may_move(before, payment)
        nothing_is_forgotten(before, payment)


def one_fence_at_most(payment: Payment) -> None:
    assert sum(one.fence for one in payment.attempts) <= 1
    assert not any(one.fence and one.surplus for one in payment.attempts)


def what_succeeded_is_kept_once(payment: Payment) -> None:
    """Each success is what pays the payment, or surplus that goes back; and it was due."""
    for one in payment.attempts:
        if one.status is AttemptStatus.SUCCEEDED:
            assert (payment.paid_by == one.number) is not one.surplus
            exact = [told for told in one.evidence if isinstance(told.answer, Succeeded)]
            assert any(told.answer.amount == one.took for told in exact)  # type: ignore[union-attr]
    if payment.paid_by is not None:
        assert current(payment).status is AttemptStatus.SUCCEEDED
    surplus = [one.number for one in payment.attempts if one.surplus]
    assert [event.type for event in payment.events].count(EventType.SURPLUS) == len(surplus)


def the_status_follows_from_the_attempts(payment: Payment) -> None:
    assert (payment.status is PaymentStatus.SUCCEEDED) == (payment.paid_by is not None)
    if payment.paid_by is None:
        assert (payment.status in OPEN) == any(one.is_live for one in payment.attempts)


def nothing_opens_while_money_may_move(before: Payment, after: Payment) -> None:
    if len(after.attempts) == len(before.attempts):
        assert after.opened is None or after is before
        return
    assert len(after.attempts) == len(before.attempts) + 1
    *old, new = after.attempts
    assert after.opened == new
    assert old[-1].elsewhere
    assert not any(one.is_live or one.fence for one in old)
    assert all(one.status is not AttemptStatus.SUCCEEDED or one.surplus for one in old)
    assert new.provider not in {one.provider for one in old}


def nothing_is_forgotten(before: Payment, after: Payment) -> None:
    assert after.events[: len(before.events)] == before.events
    for old, new in zip(before.attempts, after.attempts, strict=False):
        assert new.evidence[: len(old.evidence)] == old.evidence


@given(story=stories, offline=st.booleans())
def test_the_last_word_to_the_merchant_is_the_payments_state(
    story: list[Told], offline: bool
) -> None:
    """Late news of one attempt never tells that a paid payment waits."""
    payment = a_payment(amount=DUE, providers=PROVIDERS, offline=offline)
    words = {f"payment.{status}" for status in PaymentStatus}
    for told in story:
        which = payment.attempts[told.attempt % len(payment.attempts)].id
        payment = payment.hear(which, told.said)
        said_so = [event.type for event in payment.events if event.type in words]
        assert not said_so or said_so[-1] == f"payment.{payment.status}"
        assert said_so or payment.status in OPEN


class Step(NamedTuple):
    minor: int
    answers: int  # which open reservation is answered next
    moved: bool


steps = st.lists(
    st.builds(Step, st.integers(1, 900), st.integers(0, 5), st.booleans()), max_size=30
)


@given(minor=st.integers(1, 1000), story=steps)
@example(minor=1, story=[Step(1, 0, True), Step(1, 0, True)])
def test_refunds_never_exceed_what_was_paid(minor: int, story: list[Step]) -> None:
    payment = paid(minor)
    reserved: list[Money] = []
    back = 0
    for step in story:
        amount = Money(step.minor, payment.amount.currency)
        if amount.minor <= payment.refundable.minor:
            payment = payment.reserve(amount)
            reserved.append(amount)
        elif reserved:
            answered = reserved.pop(step.answers % len(reserved))
            back += answered.minor if step.moved else 0
            payment = payment.counting(Returned(sum(one.minor for one in reserved), back))
        assert payment.reserved_minor == sum(one.minor for one in reserved)
        assert 0 <= payment.refunded_minor + payment.reserved_minor <= minor
        assert payment.refundable.minor == minor - payment.refunded_minor - payment.reserved_minor


def paid(minor: int) -> Payment:
    payment = a_payment(amount=Money(minor, DUE.currency), providers=("cash",))
    first = current(payment)
    return payment.hear(first.id, said(succeeded(first.charged)))
