"""What text from outside may be, wherever it stands."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from domain.errors import Invalid
from domain.money import Currency, Money

CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # a database can't even store the first
CARD_LIKE: Final = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){12,18}(?![0-9A-Za-z])", re.ASCII)
CARD_STARTS: Final = re.compile(  # of the card networks, so that order numbers pass
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3(?:0[0-5]|[689])|35(?:2[89]|[3-8])"
    r"|6(?:011|4[4-9]|5)|62|5[06-9]|6[03-9]|9792|220[0-4]"
)
_COUNTRIES: Final = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
    EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
    GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
    KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
    TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM
    ZW
"""
COUNTRIES: Final = frozenset(_COUNTRIES.split())  # ISO 3166-1 alpha-2
LONGEST_AMOUNT: Final = 32  # characters


def plain(text: str) -> str:
    """The text. Raises Invalid for control characters and for what looks like a card number."""
    if CONTROL.search(text):
        raise Invalid("must not hold control characters")
    if has_card_number(text):
        raise Invalid("looks like a card number; card data must never be sent here")
    return text


def has_card_number(text: str) -> bool:
    """Whether 13 to 19 digits of it could be a payment card's number."""
    return len(text) > 12 and any(_luhn(digits) for digits in _card_like(text))


def _card_like(text: str) -> Iterator[str]:
    for found in CARD_LIKE.finditer(text):
        digits = re.sub(r"[ -]", "", found[0])
        if CARD_STARTS.match(digits):
            yield digits


def _luhn(digits: str) -> bool:
    ends = [int(digit) for digit in digits[::-1]]
    return (sum(ends[::2]) + sum(sum(divmod(2 * one, 10)) for one in ends[1::2])) % 10 == 0


def country(code: str) -> str:
    """Raises Invalid."""
    if code not in COUNTRIES:
        raise Invalid("must be an ISO 3166 code of two capitals, for example PH")
    return code


def web_address(url: str) -> str:
    """Raises Invalid for all but a plain http or https address."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Invalid("must be an http or https address") from None
    if parts.scheme not in ("http", "https") or not host or not url.isprintable():
        raise Invalid("must be an http or https address")
    if "@" in parts.netloc or "\\" in url or " " in url:
        raise Invalid("must be an address without user, password, spaces or backslashes")
    return url


def amount(raw: bytes, currency: Currency) -> Money:
    """A JSON number or string as money, digit by digit. Raises Invalid for all but amounts > 0."""
    text = raw.decode("ascii", "replace").strip()
    if text[:1] == text[-1:] == '"':
        text = text[1:-1]
    if len(text) > LONGEST_AMOUNT:
        raise Invalid("is beyond what can be handled")
    negative = text.startswith("-")
    money = Money.parse(text.removeprefix("-"), currency)
    if negative or money.minor == 0:
        raise Invalid("must be more than zero")
    return money


def instant(text: str) -> datetime:
    """An RFC 3339 instant, or a date: its first moment in UTC. Raises Invalid."""
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("must be like 2026-02-07T09:58:00Z or 2026-02-07") from None
