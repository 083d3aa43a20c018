"""Amounts and numbers to CashiPay's wire and back."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.scenery import answered
from adapters.providers.cashipay import wire
from adapters.providers.cashipay.scene import a_charge, a_config, a_lookup
from adapters.providers.cashipay.simulated_books import DECODER, checked
from domain.currencies import currency
from domain.money import Money
from domain.payments.outcome import Declined, Succeeded

MONIES = st.integers(1, 10**14).map(lambda minor: Money(minor, currency("SDG")))


@given(MONIES)
def test_an_amount_is_a_number_in_pounds_and_comes_back_exactly(amount: Money) -> None:
    config = a_config()
    body = wire.request(a_charge(amount.major), config)
    assert not isinstance(body, Declined)
    sent = DECODER.decode(msgspec.json.encode(body))
    assert checked(sent) * 100 == amount.minor  # as the other side
    value = msgspec.Raw(amount.major.encode())
    told = {"referenceNumber": "CP-0001", "status": "PAID"}
    said = wire.found(
        answered(200, {**told, "amount": {"value": value, "currency": "SDG"}}), a_lookup()
    )
    assert isinstance(said, Succeeded)
    assert said.amount == amount


@given(st.integers(0, 10**9 - 1))
def test_a_number_of_sudan_is_written_with_a_zero_and_is_ten_digits(number: int) -> None:
    said = wire.local(f"+249{number:09d}")
    assert said == f"0{number:09d}"


@given(st.from_regex(r"\+(?!249)[1-9][0-9]{6,13}", fullmatch=True))
def test_any_other_number_keeps_its_country(phone: str) -> None:
    assert "+" + wire.local(phone) == phone
