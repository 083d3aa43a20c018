"""Amounts to YallaPay's wire and back, and what it is asked under."""

from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.scenery import answered
from adapters.providers.yallapay import wire
from adapters.providers.yallapay.scene import NOON, a_charge, a_lookup
from adapters.providers.yallapay.simulated_books import DECODER, pounds_of
from domain.currencies import currency
from domain.money import Money
from domain.payments.outcome import Succeeded

MONIES = st.integers(1_000_00, 10**14).map(lambda minor: Money(minor, currency("SDG")))


@given(MONIES)
def test_an_amount_is_a_number_in_pounds_and_comes_back_exactly(amount: Money) -> None:
    sent = msgspec.json.encode(wire.link(a_charge(amount.major)))
    assert pounds_of(DECODER.decode(sent)["amount"]) * 100 == amount.minor  # as the other side
    lookup = a_lookup()
    told = {
        "clientReferenceId": lookup.attempt_id,
        "status": "SUCCESSFUL",
        "amount": msgspec.Raw(amount.major.encode()),
    }
    said = wire.found(answered(200, told), lookup)
    assert isinstance(said, Succeeded)
    assert said.amount == amount


@given(st.integers(0, 86_400 * 400), st.integers(0, 86_400 * 400))
def test_the_first_day_asked_about_is_that_of_khartoum_and_none_is_to_come(
    opened_s: int, later_s: int
) -> None:
    opened = NOON + timedelta(seconds=opened_s)
    now = opened + timedelta(seconds=later_s)
    days = wire.days(a_lookup(opened_at=opened), now)
    assert days[0] == opened.astimezone(wire.KHARTOUM).date()
    assert 1 <= len(days) == len(set(days)) <= 2 + wire.MOST_DAYS
    assert max(days) <= now.astimezone(wire.KHARTOUM).date()
