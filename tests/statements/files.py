"""Statements as banks write them, for tests: a few lines in each form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

FIXTURES: Final = Path(__file__).parent / "fixtures"
BANK_COLUMNS: Final[dict[str, Any]] = {
    "date": "Booking Date",
    "dates": "DD.MM.YYYY",
    "delimiter": ";",
    "decimal": ",",
    "credit": "Credit",
    "debit": "Debit",
    "currency": "Currency",
    "text": ["Reference", "Description"],
}
COLUMNS: Final[dict[str, Any]] = {
    "date": "Date",
    "amount": "Amount",
    "currency": "Currency",
    "number": "Number",
    "text": ["Words"],
}


@dataclass(frozen=True)
class Line:
    """`amount` is signed, in major units."""

    words: str
    amount: str = "1500.00"
    number: str = "FT24061"
    day: date = date(2026, 2, 7)
    currency: str = "SDG"


def a_csv(*lines: Line) -> bytes:
    rows = [f'{one.day},{one.amount},{one.currency},{one.number},"{one.words}"' for one in lines]
    return "\n".join(["Date,Amount,Currency,Number,Words", *rows, ""]).encode()


def an_mt940(*lines: Line) -> bytes:
    """The opening balance is nothing; all lines are in one currency."""
    total, fields = 0, list[str]()
    money = lines[0].currency if lines else "SDG"
    for one in lines:
        minor = int(one.amount.replace(".", ""))
        total += minor
        mark, amount = "D" if minor < 0 else "C", one.amount.lstrip("-").replace(".", ",")
        fields.append(f":61:{one.day:%y%m%d}{one.day:%m%d}{mark}{amount}NTRFNONREF//{one.number}")
        fields.append(f":86:{one.words}")
    mark = "D" if total < 0 else "C"
    closing = f":62F:{mark}260207{money}{abs(total) // 100},{abs(total) % 100:02d}"
    return "\r\n".join(
        [":20:REF1", ":25:123/456", ":28C:1/1", f":60F:C260207{money}0,00", *fields, closing, "-"]
    ).encode()


def a_camt(*lines: Line, status: str = "BOOK") -> bytes:
    """Without balances."""
    return _camt([_entry(one, status) for one in lines])


def _entry(one: Line, status: str) -> str:
    way = "DBIT" if one.amount.startswith("-") else "CRDT"
    return (
        f'<Ntry><Amt Ccy="{one.currency}">{one.amount.lstrip("-")}</Amt>'
        f"<CdtDbtInd>{way}</CdtDbtInd><Sts><Cd>{status}</Cd></Sts>"
        f"<BookgDt><Dt>{one.day}</Dt></BookgDt><AcctSvcrRef>{one.number}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><RmtInf><Ustrd>{one.words}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def _camt(entries: Sequence[str]) -> bytes:
    inside = "\n".join(entries)
    space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{space}"><BkToCstmrStmt><Stmt>'
        f"<Id>1</Id>{inside}</Stmt></BkToCstmrStmt></Document>"
    ).encode()
