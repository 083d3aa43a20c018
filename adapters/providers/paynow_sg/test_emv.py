"""The payload: real codes read back, one written exactly, and the laws of its fields."""

import json
from binascii import crc_hqx
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.paynow_sg import MOST
from adapters.providers.paynow_sg.emv import (
    NESTED,
    PayNow,
    Proxy,
    closed,
    decode,
    encode,
    joined,
    parted,
    until,
)
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money

KNOWN = json.loads((Path(__file__).parent / "fixtures" / "vectors.json").read_text("utf-8"))
VECTORS: list[dict[str, Any]] = KNOWN["vectors"]
SGD = currency("SGD")
VALUES = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), min_size=1)


def a_demand(**more: Any) -> PayNow:
    known: dict[str, Any] = {
        "proxy": Proxy.UEN,
        "account": "12345678",
        "amount": Money(99, SGD),
        "expiry": "20260304",
        "name": "testcompany",
        "reference": "testordernumber12345678",
    }
    return PayNow(**(known | more))


def test_the_checksum_is_the_one_with_the_published_check_value() -> None:
    assert f"{crc_hqx(b'123456789', 0xFFFF):04X}" == "29B1"


@pytest.mark.parametrize("known", VECTORS, ids=[one["crc"] for one in VECTORS])
def test_a_real_code_is_read_field_by_field(known: dict[str, Any]) -> None:
    assert decode(known["payload"]) == known["decoded"]


@pytest.mark.parametrize("known", VECTORS, ids=[one["crc"] for one in VECTORS])
def test_a_real_code_is_written_from_its_fields_again(known: dict[str, Any]) -> None:
    fields = {
        tag: joined(value) if isinstance(value, dict) else value
        for tag, value in known["decoded"].items()
        if tag != "63"
    }
    assert closed(joined(fields)) == known["payload"]


@pytest.mark.parametrize("known", VECTORS, ids=[one["crc"] for one in VECTORS])
def test_one_altered_character_is_noticed(known: dict[str, Any]) -> None:
    payload = known["payload"]
    for place in range(len(payload)):
        other = "7" if payload[place] != "7" else "8"
        with pytest.raises(Invalid):
            decode(payload[:place] + other + payload[place + 1 :])


def test_a_demand_is_written_exactly_as_the_public_code() -> None:
    assert encode(a_demand()) == VECTORS[-1]["payload"]


def test_a_checksum_with_leading_zeros_keeps_them() -> None:
    assert encode(a_demand()).endswith("63040047")


def test_the_mobile_number_of_a_payee_stands_with_its_plus() -> None:
    fields = decode(encode(a_demand(proxy=Proxy.MOBILE, account="+6591234567")))
    account = fields["26"]
    assert isinstance(account, dict)
    assert (account["01"], account["02"], account["03"]) == ("0", "+6591234567", "0")


def test_an_expiry_is_told_in_singapores_time() -> None:
    assert until(datetime(2026, 12, 31, 16, 0, 59, 999_999, tzinfo=UTC)) == "20270101000059"


@given(
    minor=st.integers(1, MOST.minor),
    reference=st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=1, max_size=25),
    name=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=25),
)
def test_what_is_written_is_read_back(minor: int, reference: str, name: str) -> None:
    fields = decode(encode(a_demand(amount=Money(minor, SGD), reference=reference, name=name)))
    assert fields["54"] == Money(minor, SGD).major
    assert fields["59"] == name
    assert fields["62"] == {"01": reference}
    assert list(fields) == sorted(fields)


@given(st.dictionaries(st.integers(0, 99).map("{:02d}".format), VALUES.map(lambda t: t[:99])))
def test_fields_come_apart_as_they_were_joined(fields: dict[str, str]) -> None:
    assert parted(joined(fields)) == fields


@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_what_is_no_code_is_refused_and_never_more(text: str) -> None:
    for payload in (text, closed(text)):
        try:
            decode(payload)
        except Invalid:
            continue
        assert payload == closed(payload[:-8])


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reference": "X" * 26}, "reference"),
        ({"name": "X" * 26}, "name"),
        ({"amount": Money(MOST.minor + 1, SGD)}, "amount"),
        ({"name": "Café"}, "payload"),
        ({"account": ""}, "payload"),
    ],
)
def test_what_no_code_can_hold_is_refused(more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        encode(a_demand(**more))
    assert caught.value.field == field


def test_fields_that_hold_fields_are_the_merchant_accounts_and_the_bill() -> None:
    assert {str(one) for one in range(26, 52)} | {"62"} == NESTED
