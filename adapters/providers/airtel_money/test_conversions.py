"""Amounts, numbers and words to Airtel's wire and back, for every country it is in."""

import re
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.airtel_money import wire
from adapters.providers.airtel_money.markets import MARKETS
from adapters.providers.airtel_money.scene import a_charge
from adapters.providers.airtel_money.simulated_books import COUNTRIES, minor_of
from domain.currencies import currency
from domain.payments.intent import Customer

CODES = sorted(MARKETS)


@given(st.sampled_from(CODES), st.integers(1, 10**12))
def test_an_amount_is_a_number_in_major_units_and_comes_back_exactly(
    country: str, minor: int
) -> None:
    market = MARKETS[country]
    known = currency(market.currency)
    text = str(Decimal(minor).scaleb(-known.exponent))
    charge = a_charge(amount=text, code=market.currency)
    raw = wire.push(charge, market)
    assert minor_of(raw, market.currency) == minor  # as the other side reads it
    assert re.search(rb'"amount":[0-9]+(\.[0-9]+)?[,}]', raw)


@given(st.sampled_from(CODES), st.integers(0, 10**11))
def test_a_number_is_sent_without_the_countrys_code(country: str, number: int) -> None:
    network = MARKETS[country].network
    prefix = network.prefixes[0]
    rest = network.length - len(prefix)
    national = f"{prefix}{number % 10**rest:0{rest}d}"
    phone = f"+{network.code}{national}"
    assert MARKETS[country].has(phone)
    assert not MARKETS[country].has(f"{phone}1")
    charge = a_charge(amount="1", code=MARKETS[country].currency, customer=Customer(phone=phone))
    assert wire.misdirected(charge, MARKETS[country]) is None
    body = msgspec.json.decode(wire.push(charge, MARKETS[country]))
    assert body["subscriber"]["msisdn"] == national
    assert body["subscriber"]["country"] == body["transaction"]["country"] == country


@given(st.text(max_size=400))
def test_words_are_plain_and_of_a_length_that_it_takes(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9 .,:_-]{4,64}", wire.words(text))


def test_both_sides_know_the_same_countries() -> None:
    ours = {
        name: (one.currency, one.network.code, one.network.length) for name, one in MARKETS.items()
    }
    assert ours == COUNTRIES


@given(st.from_regex(r"att_[0-9A-HJKMNP-TV-Z]{26}[0-9]{2}", fullmatch=True))
def test_the_attempt_itself_is_the_transactions_id(attempt: str) -> None:
    body = msgspec.json.decode(wire.push(a_charge(attempt_id=attempt), MARKETS["ZM"]))
    assert body["transaction"]["id"] == attempt
