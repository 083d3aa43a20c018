"""CSV of banks. Which column is what somebody says; what is before the header is passed over."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Final

from adapters.statements.amounts import signed
from adapters.statements.columns import Columns, day_of
from adapters.statements.faults import COLUMNS, MOST_TEXT, fault, told
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Currency, Money
from domain.statements.entry import Entry

MOST_PREAMBLE: Final = 50  # rows above the header
MOST_TOLD: Final = 20  # columns of the file in a message

Row = tuple[int, list[str]]  # its last line, and the cells


def read_table(text: str, columns: Columns) -> tuple[list[Entry], int]:
    """The rows with a date and an amount, and how many have none. Raises Invalid."""
    rows = _rows(text, columns)
    places = _header(rows, columns)
    entries: list[Entry] = []
    skipped = 0
    for line, cells in rows:
        if columns.until is not None and cells and cells[0].strip().startswith(columns.until):
            break
        if not any(one.strip() for one in cells):
            continue
        if len(cells) <= max(places.values()):
            raise fault(line, f"{len(cells)} cells are fewer than the header has")
        entry = _entry(line, {name: cells[at].strip() for name, at in places.items()}, columns)
        if entry is None:
            skipped += 1
        else:
            entries.append(entry)
    return entries, skipped


def _rows(text: str, columns: Columns) -> Iterator[Row]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=columns.delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise fault(reader.line_num, f"it is no well-formed CSV: {error}") from None
        yield reader.line_num, cells


def _header(rows: Iterator[Row], columns: Columns) -> Mapping[str, int]:
    """Where each named column stands. Raises Invalid."""
    first: Sequence[str] = ()
    for _, (_, cells) in zip(range(MOST_PREAMBLE), rows, strict=False):
        names = [one.strip() for one in cells]
        if all(one in names for one in columns.named):
            if twice := [one for one in columns.named if names.count(one) > 1]:
                raise Invalid(f"{twice[0]!r} is the name of two columns", COLUMNS)
            return {one: names.index(one) for one in columns.named}
        first = max(first, names, key=len)
    raise Invalid(
        f"no header has {', '.join(map(repr, columns.named))}; "
        f"the file has {', '.join(map(told, first[:MOST_TOLD])) or 'no rows'}",
        COLUMNS,
    )


def _entry(line: int, row: Mapping[str, str], columns: Columns) -> Entry | None:
    """None where there is no date (a total), or no amount (a balance)."""
    if not row[columns.date]:
        return None
    try:
        day = day_of(columns, row[columns.date])
    except ValueError:
        words = f"{told(row[columns.date])} is no date like {columns.dates}"
        raise fault(line, words) from None
    try:
        code = row[columns.currency] if columns.currency is not None else columns.money or ""
        amount = _amount(row, columns, currency(code))
    except Invalid as error:
        raise fault(line, str(error)) from None
    if amount.minor == 0:
        return None
    return Entry(
        line=line,
        day=day,
        amount=Money(abs(amount.minor), amount.currency),
        credit=amount.minor > 0,
        number=(row[columns.number] or None) if columns.number is not None else None,
        text=" ; ".join(row[one] for one in columns.text if row[one])[:MOST_TEXT],
    )


def _amount(row: Mapping[str, str], columns: Columns, money: Currency) -> Money:
    """Signed; zero where nothing is said. Raises Invalid."""

    def cell(name: str | None) -> Money:
        text = row[name] if name is not None else ""
        return signed(text, money, columns.decimal) if text else Money(0, money)

    if columns.amount is not None:
        return cell(columns.amount)
    came, went = cell(columns.credit), cell(columns.debit)
    if came.minor and went.minor:
        raise Invalid("a row has a credit and a debit")
    if came.minor < 0:
        raise Invalid("a credit is negative")
    return came if came.minor else Money(-abs(went.minor), money)
