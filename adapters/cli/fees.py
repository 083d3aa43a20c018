"""Prices as people write them: "2.5%+15 PHP", "3% PHP min 10 max 500", "20 KES"."""

import re
from typing import Final

from domain.currencies import currency
from domain.errors import Invalid
from domain.fees.schedule import FeeSchedule
from domain.money import Currency, Money

DECIMAL: Final = r"\d{1,12}(?:\.\d{1,4})?"
PRICE: Final = re.compile(
    rf"(?:(?P<rate>\d{{1,3}}(?:\.\d{{1,2}})?)\s*%)?\s*(?:\+?\s*(?P<fixed>{DECIMAL}))?"
    rf"\s*(?P<code>[A-Z]{{3}})(?:\s+min\s+(?P<floor>{DECIMAL}))?(?:\s+max\s+(?P<cap>{DECIMAL}))?",
    re.ASCII,
)


def fee_of(text: str) -> FeeSchedule:
    """Raises Invalid."""
    found = PRICE.fullmatch(text.strip())
    if found is None or not (found["rate"] or found["fixed"]):
        raise Invalid(f"{text!r} must be like '2.5%+15 PHP' or '3% PHP min 10 max 500'", "fee")
    money = currency(found["code"])
    whole, _, hundredths = (found["rate"] or "0").partition(".")
    cap = found["cap"]
    return FeeSchedule(
        currency=money,
        rate_bps=int(whole) * 100 + int(hundredths.ljust(2, "0")),
        fixed_minor=_minor(found["fixed"], money),
        floor_minor=_minor(found["floor"], money),
        cap_minor=_minor(cap, money) if cap else None,
    )


def price(one: FeeSchedule) -> str:
    """The schedule as it would be typed."""
    rate = f"{one.rate_bps // 100}.{one.rate_bps % 100:02d}".rstrip("0").rstrip(".")
    fixed = Money(one.fixed_minor, one.currency).major
    parts = [f"{rate}%"] if one.rate_bps else []
    if one.fixed_minor or not parts:
        parts.append(fixed)
    text = f"{'+'.join(parts)} {one.currency.code}"
    if one.floor_minor:
        text += f" min {Money(one.floor_minor, one.currency).major}"
    if one.cap_minor is not None:
        text += f" max {Money(one.cap_minor, one.currency).major}"
    return text


def _minor(text: str | None, money: Currency) -> int:
    try:
        return Money.parse(text, money).minor if text else 0
    except Invalid as error:
        raise Invalid(str(error), "fee") from error
