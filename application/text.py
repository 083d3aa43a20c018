"""What text from outside may be, wherever it stands and whichever way it came."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from domain.errors import Invalid

CONTROL: Final = re.compile(  # what a terminal obeys, and what no database or UTF-8 can hold
    r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]"
)
CARD_LIKE: Final = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){12,18}(?![0-9A-Za-z])", re.ASCII)
CARD_STARTS: Final = re.compile(  # of the card networks, so that order numbers pass
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3(?:0[0-5]|[689])|35(?:2[89]|[3-8])"
    r"|6(?:011|4[4-9]|5)|62|5[06-9]|6[03-9]|9792|220[0-4]"
)


def unfit(text: str) -> str | None:
    """Why the text is refused: it holds control characters, or what looks like a card number."""
    if CONTROL.search(text):
        return "must not hold control characters"
    if has_card_number(text):
        return "looks like a card number; card data must never be sent here"
    return None


def plain(text: str, longest: int, shortest: int = 0) -> str:
    """The text. Raises Invalid for what is unfit, too long or too short."""
    if not shortest <= len(text) <= longest:
        raise Invalid(told_length(longest, shortest))
    if (told := unfit(text)) is not None:
        raise Invalid(told)
    return text


def told_length(longest: int, shortest: int = 0) -> str:
    """In words, for whoever sent more or less."""
    return (
        f"must be {shortest} to {longest} characters"
        if shortest
        else f"must be at most {longest} characters"
    )


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


def instant(text: str) -> datetime:
    """An RFC 3339 instant, or a date: its first moment in UTC. Raises Invalid."""
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("must be like 2026-02-07T09:58:00Z or 2026-02-07") from None
