"""However late, doubled, reordered or contradictory the answers: the ledger says what they say."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from domain.fees.schedule import Bearer
from domain.ledger.journal import (
    FEE_RECOVERY,
    PROVIDER_FEES,
    SALES,
    SURPLUS,
    Journal,
    JournalKind,
    balanced,
    receivable,
    reversed_transfers,
)
from domain.payments.attempt import Attempt, AttemptStatus, Booking
from domain.payments.booking import UNDONE
from domain.payments.evidence import Evidence
from domain.payments.payment import Payment
from tests.builders import NOW, PHP, a_payment
from tests.ledger import net
from tests.properties.test_payment_laws import DUE, PROVIDERS, Told, evidence, stories

BOOKINGS = {JournalKind.PAID: Booking.PAID, JournalKind.SURPLUS: Booking.SURPLUS}
UNDOINGS = {kind: booking for booking, kind in UNDONE.items()}


def told(story: Sequence[Told], payment: Payment) -> Payment:
    for one in story:
        which = payment.attempts[one.attempt % len(payment.attempts)].id
        payment = payment.hear(which, one.said)
    return payment


@given(story=stories, bearer=st.sampled_from(Bearer), offline=st.booleans())
def test_money_is_booked_as_what_it_is_kept_as(
    story: list[Told], bearer: Bearer, offline: bool
) -> None:
    payment = a_payment(amount=DUE, providers=PROVIDERS, bearer=bearer, offline=offline)
    for one in story:
        before, payment = payment, told([one], payment)
        assert payment.journals[: len(before.journals)] == before.journals
        one_payment_is_one_sale(payment)
        bookings_follow_from_the_attempts(before, payment)
        accounts_follow_from_the_bookings(payment)
        nothing_is_undone_that_was_not_booked(payment)
        whatever_was_booked_anew_is_written(before, payment)


def one_payment_is_one_sale(payment: Payment) -> None:
    """What is disputed stays booked until somebody decides; others are booked when paid."""
    kinds = Counter(one.kind for one in payment.journals)
    sales = kinds[JournalKind.PAID] - kinds[JournalKind.PAID_REVERSED]
    disputed = [one for one in payment.attempts if one.booked is Booking.PAID and one.is_live]
    assert sales == (payment.paid_by is not None or bool(disputed))
    assert net(payment.journals).get(SALES, 0) == -payment.amount.minor * sales


def bookings_follow_from_the_attempts(before: Payment, payment: Payment) -> None:
    was = {one.id: one.booked for one in before.attempts}
    for one in payment.attempts:
        if one.status is AttemptStatus.SUCCEEDED:
            kept = Booking.PAID if one.number == payment.paid_by else Booking.SURPLUS
            assert one.booked is kept
        elif one.is_live and one.contradiction:
            assert one.booked in (was.get(one.id, Booking.NONE), Booking.NONE)
            if one.booked is not was[one.id]:
                assert payment.paid_by is not None, "another has paid meanwhile"
        else:
            assert one.booked is Booking.NONE


def accounts_follow_from_the_bookings(payment: Payment) -> None:
    """Each provider owes what it took, less its fee where that was what paid."""
    expected = Counter[str]()
    for one in payment.attempts:
        if one.booked is Booking.PAID:
            expected[receivable(one.provider)] += one.charged.minor - one.fee.minor
            expected[PROVIDER_FEES] += one.fee.minor
            expected[SALES] -= payment.amount.minor
            expected[FEE_RECOVERY] -= one.charged.minor - payment.amount.minor
        elif one.booked is Booking.SURPLUS:
            expected[receivable(one.provider)] += one.took.minor
            expected[SURPLUS] -= one.took.minor
    found = Counter(net(payment.journals))
    assert {code: found[code] for code in {*found, *expected}} == {
        code: expected[code] for code in {*found, *expected}
    }


def nothing_is_undone_that_was_not_booked(payment: Payment) -> None:
    held: dict[str, Booking] = {}
    for journal in payment.journals:
        assert journal.payment_id == payment.id
        now = held.get(journal.subject, Booking.NONE)
        if journal.kind in BOOKINGS:
            assert now is Booking.NONE
            held[journal.subject] = BOOKINGS[journal.kind]
        else:
            assert now is UNDOINGS[journal.kind]
            held[journal.subject] = Booking.NONE
    assert {one.id: one.booked for one in payment.attempts} == {
        one.id: held.get(one.id, Booking.NONE) for one in payment.attempts
    }
    times = [one.at for one in payment.journals]
    assert times == sorted(times)


def whatever_was_booked_anew_is_written(before: Payment, payment: Payment) -> None:
    """The repository writes attempts that heard something or live: no other may be rebooked."""
    for old, new in zip(before.attempts, payment.attempts, strict=False):
        rebooked = old.booked is not new.booked
        assert not rebooked or new.is_live or len(new.evidence) > len(old.evidence)


@given(facts=st.lists(evidence(), max_size=8, unique_by=lambda one: one.id), data=st.data())
def test_the_accounts_end_the_same_whatever_came_first(
    facts: list[Evidence], data: st.DataObject
) -> None:
    """Where nothing is disputed: that stays as it was first told until somebody decides."""

    def end(order: Sequence[Evidence]) -> tuple[Attempt, dict[str, int]]:
        payment = a_payment(amount=DUE, providers=("maya",))
        for fact in order:
            payment = payment.hear(payment.attempts[0].id, fact)
        return payment.attempts[0], {k: v for k, v in net(payment.journals).items() if v}

    attempt, accounts = end(facts)
    if not (attempt.is_live and attempt.contradiction):
        assert end(data.draw(st.permutations(facts)))[1] == accounts


@given(legs=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(-1000, 1000), max_size=7))
def test_legs_that_sum_to_nothing_become_as_few_transfers(legs: dict[str, int]) -> None:
    legs["z"] = -sum(legs.values())
    transfers = balanced(legs, PHP)
    sums = Counter[str]()
    for one in transfers:
        sums[one.debit] += one.amount.minor
        sums[one.credit] -= one.amount.minor
    assert {code: sums[code] for code in legs} == legs
    sides = [code for code, minor in legs.items() if minor]
    assert len(transfers) <= max(0, len(sides) - 1)
    if transfers:
        both = (*transfers, *reversed_transfers(transfers))
        assert not any(net([Journal(JournalKind.SETTLED, NOW, "x", both)]).values())
