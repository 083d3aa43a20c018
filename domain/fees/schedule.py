"""A fee is percentage + fixed, rounded once, half up, then held between floor and cap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.errors import Invalid
from domain.money import Currency, Money

WHOLE_BPS: Final = 10_000  # a hundred per cent


class Bearer(StrEnum):
    MERCHANT = "merchant"  # the fee is taken from what the merchant receives
    PAYER = "payer"  # the fee is added to what the payer is charged


@dataclass(frozen=True, slots=True)
class Fee:
    """What a provider takes of one payment. Amounts in minor units of `currency`."""

    currency: Currency
    bearer: Bearer
    rate_bps: int
    percentage_minor: int  # the rounded percentage part, for the receipt
    fixed_minor: int
    minor: int  # the fee itself: between floor and cap

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)

    def charged(self, amount: Money) -> Money:
        """What the payer is asked for when `amount` is due."""
        return amount + self.amount if self.bearer is Bearer.PAYER else amount

    def net(self, amount: Money) -> Money:
        """What the merchant receives when `amount` is due."""
        return amount if self.bearer is Bearer.PAYER else amount - self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSchedule:
    """One price list of one provider in one currency, valid from (inclusive) until (exclusive)."""

    currency: Currency
    rate_bps: int = 0  # basis points: 250 is 2.5 %
    fixed_minor: int = 0
    floor_minor: int = 0
    cap_minor: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.rate_bps <= WHOLE_BPS:
            raise Invalid("a percentage is between 0 and 100", "fee")
        if min(self.fixed_minor, self.floor_minor) < 0:
            raise Invalid("a fee is not negative", "fee")
        if self.cap_minor is not None and self.cap_minor < self.floor_minor:
            raise Invalid("the cap is below the floor", "fee")

    @property
    def is_free(self) -> bool:
        """Nothing is ever asked."""
        return not (self.rate_bps or self.fixed_minor or self.floor_minor)

    def holds(self, currency: Currency, at: datetime) -> bool:
        """Whether this price list is the one for `currency` at that instant."""
        return (
            self.currency == currency
            and (self.valid_from is None or self.valid_from <= at)
            and (self.valid_until is None or at < self.valid_until)
        )

    def quote(self, amount: Money, bearer: Bearer) -> Fee:
        """The fee for `amount` due. Raises Invalid when the currency is not the schedule's."""
        if amount.currency != self.currency:
            raise Invalid(f"this schedule is for {self.currency.code}", "currency")
        percentage = (amount.minor * self.rate_bps * 2 + WHOLE_BPS) // (2 * WHOLE_BPS)
        minor = max(percentage + self.fixed_minor, self.floor_minor)
        if self.cap_minor is not None:
            minor = min(minor, self.cap_minor)
        return Fee(self.currency, bearer, self.rate_bps, percentage, self.fixed_minor, minor)


def schedule_for(
    schedules: Sequence[FeeSchedule], currency: Currency, at: datetime
) -> FeeSchedule | None:
    """The first schedule that holds; a tenant's own come before the provider's default."""
    for one in schedules:  # of every currency there is, at some
        if one.currency.code == currency.code and one.holds(currency, at):
            return one
    return None
