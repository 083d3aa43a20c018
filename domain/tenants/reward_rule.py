"""The tenant's rule: what a payment earns its customer."""

import re
from dataclasses import dataclass
from typing import Final, Self

from domain.currencies import POINTS, currency
from domain.errors import Invalid
from domain.money import MOST_MINOR, Currency, Money

MOST_RULES: Final = 20  # of a tenant: one for each currency it is paid in
MOST_AWARD: Final = 10**9  # minor units at a time
GRAMMAR: Final = 'must be like "1 point per 10 PHP" or "1.50 PHP per 100 PHP"'
RULE: Final = re.compile(r"(\S{1,24}) (points?|[A-Z]{3}) per (\S{1,24}) ([A-Z]{3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class RewardRule:
    """Each full `per` of what is paid earns one `award`: points, or money. Both are more than
    zero. Raises Invalid, field `reward`."""

    per: Money
    award: Money

    def __post_init__(self) -> None:
        if self.per.minor <= 0 or not 0 < self.award.minor <= MOST_AWARD:
            raise Invalid("must earn more than zero for more than zero, within reason", "reward")
        if self.per.currency == POINTS:
            raise Invalid("points are earned, nothing is paid in them", "reward")

    @classmethod
    def parse(cls, text: str) -> Self:
        """From words, as `words` gives them: "1 point per 10 PHP". Raises Invalid."""
        if (found := RULE.fullmatch(" ".join(text.split()))) is None:
            raise Invalid(GRAMMAR, "reward")
        much, of, per, paid_in = found.groups()
        try:
            award = Money.parse(much, POINTS if of.startswith("point") else currency(of))
            return cls(Money.parse(per, currency(paid_in)), award)
        except Invalid as error:
            raise Invalid(f"{error}; it {GRAMMAR}", "reward") from None

    @property
    def unit(self) -> Currency:
        """What the wallet is counted in."""
        return self.award.currency

    @property
    def words(self) -> str:
        """For people, and for `parse`."""
        of = self.unit.code
        if self.unit == POINTS:
            of = "point" if self.award.minor == 1 else "points"
        return f"{self.award.major} {of} per {self.per.major} {self.per.currency.code}"

    def earned(self, paid: Money) -> Money:
        """By so much; parts of a `per` earn nothing. Never more than 10^15 minor units."""
        if paid.currency != self.per.currency:
            return Money(0, self.unit)
        minor = max(paid.minor, 0) // self.per.minor * self.award.minor
        return Money(min(minor, MOST_MINOR), self.unit)
