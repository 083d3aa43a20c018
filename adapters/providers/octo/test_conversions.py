"""Sums and times to OCTO's wire and back, in every currency that it takes."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.transport import Response
from adapters.providers.octo import MANIFEST, wire
from adapters.providers.octo.scene import ATTEMPT, a_charge, a_config
from adapters.providers.octo.simulated_books import local, minor_of, written
from adapters.providers.octo.simulator import DECODER
from domain.currencies import currency
from domain.money import Money
from domain.payments.outcome import Succeeded

CODES = sorted(MANIFEST.profile.currencies)
MONIES = st.builds(Money, st.integers(1, 10**12), st.sampled_from(CODES).map(currency))
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 600_000_000).map(lambda seconds: FIRST + timedelta(seconds=seconds))


@given(MONIES)
def test_a_sum_is_a_number_in_major_units_and_comes_back_exactly(amount: Money) -> None:
    sent = msgspec.json.encode(wire.payment(a_charge(amount), a_config()))
    read = DECODER.decode(sent)  # as the other side does
    assert (minor_of(read["total_sum"]), read["currency"]) == (amount.minor, amount.currency.code)
    data = {"shop_transaction_id": ATTEMPT, "octo_payment_UUID": "u", "status": "succeeded"}
    told = {"error": 0, "data": {**data, "total_sum": written(amount.minor)}}
    known = wire.found(Response(200, {}, msgspec.json.encode(told)), ATTEMPT)
    assert isinstance(known, wire.Payment)
    assert wire.outcome(known, amount) == Succeeded(amount=amount, provider_reference="u")


@given(MOMENTS, st.integers(1, 10_000), st.integers(1, 1440))
def test_a_page_lives_whole_minutes_and_not_longer_than_the_payment(
    opened: datetime, minutes: int, usual: int
) -> None:
    charge = a_charge(opened_at=opened, expires_at=opened + timedelta(minutes=minutes))
    config = a_config(ttl_minutes=usual)
    body = wire.payment(charge, config)
    assert body["ttl"] == min(minutes, usual)
    assert body["init_time"] == local(opened)
