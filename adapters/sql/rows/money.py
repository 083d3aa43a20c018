"""Amounts, fees and price lists."""

from collections.abc import Sequence
from typing import Final

import msgspec

from adapters.sql.rows.values import json, time_or_none, us_or_none, words
from domain.currencies import CURRENCIES, UNITS
from domain.fees.schedule import Bearer, Fee, FeeSchedule
from domain.money import Currency, Money

BEARERS: Final = words(Bearer)

FeeArray = tuple[str, str, int, int, int, int]
"""currency, bearer, rate_bps, percentage_minor, fixed_minor, minor"""
MoneyArray = tuple[int, str]

_fee_decoder: Final = msgspec.json.Decoder(FeeArray)


def currency(code: str) -> Currency:
    """As it is known now: exponents are the standard's, not ours to store."""
    return CURRENCIES[code]


def money(stored: MoneyArray) -> Money:
    return Money(stored[0], UNITS[stored[1]])


def money_array(amount: Money) -> MoneyArray:
    return amount.minor, amount.currency.code


def fee_array(fee: Fee) -> FeeArray:
    return (
        fee.currency.code,
        fee.bearer,
        fee.rate_bps,
        fee.percentage_minor,
        fee.fixed_minor,
        fee.minor,
    )


def fee(stored: FeeArray) -> Fee:
    code, bearer, rate_bps, percentage_minor, fixed_minor, minor = stored
    return Fee(CURRENCIES[code], BEARERS[bearer], rate_bps, percentage_minor, fixed_minor, minor)


def fee_text(value: Fee) -> str:
    return json(fee_array(value))


def fee_of(text: str) -> Fee:
    return fee(_fee_decoder.decode(text))


class ScheduleRow(msgspec.Struct, omit_defaults=True):
    currency: str
    rate_bps: int = 0
    fixed_minor: int = 0
    floor_minor: int = 0
    cap_minor: int | None = None
    valid_from: int | None = None
    valid_until: int | None = None


_schedules: Final = msgspec.json.Decoder(list[ScheduleRow])


def schedules_text(schedules: Sequence[FeeSchedule]) -> str:
    return json(
        [
            ScheduleRow(
                currency=one.currency.code,
                rate_bps=one.rate_bps,
                fixed_minor=one.fixed_minor,
                floor_minor=one.floor_minor,
                cap_minor=one.cap_minor,
                valid_from=us_or_none(one.valid_from),
                valid_until=us_or_none(one.valid_until),
            )
            for one in schedules
        ]
    )


def schedules_of(text: str) -> tuple[FeeSchedule, ...]:
    return tuple(
        FeeSchedule(
            currency=CURRENCIES[one.currency],
            rate_bps=one.rate_bps,
            fixed_minor=one.fixed_minor,
            floor_minor=one.floor_minor,
            cap_minor=one.cap_minor,
            valid_from=time_or_none(one.valid_from),
            valid_until=time_or_none(one.valid_until),
        )
        for one in _schedules.decode(text)
    )
