"""Amounts, numbers and references to MTN's wire and back, for every country it is in."""

import re
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.transport import Response
from adapters.providers.mtn_momo import wire
from adapters.providers.mtn_momo.markets import MARKETS, SANDBOX
from adapters.providers.mtn_momo.scene import a_charge
from adapters.providers.mtn_momo.simulated_books import ENVIRONMENTS, minor_of
from domain.currencies import currency
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import Succeeded

CODES = sorted({one.currency for one in MARKETS.values()})
MONIES = st.builds(Money, st.integers(1, 10**15), st.sampled_from(CODES).map(currency))
IDS = st.from_regex(r"att_[0-9A-HJKMNP-TV-Z]{26}[0-9]{2}", fullmatch=True)
DIGITS = st.integers(0, 10**11)


@given(MONIES)
def test_an_amount_is_a_string_in_major_units_and_comes_back_exactly(amount: Money) -> None:
    body = wire.request_to_pay(a_charge(amount=amount.major, code=amount.currency.code))
    text = body["amount"]
    assert isinstance(text, str)
    assert minor_of(text, amount.currency.code) == amount.minor  # as the other side reads it
    told = {**body, "status": "SUCCESSFUL"}
    said = wire.status(Response(200, {}, msgspec.json.encode(told)), body["externalId"])
    assert isinstance(said, Succeeded)
    assert said.amount == amount


@given(st.lists(IDS, min_size=2, max_size=50, unique=True))
def test_references_are_uuids_of_version_4_and_never_the_same(ids: list[str]) -> None:
    references = [wire.reference(one) for one in ids]
    assert len(set(references)) == len(ids)
    for one, again in zip(references, map(wire.reference, ids), strict=True):
        assert one == again
        assert UUID(one).version == 4
        assert UUID(one).variant == "specified in RFC 4122"


@given(st.sampled_from(sorted(set(MARKETS) - {SANDBOX})), DIGITS)
def test_a_number_of_the_country_is_sent_as_digits_alone(environment: str, number: int) -> None:
    market = MARKETS[environment]
    prefix = market.network.prefixes[0]
    rest = market.network.length - len(prefix)
    phone = f"+{market.network.code}{prefix}{number % 10**rest:0{rest}d}"
    assert market.has(phone)
    assert not market.has(phone + "1")
    charge = a_charge(amount="1", code=market.currency, customer=Customer(phone=phone))
    assert wire.misdirected(charge, market) is None
    party = wire.request_to_pay(charge)["payer"]["partyId"]
    assert f"+{party}" == phone
    assert party.isdigit()


@given(st.text(max_size=400))
def test_words_never_hold_what_the_firewall_refuses(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9 .,:/_-]{1,160}", wire.words(text))


def test_both_sides_know_the_same_countries() -> None:
    ours = {name: one.currency for name, one in MARKETS.items()}
    assert ours == {name: currency for name, (currency, _) in ENVIRONMENTS.items()}
