"""Money is a whole number of minor units; floats never enter the domain."""

import re
from dataclasses import dataclass
from typing import Final, Self

from domain.errors import CurrencyMismatch, Invalid

DECIMAL: Final = re.compile(r"(\d{1,16})(?:\.(\d{1,6}))?", re.ASCII)
LONG: Final = re.compile(r"\d{17,64}(?:\.\d{1,6})?", re.ASCII)
MOST_MINOR: Final = 10**15  # fits a BIGINT with room for sums of millions


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and the number of digits after its point (source: ISO 4217 list one)."""

    code: str  # three capitals, e.g. "PHP"
    exponent: int  # 0 (JPY), 2 (PHP), 3 (KWD), 4 (CLF)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: Money(1250, PHP) is 12.50 pesos. Mixing raises CurrencyMismatch."""

    minor: int  # minor units: centavos for PHP, whole yen for JPY; may be negative
    currency: Currency

    @classmethod
    def parse(cls, text: str, currency: Currency) -> Self:
        """Read a decimal in major units, such as "1500.00".

        Raises Invalid for anything that is not plain digits with at most the currency's
        decimals, and for amounts beyond 10^15 minor units.
        """
        match = DECIMAL.fullmatch(text)
        if match is None and LONG.fullmatch(text):
            raise Invalid("is beyond what can be handled", "amount")
        if match is None:
            raise Invalid("must be a plain decimal number, for example 1500.00", "amount")
        whole, decimals = match[1], match[2] or ""
        if len(decimals) > currency.exponent:
            places = f"at most {currency.exponent}" if currency.exponent else "no"
            raise Invalid(f"{currency.code} has {places} decimals", "amount")
        minor = int(whole + decimals.ljust(currency.exponent, "0"))
        if minor > MOST_MINOR:
            raise Invalid("is beyond what can be handled", "amount")
        return cls(minor, currency)

    @property
    def major(self) -> str:
        """The decimal string with exactly the currency's decimals: "1500.00", "-0.05", "5000"."""
        exponent = self.currency.exponent
        if not exponent:
            return str(self.minor)
        sign, digits = ("-", -self.minor) if self.minor < 0 else ("", self.minor)
        text = str(digits).rjust(exponent + 1, "0")
        return f"{sign}{text[:-exponent]}.{text[-exponent:]}"

    def __add__(self, other: Self) -> Self:
        self._same(other)
        return type(self)(self.minor + other.minor, self.currency)

    def __sub__(self, other: Self) -> Self:
        self._same(other)
        return type(self)(self.minor - other.minor, self.currency)

    def split(self, weights: tuple[int, ...]) -> tuple[Self, ...]:
        """Split by weight; parts sum to the whole, spare units go to the first that have a weight.

        Raises Invalid when a weight is negative or all are zero.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise Invalid("weights must be non-negative and not all zero")
        shares = [self.minor * weight // total for weight in weights]
        takers = [index for index, weight in enumerate(weights) if weight]
        for index in takers[: self.minor - sum(shares)]:
            shares[index] += 1
        return tuple(type(self)(share, self.currency) for share in shares)

    def _same(self, other: Self) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency.code} and {other.currency.code} don't mix")
