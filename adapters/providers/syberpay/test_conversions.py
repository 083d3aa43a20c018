"""Amounts to SyberPay's wire and back, in both ways of writing them."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.scenery import answered
from adapters.providers.syberpay import wire
from adapters.providers.syberpay.scene import ATTEMPT, a_charge, a_config, a_lookup
from adapters.providers.syberpay.simulated_books import DECODER, text_of
from domain.currencies import currency
from domain.money import Money
from domain.payments.outcome import Succeeded

MONIES = st.integers(1, 10**14).map(lambda minor: Money(minor, currency("SDG")))


@given(MONIES, st.sampled_from(["text", "number"]))
def test_an_amount_is_in_pounds_and_comes_back_exactly(amount: Money, setting: str) -> None:
    body = wire.request(a_charge(amount.major), a_config(amount_format=setting))
    text = text_of(DECODER.decode(msgspec.json.encode(body))["amount"])  # as the other side
    assert text == wire.amount_text(amount, a_config(amount_format=setting))
    assert Money.parse(text, amount.currency) == amount
    payment = {"status": "Successful", "responseCode": 0, "customerRef": ATTEMPT}
    told = {"status": "Successful", "payment": {**payment, "amount": msgspec.Raw(text.encode())}}
    said = wire.found(answered(200, told), a_lookup(amount=amount.major))
    assert isinstance(said, Succeeded)
    assert said.amount == amount
