"""SWIFT MT940: fields of a tag and text, in messages that end with "-".

RC takes a credit back, so money goes out; RD takes a debit back. A letter behind the mark (CR300,)
is the funds code. The words of :86: are broken anywhere.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from adapters.statements.amounts import exact
from adapters.statements.balance import check_balances
from adapters.statements.faults import MOST_TEXT, fault, told
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Currency, Money
from domain.statements.entry import Entry

TAG: Final = re.compile(r":(\d{2}[A-Z]?):(.*)", re.ASCII)
BALANCE: Final = re.compile(r"([CD])(\d{6})([A-Z]{3})([\d,]+)", re.ASCII)
LINE: Final = re.compile(
    r"(?P<value>\d{6})(?P<booked>\d{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?(?P<amount>\d+,\d*)"
    r"(?P<kind>[NSF][A-Z0-9]{3})(?P<own>.*?)(?://(?P<bank>.*))?",
    re.ASCII,
)
SUBFIELD: Final = re.compile(r"\?\d\d")  # German banks' parts of :86:
NO_REFERENCE: Final = ("", "NONREF")
CENTURY: Final = 2000
HALF_A_YEAR: Final = 6  # months: a booking on the other side of the year's end


@dataclass(slots=True)
class Field:
    tag: str
    line: int
    lines: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(slots=True)
class _Message:
    """One statement, as far as it was read."""

    opening: Money | None = None
    closing: Money | None = None
    entries: list[Entry] = field(default_factory=list)
    line: int = 0


def read_mt940(text: str) -> tuple[list[Entry], int]:
    """Its entries; none is left out. Raises Invalid."""
    entries: list[Entry] = []
    message: _Message | None = None
    fields = list(_fields(text))
    for place, one in enumerate(fields):
        if one.tag == "20":
            entries += _ended(message)
            message = _Message(line=one.line)
        if message is None:
            raise fault(one.line, "a message begins with :20:")
        if one.tag in ("60F", "60M"):
            message.opening = _balance(one)
        elif one.tag in ("62F", "62M"):
            message.closing = _balance(one)
        elif one.tag == "61":
            after = fields[place + 1] if place + 1 < len(fields) else None
            message.entries.append(_entry(one, after, message.opening))
    return [*entries, *_ended(message)], 0


def _ended(message: _Message | None) -> list[Entry]:
    """What it has, its balances checked."""
    if message is None:
        return []
    if message.closing is None:
        raise fault(message.line, "this message has no closing balance (:62F:); was it cut?")
    check_balances(message.line, message.opening, message.closing, message.entries)
    return message.entries


def _fields(text: str) -> Iterator[Field]:
    """A line that begins with no tag goes on with the field before it."""
    current: Field | None = None
    for number, whole in enumerate(text.split("\n"), 1):
        line = whole.rstrip("\r")
        if line.startswith(("{", "-}")) or line.strip() in ("", "-"):  # the envelope
            continue
        if match := TAG.fullmatch(line):
            if current is not None:
                yield current
            current = Field(match[1], number, [match[2]])
        elif current is None:
            raise fault(number, f"MT940 begins with a tag like :20:, not with {told(line)}")
        else:
            current.lines.append(line)
    if current is not None:
        yield current


def _entry(one: Field, after: Field | None, opening: Money | None) -> Entry:
    if opening is None:
        raise fault(one.line, ":61: stands before the opening balance (:60F:)")
    match = LINE.fullmatch(one.lines[0])
    if match is None:
        raise fault(one.line, f"this :61: can't be read: {told(one.lines[0])}")
    amount = _amount(match["amount"], opening.currency, one.line)
    if amount.minor <= 0:
        raise fault(one.line, "an entry's amount must be more than zero")
    own, bank = match["own"].strip(), (match["bank"] or "").strip()
    words = SUBFIELD.sub("\n", after.text) if after is not None and after.tag == "86" else ""
    heard = [own if own not in NO_REFERENCE else "", "\n".join(one.lines[1:]), words]
    mark = match["mark"]
    return Entry(
        line=one.line,
        day=_booked(match["value"], match["booked"], one.line),
        amount=amount,
        credit=mark in ("C", "RD"),
        reversal=len(mark) > 1,
        number=bank if bank not in NO_REFERENCE else None,
        text=" ; ".join(word for word in heard if word)[:MOST_TEXT],
    )


def _balance(one: Field) -> Money:
    match = BALANCE.fullmatch(one.text.strip())
    if match is None:
        raise fault(one.line, f"this balance can't be read: {told(one.text)}")
    try:
        money = currency(match[3])
    except Invalid as error:
        raise fault(one.line, str(error)) from None
    amount = _amount(match[4], money, one.line)
    return Money(amount.minor if match[1] == "C" else -amount.minor, amount.currency)


def _amount(text: str, money: Currency, line: int) -> Money:
    try:
        return exact(text, money, ",")
    except Invalid as error:
        raise fault(line, str(error)) from None


def _booked(value: str, booked: str | None, line: int) -> date:
    """The day of the booking; its year is the one next to the value date's."""
    valued = _day(CENTURY + int(value[:2]), int(value[2:4]), int(value[4:]), line)
    if booked is None:
        return valued
    year, month = valued.year, int(booked[:2])
    if abs(month - valued.month) > HALF_A_YEAR:
        year += 1 if month < valued.month else -1
    return _day(year, month, int(booked[2:]), line)


def _day(year: int, month: int, day: int, line: int) -> date:
    """Banks that count thirty days a month say 30 February, and mean its last."""
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        raise fault(line, f"there is no day {month:02d}-{day:02d}")
    return date(year, month, min(day, monthrange(year, month)[1]))
