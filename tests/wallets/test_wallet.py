"""Wallets, rewards and spends as values."""

from dataclasses import replace

import pytest

from domain.errors import Invalid, SpendAlreadyReversed, WalletBalanceTooLow
from domain.ledger.journal import REDEEMED, REWARDS, JournalKind, Transfer
from domain.money import Money
from domain.payments.evidence import Rank
from domain.payments.payment import Payment
from domain.wallets.reward import kept
from tests.builders import (
    NOW,
    PHP,
    a_paid_payment,
    a_payment,
    attempt_id,
    declined,
    later,
    php,
    said,
)
from tests.wallets.builders import a_reward, a_spend, a_wallet, points


def denied(payment: Payment, rank: Rank) -> Payment:
    return payment.hear(attempt_id(payment), said(declined(), rank))


def test_what_is_kept_is_what_was_paid_less_what_was_refunded() -> None:
    payment = a_paid_payment()
    assert kept(a_payment()) == php("0.00")
    assert kept(payment) == php("1500.00")
    assert kept(replace(payment, refunded_minor=50_000)) == php("1000.00")
    assert kept(replace(payment, reserved_minor=50_000)) == php("1500.00")


def test_nobody_knows_what_is_kept_while_a_success_is_disputed() -> None:
    disputed = denied(a_paid_payment(), Rank.QUERY)
    assert disputed.paid_by is None
    assert kept(disputed) is None
    assert a_reward(granted_minor=150).due(disputed) == points(0)


def test_what_a_person_denies_is_not_kept() -> None:
    payment = denied(a_paid_payment(), Rank.PERSON)
    assert kept(payment) == php("0.00")
    assert a_reward(granted_minor=150).due(payment) == points(-150)


def test_what_is_due_is_the_difference() -> None:
    payment = a_paid_payment()
    assert a_reward().due(payment) == points(150)
    assert a_reward(granted_minor=150).due(payment) == points(0)
    refunded = replace(payment, refunded_minor=100_001)
    assert a_reward(granted_minor=150).due(refunded) == points(-101)
    assert a_reward(granted_minor=49).due(replace(refunded, refunded_minor=0)) == points(101)


def test_a_credit_is_granted_by_the_merchant() -> None:
    wallet = a_wallet(5).reward(a_reward(version=3), points(150), later(1))
    assert wallet.balance == points(155)
    assert wallet.updated_at == later(1)
    (posting,) = wallet.postings
    assert posting.id == f"jrn_{1:026d}W0003"
    assert posting.journal.kind is JournalKind.WALLET_CREDITED
    assert posting.journal.transfers == (Transfer(REWARDS, wallet.account, points(150)),)
    assert posting.journal.payment_id == a_paid_payment().id


def test_taking_back_may_leave_a_debt() -> None:
    wallet = a_wallet(5).reward(a_reward(), points(-150), NOW)
    assert wallet.balance == points(-145)
    assert wallet.postings[0].journal.kind is JournalKind.WALLET_TAKEN_BACK
    with pytest.raises(WalletBalanceTooLow, match="0 PTS can be spent"):
        wallet.spend(a_spend(1))


def test_nothing_is_no_move() -> None:
    with pytest.raises(ValueError, match="no transfer"):
        a_wallet().reward(a_reward(), points(0), NOW)


def test_all_that_is_there_can_be_spent_and_no_more() -> None:
    assert a_wallet(100).spend(a_spend(100)).balance == points(0)
    with pytest.raises(WalletBalanceTooLow, match="99 PTS can be spent"):
        a_wallet(99).spend(a_spend(100))


def test_a_spend_and_its_reversal_are_booked_against_each_other() -> None:
    spend = a_spend(100)
    wallet = a_wallet(100).spend(spend)
    back = replace(wallet, postings=()).restore(spend.reverse(points(40), later(5)), later(5), "no")
    assert back.balance == points(40)
    kinds = [one.journal.kind for one in (*wallet.postings, *back.postings)]
    assert kinds == [JournalKind.WALLET_SPENT, JournalKind.WALLET_SPEND_REVERSED]
    assert wallet.postings[0].journal.transfers == (
        Transfer(wallet.account, REDEEMED, points(100)),
    )
    assert back.postings[0].journal.transfers == (Transfer(REDEEMED, wallet.account, points(40)),)
    assert {one.journal.subject for one in (*wallet.postings, *back.postings)} == {spend.id}
    assert wallet.postings[0].id != back.postings[0].id


def test_a_spend_is_reversed_once() -> None:
    spend = a_spend(100).reverse(None, NOW)
    assert spend.given_back == points(100)
    with pytest.raises(SpendAlreadyReversed):
        spend.reverse(points(1), NOW)


@pytest.mark.parametrize("back", [points(0), points(-1), points(101), Money(1, PHP)])
def test_what_was_not_spent_does_not_come_back(back: Money) -> None:
    with pytest.raises(Invalid) as refused:
        a_spend(100).reverse(back, NOW)
    assert refused.value.field == "amount"
