"""What the open API says, and what each answer permits."""

from typing import Any

import msgspec
import pytest

from adapters.provider_kit.transport import Response
from adapters.providers.gcash_alipayplus.errors import GATE, WHY, failed, not_refunded, refused
from adapters.providers.gcash_alipayplus.scene import (
    ATTEMPT,
    Recorded,
    a_charge,
    a_client,
    a_lookup,
    an_order,
    fixture,
    php,
)
from domain.payments.outcome import (
    ActionType,
    Declined,
    FailureCode,
    FailureKind,
    NotFound,
    NotSent,
    Pending,
    Succeeded,
    Unknown,
)

pytestmark = pytest.mark.anyio
T = 5.0
AMOUNT = {"currency": "PHP", "value": "150000"}
PAGE = "https://cashier.example/1"


def result(status: str, code: str = "SUCCESS") -> dict[str, Any]:
    return {"result": {"resultStatus": status, "resultCode": code, "resultMessage": ""}}


def paid(**more: Any) -> dict[str, Any]:
    ids = {"paymentRequestId": ATTEMPT, "paymentId": "20260301x", "paymentAmount": AMOUNT}
    return {**result("U", "PAYMENT_IN_PROCESS"), **ids, "normalUrl": PAGE, **more}


def told(status: str, **more: Any) -> dict[str, Any]:
    ids = {"paymentRequestId": ATTEMPT, "paymentId": "20260301x", "paymentAmount": AMOUNT}
    return {**result("S"), **ids, "paymentStatus": status, **more}


async def test_in_process_is_the_normal_answer_and_carries_the_page() -> None:
    documented = fixture("messages")["pay_response_pending"]
    said = await a_client(
        Recorded({**paid(), "result": documented["result"], "normalUrl": PAGE})
    ).charge(a_charge(), timeout_s=T)
    assert isinstance(said, Pending)
    assert said.next_action is not None
    assert (said.next_action.type, said.next_action.url) == (ActionType.REDIRECT, PAGE)


@pytest.mark.parametrize(
    "more",
    [
        {"normalUrl": None},
        {"normalUrl": "gcash://pay"},
        {"normalUrl": "javascript:alert(1)"},
        {"paymentRequestId": "att_another"},
        {"paymentAmount": {"currency": "PHP", "value": "1500"}},
        {"paymentAmount": {"currency": "USD", "value": "150000"}},
        {"paymentAmount": {"currency": "PHP", "value": 150000}},
        {
            "result": {"resultStatus": "S", "resultCode": "SUCCESS"},
            "normalUrl": None,
            "paymentAmount": None,
        },
        {"result": {"resultStatus": "A", "resultCode": "ACCEPT"}, "normalUrl": None},
    ],
)
async def test_an_answer_without_a_page_or_about_something_else_is_unknown(more: Any) -> None:
    answer = {name: value for name, value in paid(**more).items() if value is not None}
    said = await a_client(Recorded(answer)).charge(a_charge(), timeout_s=T)
    assert isinstance(said, Unknown)


async def test_a_link_to_the_application_will_do_for_a_page() -> None:
    answer = {**paid(applinkUrl="https://gcash.example/a"), "normalUrl": ""}
    said = await a_client(Recorded(answer)).charge(a_charge(), timeout_s=T)
    assert isinstance(said, Pending)


async def test_a_success_at_once_is_believed() -> None:
    answer = {**paid(), **result("S"), "normalUrl": ""}
    said = await a_client(Recorded(answer)).charge(a_charge(), timeout_s=T)
    assert said == Succeeded(amount=php("1500.00"), provider_reference="20260301x")


@pytest.mark.parametrize("status", ["S", "F", "U"])
async def test_without_their_signature_nothing_is_believed(status: str) -> None:
    answer = {**paid(), **result(status, "RISK_REJECT")}
    for unsigned in (Recorded(answer, signed=False), Recorded(answer, status=500)):
        assert isinstance(await a_client(unsigned).charge(a_charge(), timeout_s=T), Unknown)
    query = Recorded({**told("SUCCESS"), **result(status, "ORDER_NOT_EXIST")}, signed=False)
    assert isinstance(await a_client(query).find(a_lookup(), timeout_s=T), Unknown)
    back = Recorded(result(status, "REFUND_AMOUNT_EXCEED"), signed=False)
    order = an_order(reference="20260301x")
    assert isinstance(await a_client(back).refund(order, timeout_s=T), Unknown)


async def test_an_answer_signed_for_another_call_is_not_believed() -> None:
    class Mixed(Recorded):
        async def send(self, request: Any, *, timeout_s: float) -> Response:
            url = request.url.replace("inquiryPayment", "pay")
            return await super().send(
                type(request)(request.method, url, request.headers, request.body),
                timeout_s=timeout_s,
            )

    answer = await a_client(Mixed(told("SUCCESS"))).find(a_lookup(), timeout_s=T)
    assert isinstance(answer, Unknown)


async def test_every_call_is_signed_over_its_path_and_body() -> None:
    line = Recorded(paid(), told("PROCESSING"))
    client = a_client(line)
    await client.charge(a_charge(), timeout_s=T)
    await client.find(a_lookup(), timeout_s=T)
    for request, verb in zip(line.asked, ("pay", "inquiryPayment"), strict=True):
        assert request.url.endswith(f"/ams/sandbox/api/v1/payments/{verb}")
        assert request.headers["Signature"].startswith("algorithm=RSA256,keyVersion=1,signature=")
        assert request.headers["Request-Time"] == "2026-03-01T04:00:00+00:00"
        assert request.headers["Content-Type"] == "application/json; charset=UTF-8"
    asked = msgspec.json.decode(line.asked[1].body)
    assert asked == {"paymentRequestId": ATTEMPT}


async def test_without_a_page_to_return_to_nothing_is_sent() -> None:
    line = Recorded()
    said = await a_client(line).charge(a_charge(return_url=None), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert not line.asked
    own = Recorded(paid())
    await a_client(own, return_url="https://shop.example").charge(
        a_charge(return_url=None), timeout_s=T
    )
    assert msgspec.json.decode(own.asked[0].body)["paymentRedirectUrl"] == "https://shop.example"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("SUCCESS", Succeeded),
        ("PROCESSING", Pending),
        ("PENDING", Pending),
        ("FAIL", Declined),
        ("CANCELLED", Declined),
        ("REVERSED", Unknown),
    ],
)
async def test_a_status_says_one_thing(status: str, kind: type) -> None:
    found = await a_client(Recorded(told(status))).find(a_lookup(), timeout_s=T)
    assert isinstance(found, kind)
    assert not isinstance(found, Declined) or not found.elsewhere


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (result("F", "ORDER_NOT_EXIST"), NotFound),
        (result("F", "ACCESS_DENIED"), Unknown),
        (result("U", "ORDER_NOT_EXIST"), Unknown),
        (result("U", "UNKNOWN_EXCEPTION"), Unknown),
        ({**told("SUCCESS"), "paymentRequestId": "att_another"}, Unknown),
        ({**told("SUCCESS"), "paymentAmount": {"currency": "PHP", "value": "1.5"}}, Unknown),
        ({**result("F", "PROCESS_FAIL"), "paymentStatus": "SUCCESS"}, Unknown),
    ],
)
async def test_a_query_that_fails_says_nothing_of_the_money(answer: Any, kind: type) -> None:
    assert isinstance(await a_client(Recorded(answer)).find(a_lookup(), timeout_s=T), kind)


def test_an_id_used_for_something_else_is_no_refusal() -> None:
    assert isinstance(refused("REPEAT_REQ_INCONSISTENT"), Unknown)
    assert isinstance(not_refunded("REPEAT_REQ_INCONSISTENT"), Unknown)


@pytest.mark.parametrize(
    ("code", "word", "elsewhere"),
    [
        ("USER_BALANCE_NOT_ENOUGH", FailureCode.INSUFFICIENT_FUNDS, False),
        ("RISK_REJECT", FailureCode.RISK_REJECTED, False),
        ("AMOUNT_EXCEED_LIMIT", FailureCode.LIMIT_EXCEEDED, True),
        ("USER_AMOUNT_EXCEED_LIMIT", FailureCode.LIMIT_EXCEEDED, False),
        ("NO_PAY_OPTIONS", FailureCode.PROVIDER_UNAVAILABLE, True),
        ("SYSTEM_ERROR", FailureCode.PROVIDER_UNAVAILABLE, True),
        ("PARAM_MISSING", FailureCode.INVALID_REQUEST, True),
        ("A_CODE_OF_TOMORROW", FailureCode.UNKNOWN, True),
        ("", FailureCode.UNKNOWN, True),
    ],
)
def test_a_no_is_told_in_our_words(code: str, word: FailureCode, elsewhere: bool) -> None:
    said = refused(code)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.elsewhere) == (word, elsewhere)
    assert said.failure.provider_code == (code or None)


@pytest.mark.parametrize("code", [*sorted(WHY), "A_CODE_OF_TOMORROW"])
def test_who_failed_on_the_page_is_sent_nowhere_else(code: str) -> None:
    assert not failed(code, "1").elsewhere


def test_a_payment_that_was_not_paid_in_time_has_expired() -> None:
    assert failed("ORDER_IS_CLOSED", None).failure.kind is FailureKind.EXPIRED


@pytest.mark.parametrize("code", [*sorted(GATE), "REFUND_AMOUNT_EXCEED", "ORDER_STATUS_INVALID"])
def test_a_refused_refund_is_sent_again_only_if_it_never_got_in(code: str) -> None:
    said = not_refunded(code)
    assert isinstance(said, Declined)
    assert said.elsewhere is (code in GATE)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({**result("S"), "refundAmount": AMOUNT, "refundId": "r1"}, Succeeded),
        ({**result("S")}, Unknown),
        ({**result("U", "REFUND_IN_PROCESS"), "refundId": "r1"}, Pending),
        ({**result("U", "UNKNOWN_EXCEPTION")}, Unknown),
        ({**result("S"), "refundAmount": AMOUNT, "refundRequestId": "rfdother"}, Unknown),
    ],
)
async def test_a_refund_is_believed_with_its_amount(answer: Any, kind: type) -> None:
    order = an_order(reference="20260301x")
    assert isinstance(await a_client(Recorded(answer)).refund(order, timeout_s=T), kind)


async def test_a_refund_without_the_payments_id_asks_for_it_first() -> None:
    line = Recorded(told("SUCCESS"), {**result("S"), "refundAmount": AMOUNT})
    assert isinstance(await a_client(line).refund(an_order(), timeout_s=T), Succeeded)
    documented = fixture("messages")["refund_request"]
    assert {*documented} <= {*msgspec.json.decode(line.asked[1].body)}
    lost = Recorded(result("F", "ORDER_NOT_EXIST"))
    assert isinstance(await a_client(lost).refund(an_order(), timeout_s=T), NotSent)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (result("F", "ORDER_NOT_EXIST"), NotFound),
        (result("S"), Unknown),
        (result("F", "REFUND_WINDOW_EXCEED"), Unknown),
        (
            {
                **result("S"),
                "refundRequestId": "rfd01J9ZW7QK3M8X5N2V4T6R8Y0BD",
                "refundStatus": "FAIL",
            },
            Declined,
        ),
        (
            {
                **result("S"),
                "refundRequestId": "rfd01J9ZW7QK3M8X5N2V4T6R8Y0BD",
                "refundStatus": "PROCESSING",
            },
            Pending,
        ),
        (
            {
                **result("S"),
                "refundRequestId": "rfd01J9ZW7QK3M8X5N2V4T6R8Y0BD",
                "refundStatus": "SUCCESS",
            },
            Unknown,
        ),
    ],
)
async def test_a_query_of_a_refund_says_what_is_certain(answer: Any, kind: type) -> None:
    assert isinstance(await a_client(Recorded(answer)).find_refund(an_order(), timeout_s=T), kind)
