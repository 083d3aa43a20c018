"""What is peculiar to Maya's words: names of amounts, statuses, and errors that HTTP hides."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.registry import converted
from adapters.provider_kit.scenery import answered
from adapters.provider_kit.transport import Response
from adapters.providers.maya import MANIFEST, wire
from adapters.providers.maya.config import MayaConfig
from adapters.providers.maya.errors import SORTS, Sort, refused
from adapters.providers.maya.keys import PRODUCTION_KEYS, SANDBOX_KEYS
from adapters.providers.maya.scene import ATTEMPT, NOON, PHP, a_charge, fixture
from domain.errors import Invalid
from domain.money import Money
from domain.payments.outcome import (
    ActionType,
    Declined,
    FailureCode,
    FailureKind,
    NotFound,
    Pending,
    Unknown,
)

MESSAGES: Mapping[str, Any] = fixture("messages")


def shape(value: Any) -> Any:
    """Names and kinds, without values."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return "number" if isinstance(value, int | float) else type(value).__name__


def sent(body: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(body))


def test_a_create_has_the_documented_shape() -> None:
    body = sent(wire.checkout(a_charge("100.00", phone="+639181008888"), "sk-1"))
    known = MESSAGES["create_checkout_request"]
    for name in ("requestReferenceNumber", "redirectUrl"):
        assert shape(body[name]) == shape(known[name])
    item, known_item = shape(body["items"][0]), shape(known["items"][0])
    assert item == {name: known_item[name] for name in item}
    assert body["totalAmount"] == {"value": 100, "currency": "PHP"}
    assert body["buyer"]["firstName"] == "Juan dela"
    assert body["buyer"]["contact"] == {"phone": "+639181008888"}
    assert len(body["requestReferenceNumber"]) <= 36


@given(st.integers(1, 10**14))
def test_an_amount_is_written_digit_by_digit(minor: int) -> None:
    body = msgspec.json.encode(wire.checkout(a_charge(amount="1.00"), "sk")["totalAmount"])
    assert body == b'{"value":1.00,"currency":"PHP"}'
    raw = msgspec.json.encode(wire.number(Money(minor, PHP)))
    assert Decimal(raw.decode()) * 100 == minor
    assert wire.exact(Decimal(raw.decode()), "PHP") == Money(minor, PHP)


@pytest.mark.parametrize(
    "said",
    ["1e999999", "NaN", "Infinity", "-1", "0.001", "1e15", "sNaN", "1e-9999999", f"1.{'0' * 40}1"],
)
def test_what_is_no_amount_is_not_read_as_one(said: str) -> None:
    assert wire.exact(Decimal(said), "PHP") is None
    assert wire.exact(Decimal("1"), "QQQ") is None


def test_a_create_answers_with_a_page_and_no_status() -> None:
    answer = answered(200, MESSAGES["create_checkout_response"])
    said = wire.created(answer, a_charge(), NOON)
    assert isinstance(said, Pending)
    assert said.provider_reference == "abc-123"
    assert said.next_action is not None
    assert said.next_action.type is ActionType.REDIRECT
    assert said.next_action.url == MESSAGES["create_checkout_response"]["redirectUrl"]
    assert said.next_action.expires_at == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<html>", b"[]", b'{"checkoutId":"a","redirectUrl":"javascript:1"}']
)
def test_a_create_that_can_not_be_read_is_unknown(body: bytes) -> None:
    assert isinstance(wire.created(Response(200, {}, body), a_charge(), NOON), Unknown)


def test_every_documented_code_has_its_class() -> None:
    known = fixture("error_codes")
    del known["source"]
    assert {code: sort for sort, codes in known.items() for code in codes} == SORTS


@pytest.mark.parametrize(("code", "sort"), SORTS.items())
def test_a_code_permits_the_same_whatever_http_says(code: str, sort: Sort) -> None:
    for status in (200, 400, 401, 404, 409, 422):
        body = {"code": code, "message": "words"}
        said = wire.created(answered(status, body), a_charge(), NOON)
        assert isinstance(said, Unknown if sort is Sort.AMBIGUOUS else Declined)
        if isinstance(said, Declined):
            assert said.failure.provider_code == code
            passing = sort is Sort.STATE and code in ("PY0072", "PY0073", "PY0093")
            again = sort in (Sort.CONFIGURATION, Sort.REQUEST, Sort.UPSTREAM, Sort.ABSENT)
            assert said.elsewhere is (again or passing)
        assert isinstance(wire.records(answered(status, body), ATTEMPT), NotFound) is (
            sort is Sort.ABSENT
        )
    assert isinstance(refused(answered(500, {"code": code})), Unknown)


@pytest.mark.parametrize(
    ("code", "word", "kind"),
    [
        ("PY0105", FailureCode.INSUFFICIENT_FUNDS, FailureKind.DECLINED),
        ("PY0123", FailureCode.LIMIT_EXCEEDED, FailureKind.DECLINED),
        ("PY0101", FailureCode.RISK_REJECTED, FailureKind.DECLINED),
        ("PY0146", FailureCode.PAYER_REJECTED, FailureKind.DECLINED),
        ("PY0103", FailureCode.EXPIRED, FailureKind.EXPIRED),
        ("K999", FailureCode.PROVIDER_UNAVAILABLE, FailureKind.UNAVAILABLE),
        ("K003", FailureCode.PROVIDER_UNAVAILABLE, FailureKind.UNAVAILABLE),
        ("2553", FailureCode.INVALID_REQUEST, FailureKind.INVALID),
    ],
)
def test_a_no_is_told_in_our_words(code: str, word: FailureCode, kind: FailureKind) -> None:
    said = refused(answered(400, {"code": code}))
    assert isinstance(said, Declined)
    assert (said.failure.code, said.failure.kind) == (word, kind)


def test_the_published_errors_are_read() -> None:
    assert isinstance(refused(answered(400, MESSAGES["error_validation"])), Declined)
    found = wire.records(answered(404, MESSAGES["error_not_found"]), ATTEMPT)
    assert isinstance(found, NotFound)
    assert isinstance(refused(Response(404, {}, b"no such page")), Unknown)
    assert isinstance(refused(answered(429, {"code": "PY1234"})), Unknown)


def test_the_published_keys_are_the_defaults() -> None:
    known = fixture("webhook_public_keys")
    assert (list(SANDBOX_KEYS), list(PRODUCTION_KEYS)) == (known["sandbox"], known["production"])
    given: dict[str, Any] = {"public_key": "pk-1", "secret_key": "sk-1"}
    assert MayaConfig(**given).keys == SANDBOX_KEYS
    assert MayaConfig(**given, base_url="https://pg.maya.ph/").keys == PRODUCTION_KEYS
    assert MayaConfig(**given, base_url="https://elsewhere.example").keys == ()


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"publicKey": "sk-1", "secretKey": "pk-1"}, "publicKey"),
        ({"publicKey": "pk 1", "secretKey": "sk-1"}, "publicKey"),
        (
            {"publicKey": "pk-1", "secretKey": "sk-1", "webhookPublicKeys": ["none"]},
            "webhookPublicKeys",
        ),
        ({"publicKey": "pk-1"}, "secretKey"),
        ({"publicKey": "pk-1", "secretKey": "sk-1", "more": 1}, "more"),
    ],
)
def test_a_wrong_configuration_is_refused_at_the_desk(config: Any, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        converted(config, MANIFEST.config)
    assert wrong.value.field == field


def test_a_configuration_does_not_show_its_keys() -> None:
    assert "sk-very" not in repr(MayaConfig(public_key="pk-very", secret_key="sk-very"))


def test_the_fee_is_the_published_one() -> None:
    (fees,) = MANIFEST.profile.fees
    assert (fees.rate_bps, fees.fixed_minor) == (250, 1500)
