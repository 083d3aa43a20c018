"""Which column of a bank's CSV is what: somebody says so once, in a file of their own."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal

import msgspec

from adapters.statements.amounts import Point
from adapters.statements.faults import COLUMNS
from domain.errors import Invalid

MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
Form = Literal[
    "YYYY-MM-DD", "YYYYMMDD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "DD MMM YYYY"
]
FORMS: Final[Mapping[str, str]] = {
    "YYYY-MM-DD": r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})",
    "YYYYMMDD": r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})",
    "DD.MM.YYYY": r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})",
    "DD/MM/YYYY": r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})",
    "MM/DD/YYYY": r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})",
    "DD-MM-YYYY": r"(?P<d>\d{1,2})-(?P<m>\d{1,2})-(?P<y>\d{4})",
    "DD MMM YYYY": r"(?P<d>\d{1,2})[ -](?P<m>[A-Za-z]{3})[ -](?P<y>\d{4})",
}


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Names are those of the header. Either `amount`, which has a sign, or `credit` and perhaps
    `debit`. `currency` names a column, or `money` the currency of the whole file. `text` are all
    columns where a reference may stand; `number` has the bank's own number of the transaction.
    Rows are read until one begins with `until`."""

    date: str
    text: list[str]
    amount: str | None = None
    credit: str | None = None
    debit: str | None = None
    number: str | None = None
    currency: str | None = None
    money: str | None = None
    dates: Form = "YYYY-MM-DD"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    decimal: Point = "."
    encoding: Literal["utf-8", "utf-16", "latin-1", "cp1252"] = "utf-8"
    until: str | None = None

    @property
    def named(self) -> list[str]:
        """Every column that must be there."""
        single = (self.date, self.amount, self.credit, self.debit, self.number, self.currency)
        return [one for one in (*single, *self.text) if one is not None]


def columns_of(given: Mapping[str, Any]) -> Columns:
    """Raises Invalid of `columns`."""
    try:
        read = msgspec.convert(dict(given), Columns)
    except msgspec.ValidationError as error:
        told = str(error).replace("Object missing required field", "it lacks")
        told = told.replace("Object contains unknown field", "there is no such field as")
        raise Invalid(told, COLUMNS) from None
    if (read.amount is None) is (read.credit is None):
        raise Invalid("name amount, or credit and debit, and not both", COLUMNS)
    if read.amount is not None and read.debit is not None:
        raise Invalid("amount has a sign, so there is no debit beside it", COLUMNS)
    if (read.currency is None) is (read.money is None):
        raise Invalid("name the column of the currency, or the file's currency as money", COLUMNS)
    if not read.text:
        raise Invalid("text must name the columns where a reference may stand", COLUMNS)
    return read


def day_of(columns: Columns, text: str) -> date:
    """Raises ValueError."""
    match = re.fullmatch(FORMS[columns.dates], text, re.ASCII)
    if match is None:
        raise ValueError
    month = match["m"]
    number = int(month) if month.isdecimal() else MONTHS.index(month.upper()) + 1
    return date(int(match["y"]), number, int(match["d"]))
