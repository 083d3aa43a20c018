"""Amounts as providers write them: decimals in major units, digit by digit, never a float."""

from decimal import Decimal
from typing import Final

from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money

MOST_DIGITS: Final = 16  # before the point; refuses 1e999999 before it is written out


def exact(said: Decimal, code: str) -> Money | None:
    """None for what is not an amount of that currency: negative, not finite, too many decimals."""
    try:
        known = currency(code)
    except Invalid:
        return None
    if not said.is_finite() or said < 0 or said.adjusted() >= MOST_DIGITS:
        return None
    minor = int(said.scaleb(known.exponent))
    return Money(minor, known) if Decimal(minor).scaleb(-known.exponent) == said else None


def shortest(amount: Money) -> str:
    """Without decimals where they are zero: "1500", "12.50"."""
    whole, _, decimals = amount.major.partition(".")
    return amount.major if decimals.strip("0") else whole
