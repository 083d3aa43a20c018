"""Amounts as providers write them, over every currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.amounts import exact, shortest
from domain.currencies import CURRENCIES
from domain.money import Money

MONIES = st.builds(
    Money, st.integers(0, 10**15), st.sampled_from(sorted(CURRENCIES.values(), key=str))
)


@given(MONIES)
def test_what_is_written_is_read_exactly(amount: Money) -> None:
    for text in (amount.major, shortest(amount)):
        assert exact(Decimal(text), amount.currency.code) == amount


@given(MONIES)
def test_the_shortest_form_has_all_decimals_or_none(amount: Money) -> None:
    text = shortest(amount)
    _, point, decimals = text.partition(".")
    assert len(decimals) == (amount.currency.exponent if point else 0)
    assert not point or decimals.strip("0")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("-0.01", "ZMW"),
        ("0.001", "ZMW"),
        ("1.5", "UGX"),
        ("NaN", "ZMW"),
        ("sNaN", "ZMW"),
        ("Infinity", "ZMW"),
        ("1e999999", "ZMW"),
        ("1e-999999", "ZMW"),
        ("1", "QQQ"),
    ],
)
def test_what_is_no_amount_is_not_read_as_one(said: str, code: str) -> None:
    assert exact(Decimal(said), code) is None
