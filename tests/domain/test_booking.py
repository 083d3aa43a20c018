"""Each move of money makes its journals, by the accounts of the chart."""

import pytest

from domain.fees.schedule import Bearer
from domain.ledger.journal import Journal, JournalKind, Transfer, balanced
from domain.money import Money
from domain.payments.attempt import Booking
from domain.payments.evidence import Rank
from domain.payments.outcome import Answer
from domain.payments.payment import Payment
from tests.builders import (
    NOW,
    PHP,
    a_paid_payment,
    a_payment,
    attempt_id,
    current,
    declined,
    later,
    not_sent,
    php,
    said,
    succeeded,
)
from tests.ledger import net

DUE = php("1500.00")
NOTHING: dict[str, int] = {}


def tell(payment: Payment, number: int, answer: Answer, rank: Rank = Rank.REPLY) -> Payment:
    return payment.hear(attempt_id(payment, number), said(answer, rank))


def kinds(payment: Payment) -> list[str]:
    return [journal.kind for journal in payment.journals]


def held(payment: Payment) -> dict[str, int]:
    """What is in its accounts, but for those that are empty."""
    return {code: minor for code, minor in net(payment.journals).items() if minor}


def test_what_is_not_paid_is_not_booked() -> None:
    for payment in (a_payment(), a_payment(providers=()), tell(a_payment(), 1, declined())):
        assert payment.journals == ()


def test_paid_when_the_merchant_bears_the_fee() -> None:
    payment = a_paid_payment(amount=DUE)
    assert held(payment) == {
        "receivable:maya": 144_750,
        "provider_fees": 5_250,
        "sales": -150_000,
    }
    (journal,) = payment.journals
    assert (journal.kind, journal.at, journal.payment_id) == (JournalKind.PAID, NOW, payment.id)
    assert journal.subject == current(payment).id
    assert len(journal.transfers) == 2


def test_paid_when_the_payer_bears_the_fee() -> None:
    payment = a_paid_payment(amount=DUE, bearer=Bearer.PAYER)
    assert held(payment) == {
        "receivable:maya": 150_000,
        "provider_fees": 5_250,
        "sales": -150_000,
        "fee_recovery": -5_250,
    }
    assert len(payment.journals[0].transfers) <= 3


def test_a_fee_beyond_the_amount_is_owed_to_the_provider() -> None:
    payment = a_paid_payment(amount=php("10.00"), providers=("maya",))
    assert held(payment) == {
        "receivable:maya": -525,
        "provider_fees": 1_525,
        "sales": -1_000,
    }


def test_a_fee_that_takes_all_leaves_nothing_to_receive() -> None:
    """2.5 % of 15.38 is 0.38, and 15.00."""
    payment = a_paid_payment(amount=php("15.38"), providers=("maya",))
    assert held(payment) == {"provider_fees": 1_538, "sales": -1_538}
    assert len(payment.journals[0].transfers) == 1


def test_money_that_costs_nothing_is_one_transfer() -> None:
    payment = a_paid_payment(amount=DUE, providers=("cash",))
    assert payment.journals[0].transfers == (Transfer("receivable:cash", "sales", DUE),)


def test_a_second_success_is_owed_to_its_payer() -> None:
    payment = tell(tell(a_payment(), 1, not_sent()), 2, succeeded(DUE))
    payment = tell(payment, 1, succeeded(DUE), Rank.CALLBACK)
    assert kinds(payment) == ["paid", "surplus"]
    assert [one.booked for one in payment.attempts] == [Booking.SURPLUS, Booking.PAID]
    assert net(payment.journals[1:]) == {"receivable:maya": 150_000, "surplus": -150_000}


def test_while_a_success_is_disputed_its_booking_stays() -> None:
    payment = tell(a_paid_payment(amount=DUE), 1, declined(), Rank.QUERY)
    assert (payment.paid_by, kinds(payment)) == (None, ["paid"])
    assert current(payment).booked is Booking.PAID
    upheld = tell(payment, 1, succeeded(DUE), Rank.PERSON)
    assert (upheld.paid_by, kinds(upheld)) == (1, ["paid"])


def test_a_success_that_is_denied_for_good_is_reversed() -> None:
    disputed = tell(a_paid_payment(amount=DUE), 1, declined(), Rank.QUERY)
    payment = disputed.hear(attempt_id(disputed), said(declined(), Rank.PERSON, at=later(60)))
    assert kinds(payment) == ["paid", "paid_reversed"]
    assert (held(payment), current(payment).booked) == (NOTHING, Booking.NONE)
    assert payment.journals[1].at == later(60)


def test_a_disputed_success_is_reversed_when_another_attempt_pays() -> None:
    """The first was closed, the second paid and was denied, then the first had paid after all."""
    payment = tell(tell(a_payment(), 1, not_sent()), 2, succeeded(DUE))
    payment = tell(payment, 2, declined(), Rank.QUERY)
    payment = tell(payment, 1, succeeded(DUE), Rank.CALLBACK)
    assert kinds(payment) == ["paid", "paid", "paid_reversed"]
    assert held(payment)["sales"] == -150_000
    payment = tell(payment, 2, succeeded(DUE), Rank.PERSON)
    assert kinds(payment)[-1] == "surplus"
    assert held(payment)["surplus"] == -150_000


def test_a_surplus_that_never_was_is_reversed() -> None:
    payment = tell(tell(a_payment(), 1, not_sent()), 2, succeeded(DUE))
    payment = tell(payment, 1, succeeded(DUE), Rank.CALLBACK)
    payment = tell(payment, 1, declined(), Rank.QUERY)
    assert kinds(payment) == ["paid", "surplus"], "it is disputed"
    payment = tell(payment, 1, declined(), Rank.PERSON)
    assert kinds(payment) == ["paid", "surplus", "surplus_reversed"]


def test_what_a_person_confirms_is_booked() -> None:
    payment = a_payment(amount=DUE, providers=("cash",), offline=True)
    payment = tell(payment, 1, succeeded(DUE), Rank.PERSON)
    assert held(payment) == {"receivable:cash": 150_000, "sales": -150_000}


def test_late_news_of_an_earlier_time_is_booked_now() -> None:
    """A balance of a past instant, once told, stays."""
    payment = tell(a_payment(), 1, not_sent())
    second = payment.attempts[1].id
    payment = payment.hear(second, said(succeeded(DUE), at=later(100)))
    payment = payment.hear(attempt_id(payment), said(succeeded(DUE), at=later(50)))
    assert [journal.at for journal in payment.journals] == [later(100), later(100)]


@pytest.mark.parametrize(
    ("debit", "credit", "minor"), [("a", "b", 0), ("a", "b", -1), ("a", "a", 1)]
)
def test_a_transfer_moves_something_between_two_accounts(
    debit: str, credit: str, minor: int
) -> None:
    with pytest.raises(ValueError, match="no transfer"):
        Transfer(debit, credit, Money(minor, PHP))


def test_a_journal_does_something_and_is_bounded() -> None:
    one = Transfer("a", "b", DUE)
    for transfers in ((), (one,) * 100):
        with pytest.raises(ValueError, match="1 to 99"):
            Journal(JournalKind.SETTLED, NOW, "x", transfers)


def test_legs_out_of_balance_are_refused() -> None:
    with pytest.raises(ValueError, match="out of balance"):
        balanced({"a": 1, "b": -2}, PHP)
