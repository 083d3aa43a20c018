"""Amounts as banks write them, read exactly; what could be meant two ways is refused."""

import re
from typing import Final, Literal

from domain.errors import Invalid
from domain.money import Currency, Money

SPACES: Final = str.maketrans("", "", " \u00a0\u202f'’")
SIGNED: Final = re.compile(r"(?P<open>\()?(?P<sign>[+-])?(?P<digits>[\d.,]+)(?P<after>-|\))?")
MARKS: Final = {"CR": 1, "C": 1, "DR": -1, "D": -1}
Point = Literal[".", ","]


def signed(text: str, money: Currency, point: Point = ".") -> Money:
    """ "1,234.50", "-20", "20-", "(20.00)", "20.00 DR". Raises Invalid."""
    plain = text.translate(SPACES).upper()
    mark = next((one for one in MARKS if plain.endswith(one)), "")
    match = SIGNED.fullmatch(plain.removesuffix(mark))
    if match is None or (match["open"] is None) is (match["after"] == ")"):
        raise Invalid(f"{text!r} is no amount")
    minus = (match["sign"] == "-") + (match["after"] in ("-", ")")) + (MARKS.get(mark, 1) < 0)
    if minus > 1:
        raise Invalid(f"{text!r} is negative twice")
    amount = exact(match["digits"], money, point)
    return Money(-amount.minor, money) if minus else amount


def exact(text: str, money: Currency, point: Point = ".") -> Money:
    """Digits with a decimal point of that kind; the other kind may stand between thousands, and
    zeros behind the currency's decimals. Raises Invalid."""
    whole, _, decimals = text.partition(point)
    other = "," if point == "." else "."
    if other in whole:
        groups = whole.split(other)
        if not 1 <= len(groups[0]) <= 3 or any(len(one) != 3 for one in groups[1:]):
            raise Invalid(f"{text!r} is no amount with {point!r} before its decimals")
        whole = "".join(groups)
    kept, rest = decimals[: money.exponent], decimals[money.exponent :]
    if rest.strip("0"):
        raise Invalid(f"{text!r} has more decimals than {money.code}")
    try:
        return Money.parse(f"{whole}.{kept}" if kept else whole, money)
    except Invalid as error:
        raise Invalid(f"{text!r}: {error}") from None
