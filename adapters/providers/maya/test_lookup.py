"""What is peculiar to asking Maya: an array per reference, many words, and refunds without keys."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.scenery import Recorded, answered
from adapters.provider_kit.transport import Response
from adapters.providers.maya import refunds, wire
from adapters.providers.maya.scene import (
    ATTEMPT,
    BASE,
    REFUND,
    a_client,
    a_lookup,
    an_order,
    fixture,
    php,
)
from domain.payments.outcome import (
    Declined,
    FailureKind,
    NotFound,
    NotSent,
    Pending,
    Succeeded,
    Unknown,
)

MESSAGES: Mapping[str, Any] = fixture("messages")
PAYMENT: Mapping[str, Any] = {
    **MESSAGES["get_payment_response"],
    "requestReferenceNumber": ATTEMPT,
    "amount": "1500",
}
UNKNOWN_HERE = (404, MESSAGES["error_not_found"])


def a_row(status: str, **other: Any) -> dict[str, Any]:
    return {**PAYMENT, "status": status, **other}


def read(status: str, **other: Any) -> wire.Record:
    return msgspec.convert(a_row(status, **other), wire.Record)


def test_a_payment_tells_its_amount_as_text() -> None:
    said = wire.outcome(msgspec.convert(MESSAGES["get_payment_response"], wire.Record))
    assert said == Succeeded(amount=php("1000.10"), provider_reference=PAYMENT["id"])


def test_a_checkout_keeps_its_total_in_amount_and_may_say_zero_in_value() -> None:
    total = {"amount": "100.5", "currency": "PHP", "value": 0}
    words = {"status": "COMPLETED", "paymentStatus": "PAYMENT_SUCCESS", "totalAmount": total}
    said = wire.outcome(msgspec.convert({"id": "c", **words}, wire.Record))
    assert said == Succeeded(amount=php("100.50"), provider_reference="c")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("CREATED", Pending),
        ("PENDING_TOKEN", Pending),
        ("PENDING_PAYMENT", Pending),
        ("FOR_AUTHENTICATION", Pending),
        ("AUTHENTICATING", Pending),
        ("AUTH_SUCCESS", Pending),
        ("AUTH_FAILED", Pending),
        ("PAYMENT_PROCESSING", Pending),
        ("AUTHORIZED", Pending),
        ("CAPTURED", Unknown),
        ("DONE", Unknown),
        ("PAYMENT_SUCCESS", Succeeded),
        ("PAYMENT_FAILED", Declined),
        ("PAYMENT_EXPIRED", Declined),
        ("EXPIRED", Declined),
        ("PAYMENT_CANCELLED", Declined),
        ("VOIDED", Succeeded),
        ("REFUNDED", Succeeded),
        ("SOMETHING_NEW", Unknown),
    ],
)
def test_every_status_has_its_outcome(status: str, kind: type) -> None:
    said = wire.outcome(read(status))
    assert isinstance(said, kind)
    assert not isinstance(said, Declined) or not said.elsewhere


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("PAYMENT_FAILED", FailureKind.DECLINED),
        ("PAYMENT_EXPIRED", FailureKind.EXPIRED),
        ("PAYMENT_CANCELLED", FailureKind.CANCELED),
    ],
)
def test_an_end_is_told_apart(status: str, kind: FailureKind) -> None:
    said = wire.outcome(read(status))
    assert isinstance(said, Declined)
    assert said.failure.kind is kind


def test_what_contradicts_itself_is_unknown() -> None:
    assert isinstance(wire.outcome(read("PAYMENT_SUCCESS", isPaid=False)), Unknown)
    assert isinstance(wire.outcome(read("PAYMENT_SUCCESS", amount="1.001")), Unknown)
    assert isinstance(wire.outcome(read("PAYMENT_SUCCESS", amount=None)), Unknown)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["PAYMENT_FAILED", "PAYMENT_SUCCESS"], Succeeded),
        (["PAYMENT_SUCCESS", "PAYMENT_EXPIRED"], Succeeded),
        (["PENDING_TOKEN", "PAYMENT_EXPIRED"], Pending),
        (["PAYMENT_FAILED", "PAYMENT_EXPIRED"], Declined),
        (["SOMETHING_NEW", "PAYMENT_FAILED"], Unknown),
    ],
)
def test_all_payments_of_a_reference_count(words: list[str], kind: type) -> None:
    assert isinstance(wire.together(map(read, words)), kind)


def test_money_taken_twice_is_told_as_what_it_is() -> None:
    twice = wire.together([read("PAYMENT_SUCCESS"), read("PAYMENT_SUCCESS", id="other")])
    assert isinstance(twice, Succeeded)
    assert twice.amount == php("3000.00")
    mended = wire.together([read("VOIDED"), read("PAYMENT_SUCCESS", id="other")])
    assert mended == Succeeded(amount=php("1500.00"), provider_reference="other")


@pytest.mark.anyio
async def test_a_lookup_goes_by_our_reference_with_the_secret_key() -> None:
    assert len(MESSAGES["get_payment_rrns_response_is_array"]) == 2
    transport = Recorded((200, [a_row("PAYMENT_SUCCESS")]))
    said = await a_client(transport, base_url=BASE).find(a_lookup(), timeout_s=1)
    assert isinstance(said, Succeeded)
    (request,) = transport.asked
    assert request.url == f"{BASE}/payments/v1/payment-rrns/{ATTEMPT}"
    assert request.headers["authorization"] == "Basic c2stMTo="  # "sk-1:"


@pytest.mark.anyio
async def test_an_unpaid_checkout_is_found_under_its_own_id() -> None:
    checkout = {"id": "chk", "status": "CREATED", "requestReferenceNumber": ATTEMPT}
    client = a_client(Recorded(UNKNOWN_HERE, (200, checkout)))
    assert isinstance(await client.find(a_lookup("chk"), timeout_s=1), Pending)
    client = a_client(Recorded((200, []), UNKNOWN_HERE))
    assert isinstance(await client.find(a_lookup("chk"), timeout_s=1), NotFound)
    client = a_client(Recorded(UNKNOWN_HERE))
    assert isinstance(await client.find(a_lookup(), timeout_s=1), NotFound)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "answer",
    [
        (401, {"code": "K003", "error": "Invalid authentication credentials."}),
        (400, {"code": "PY0119"}),
        (400, {"code": "K999"}),
        (404, "no such page"),
        (200, [{**PAYMENT, "requestReferenceNumber": "another"}]),
        (200, {"unexpected": True}),
    ],
)
async def test_a_query_that_fails_says_nothing_about_the_money(answer: tuple[int, Any]) -> None:
    said = await a_client(Recorded(answer)).find(a_lookup(), timeout_s=1)
    assert isinstance(said, Unknown)


def test_a_refund_has_the_documented_shape() -> None:
    path, body = refunds.step(read("PAYMENT_SUCCESS", canVoid=False, canRefund=True), an_order())  # type: ignore[misc]
    sent = msgspec.json.decode(msgspec.json.encode(body))
    assert path == "refunds"
    assert sent["totalAmount"] == {"amount": 1500, "currency": "PHP"}
    assert sent.keys() == MESSAGES["refund_request"].keys()
    assert sent["reason"].startswith(REFUND)


def test_on_the_day_of_the_payment_all_of_it_is_voided_and_a_part_waits() -> None:
    today = read("PAYMENT_SUCCESS", canVoid=True, canRefund=False)
    path, body = refunds.step(today, an_order())  # type: ignore[misc]
    assert (path, body.keys()) == ("voids", MESSAGES["void_request"].keys())
    later = refunds.step(today, an_order("10.50"))
    assert isinstance(later, Declined)
    assert later.elsewhere


def test_the_published_refund_answers_are_read() -> None:
    order = an_order("10.50")
    done = refunds.given_back(answered(200, MESSAGES["refund_response_200"]), order)
    assert done == Succeeded(
        amount=php("10.50"), provider_reference="69b5e571-7d44-4409-9359-ff93555a65a3"
    )
    going = refunds.given_back(answered(202, MESSAGES["refund_response_202"]), order)
    assert isinstance(going, Pending)
    for body in (b"", b"{}", b'{"status":"NEW"}', b"null"):
        assert isinstance(refunds.given_back(Response(200, {}, body), order), Unknown)


def test_a_refund_is_found_by_our_id_in_its_reason() -> None:
    def said(*rows: tuple[str, str]) -> object:
        body = [{"id": "r", "amount": "10.5", "status": s, "reason": why} for s, why in rows]
        return refunds.in_list(answered(200, body), an_order("10.50"))

    assert isinstance(said(), NotFound)
    assert isinstance(said(("SUCCESS", f"{REFUND}X"), ("SUCCESS", "")), NotFound)
    assert said(("SUCCESS", f"{REFUND} it broke")) == Succeeded(
        amount=php("10.50"), provider_reference="r"
    )
    assert isinstance(said(("ONGOING", REFUND)), Pending)
    assert isinstance(said(("FAILED", REFUND)), Unknown)  # no word but SUCCESS is documented
    twice = said(("SUCCESS", REFUND), ("SUCCESS", REFUND))
    assert isinstance(twice, Succeeded)
    assert twice.amount == php("21.00")


@pytest.mark.anyio
async def test_a_refund_is_not_sent_before_its_payment_and_list_were_read() -> None:
    paid = (200, [a_row("PAYMENT_SUCCESS", canVoid=False, canRefund=True)])
    broken = (503, "down")
    for answers in ((broken,), (paid, broken)):
        transport = Recorded(*answers)
        assert isinstance(await a_client(transport).refund(an_order(), timeout_s=1), NotSent)
        assert {request.method for request in transport.asked} == {"GET"}
    late = await a_client(Recorded(UNKNOWN_HERE)).refund(an_order(), timeout_s=1)
    assert isinstance(late, Declined)
    assert late.elsewhere
    several = (200, [a_row("PAYMENT_SUCCESS"), a_row("PAYMENT_SUCCESS", id="other")])
    said = await a_client(Recorded(several)).refund(an_order(), timeout_s=1)
    assert isinstance(said, Declined)
    assert not said.elsewhere
