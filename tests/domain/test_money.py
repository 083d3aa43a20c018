"""Money is exact, and reads only what is plainly a number."""

import pytest

from domain.currencies import currency
from domain.errors import CurrencyMismatch, Invalid
from domain.money import MOST_MINOR, Currency, Money
from tests.builders import JPY, KWD, PHP, USD, php

CLF = currency("CLF")


@pytest.mark.parametrize(
    ("text", "known", "minor"),
    [
        ("1500.00", PHP, 150_000),
        ("1500.5", PHP, 150_050),
        ("1500", PHP, 150_000),
        ("0.01", PHP, 1),
        ("0", PHP, 0),
        ("007", PHP, 700),
        ("5000", JPY, 5000),
        ("1.234", KWD, 1234),
        ("1.2345", CLF, 12_345),
        ("10000000000000.00", PHP, MOST_MINOR),
        ("1000000000000000", JPY, MOST_MINOR),
    ],
)
def test_a_plain_decimal_is_read_exactly(text: str, known: Currency, minor: int) -> None:
    assert Money.parse(text, known) == Money(minor, known)


@pytest.mark.parametrize(
    "text",
    ["", " ", " 1", "1 ", "1\n", "+1", "-1", "1.", ".5", "1e3", "1E3", "1,000", "1_000", "0x10",
     "NaN", "Infinity", "1.000", "1.001", "١٢", "１", "1.0.0", "1-1", "1\u00a0000", "²", "1\x00"],
)  # fmt: skip
def test_anything_else_is_refused_naming_the_field(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Money.parse(text, PHP)
    assert refused.value.field == "amount"


@pytest.mark.parametrize("text", ["1" + "0" * 16, "9" * 30 + ".00"])
def test_too_much_money_is_told_as_too_much(text: str) -> None:
    with pytest.raises(Invalid, match="beyond what can be handled"):
        Money.parse(text, PHP)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("1.0", JPY),
        ("1.2345", KWD),
        ("1.23456", CLF),
        ("10000000000000.01", PHP),
        ("1000000000000001", JPY),
        ("9" * 400, JPY),
    ],
)
def test_too_many_decimals_and_too_much_money_are_refused(text: str, known: Currency) -> None:
    with pytest.raises(Invalid):
        Money.parse(text, known)


@pytest.mark.parametrize(
    ("minor", "known", "text"),
    [
        (-5, PHP, "-0.05"),
        (0, PHP, "0.00"),
        (5, KWD, "0.005"),
        (12_345, CLF, "1.2345"),
        (-5000, JPY, "-5000"),
        (150_000, PHP, "1500.00"),
    ],
)
def test_the_decimal_string_has_exactly_the_currencys_decimals(
    minor: int, known: Currency, text: str
) -> None:
    assert Money(minor, known).major == text


def test_currencies_do_not_mix() -> None:
    for mixed in (Money.__add__, Money.__sub__):
        with pytest.raises(CurrencyMismatch):
            mixed(php("1.00"), Money(100, USD))


def test_the_spare_unit_goes_to_the_first_part() -> None:
    assert [part.minor for part in Money(100, PHP).split((1, 1, 1))] == [34, 33, 33]


def test_who_has_no_share_gets_nothing() -> None:
    assert [part.minor for part in Money(1, PHP).split((0, 1, 1))] == [0, 1, 0]


@pytest.mark.parametrize("weights", [(), (0, 0), (2, -1)])
def test_shares_are_not_negative_and_not_all_nothing(weights: tuple[int, ...]) -> None:
    with pytest.raises(Invalid):
        Money(100, PHP).split(weights)
