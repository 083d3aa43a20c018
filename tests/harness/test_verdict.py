"""The verdict finds what it is there to find."""

from typing import Any

import pytest

from tests.harness.load import Order
from tests.harness.shop import Answer
from tests.harness.verdict import agreed, answered, booked, charged_once, lagging, once


def payment(**more: Any) -> dict[str, Any]:
    return {
        "id": "pay_1",
        "reference": "o-1",
        "status": "succeeded",
        "currency": "PHP",
        "chargedAmount": "15.00",
        "refundedAmount": "0.00",
        "attempts": [{"id": "att_1"}, {"id": "att_2"}],
        **more,
    }


def charge(reference: str = "att_1", **more: Any) -> dict[str, Any]:
    usual = {"amountMinor": 1500, "currency": "PHP", "refundedMinor": 0, "status": "succeeded"}
    return {"reference": reference, **usual, **more}


def order(*answers: Answer) -> Order:
    made = Order("o-1", "/api/payments/initiate", {})
    for answer in answers:
        made.hear(answer)
    return made


def taken(payment_id: str = "pay_1") -> Answer:
    return Answer(201, {"id": payment_id}, {})


def test_all_is_well_when_both_sides_agree() -> None:
    payments, books = [payment()], [charge(), charge("att_2", status="failed")]
    assert list(once([order(taken())], payments)) == []
    assert list(charged_once(payments, books)) == []
    assert list(agreed(payments, books)) == []
    assert list(lagging(payments, books)) == []


def test_a_surplus_that_was_given_back_is_well() -> None:
    books = [charge(), charge("att_2", refundedMinor=1500)]
    assert list(charged_once([payment()], books)) == []
    assert list(agreed([payment()], books)) == []


@pytest.mark.parametrize(
    ("orders", "payments", "told"),
    [
        ([order(taken())], [], "stored is None"),
        ([order(taken())], [payment(), payment(id="pay_2")], "has 2 payments"),
        ([order(taken(), taken("pay_2"))], [payment()], "was answered with ['pay_1', 'pay_2']"),
        ([order(taken("pay_2"))], [payment()], "stored is pay_1"),
    ],
)
def test_a_lost_or_doubled_payment(
    orders: list[Order], payments: list[dict[str, Any]], told: str
) -> None:
    assert told in "\n".join(once(orders, payments))


@pytest.mark.parametrize(
    ("books", "told"),
    [
        ([charge(), charge()], "was sent 2 times"),
        ([charge(), charge("att_9")], "belongs to no attempt"),
        ([charge(), charge("att_2")], "is paid 2 times"),
        ([charge(), charge("att_2", refundedMinor=1)], "is paid 2 times"),
    ],
)
def test_a_payer_who_paid_twice(books: list[dict[str, Any]], told: str) -> None:
    assert told in "\n".join(charged_once([payment()], books))


@pytest.mark.parametrize(
    ("ours", "books", "told"),
    [
        (payment(status="pending"), [charge()], "is pending"),
        (payment(status="failed"), [charge()], "is failed"),
        (payment(), [charge(status="pending")], "is succeeded"),
        (payment(), [], "is succeeded"),
        (payment(), [charge(amountMinor=1499)], "the books say [1499]"),
        (payment(), [charge(refundedMinor=100)], "the books say 100"),
        (payment(refundedAmount="1.00"), [charge()], "gave back 100"),
        (payment(), [charge(), charge("att_2")], "a surplus of 1500, the books say 0"),
    ],
)
def test_a_disagreement_with_the_books(
    ours: dict[str, Any], books: list[dict[str, Any]], told: str
) -> None:
    assert told in "\n".join(agreed([ours], books))
    assert list(lagging([ours], books)) == [ours], "it is asked about until it ends"


ACCOUNTS = [
    {"code": "receivable:maya", "currency": "PHP", "debits": "14.00", "credits": "0.00"},
    {"code": "provider_fees", "currency": "PHP", "debits": "1.00", "credits": "0.00"},
    {"code": "sales", "currency": "PHP", "debits": "0.00", "credits": "15.00"},
]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, ""),
        ({"debits": "14.01"}, "in PHP differ by 1"),
        ({"currency": "USD"}, "in USD differ by 1400"),
        ({"code": "receivable:gcash"}, "receivable:maya is 0"),
        ({"debits": "13.00"}, "receivable:maya is 1300 PHP, the books say 1400"),
    ],
)
def test_a_ledger_that_is_not_the_books(more: dict[str, str], told: str) -> None:
    ours = payment(provider="maya", fee={"amount": "1.00"})
    accounts = [{**ACCOUNTS[0], **more}, *ACCOUNTS[1:]]
    found = list(booked(accounts, [ours], [charge(provider="maya")]))
    assert told in "\n".join(found)
    assert bool(found) == bool(told)


def test_what_the_books_decided_and_we_do_not_know_yet_is_waited_for() -> None:
    ours = payment(status="pending", attempts=[{"id": "att_1"}])
    assert list(lagging([ours], [charge(status="failed")])) == [ours]
    assert list(lagging([ours], [charge(status="pending")])) == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(500, {"code": "internal_error"}, {}), "was told 500 internal_error"),
        (Answer(422, {"code": "validation_failed"}, {}), "was told 422 validation_failed"),
        (Answer(503, {"code": "unavailable"}, {}), "without Retry-After"),
    ],
)
def test_an_answer_that_helps_nobody(answer: Answer, told: str) -> None:
    assert told in "\n".join(answered([order(answer)]))


def test_a_helpful_no_is_none_of_them() -> None:
    nos = [
        Answer(503, {"code": "unavailable"}, {"Retry-After": "2"}),
        Answer(503, {"code": "no_provider_available"}, {}),
        Answer(409, {"code": "idempotency_in_progress"}, {"Retry-After": "1"}),
        Answer(422, {"code": "refund_exceeds_payment"}, {}),
    ]
    assert list(answered([order(one) for one in nos])) == []
