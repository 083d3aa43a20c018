"""ISO 20022 camt.053, of any version: the names are the same where it matters.

Amounts have no sign; CdtDbtInd gives the direction of this entry, of a reversal too. Only what is
booked counts. An entry that is a batch becomes its parts where they add up to it.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from adapters.statements.amounts import exact
from adapters.statements.balance import check_balances, moved
from adapters.statements.faults import MOST_TEXT, fault, told
from adapters.statements.xml_tree import Node, parsed
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money
from domain.statements.entry import Entry

ROOT: Final = "BkToCstmrStmt"
OTHERS: Final = {
    "BkToCstmrAcctRpt": "camt.052, a report within the day, which may still change",
    "BkToCstmrDbtCdtNtfctn": "camt.054, a notification, which a statement tells again",
}
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
WORDS: Final = (
    ("Refs", "EndToEndId"),
    ("Refs", "InstrId"),
    ("Refs", "TxId"),
    ("Refs", "PmtInfId"),
    ("Refs", "MsgId"),
    ("RmtInf", "Strd", "CdtrRefInf", "Ref"),
    ("RmtInf", "Strd", "AddtlRmtInf"),
    ("AddtlTxInf",),
)
DATE: Final = 10  # characters; a time may follow


def read_camt053(data: bytes) -> tuple[list[Entry], int]:
    """Its booked entries, and how many are not. Raises Invalid."""
    root = parsed(data)
    report = root.find(ROOT)
    if report is None:
        other = next((OTHERS[one.name] for one in root.children if one.name in OTHERS), None)
        what = f"this is {other}" if other else "this XML is no camt.053"
        raise fault(root.line, f"{what}; ask the bank for camt.053")
    entries: list[Entry] = []
    skipped = 0
    for statement in report.all("Stmt"):
        mine: list[Entry] = []
        for node in statement.all("Ntry"):
            if (node.said("Sts", "Cd") or node.said("Sts")) == "BOOK":
                mine += _entries(node)
            else:
                skipped += 1
        opening, closing = _balance(statement, OPENING), _balance(statement, CLOSING)
        check_balances(statement.line, opening, closing, mine)
        entries += mine
    return entries, skipped


def _entries(node: Node) -> list[Entry]:
    whole = _entry(node, node, [], None)
    details = list(node.all("NtryDtls", "TxDtls"))
    reference = node.said("AcctSvcrRef") or None
    if len(details) > 1:
        parts = [
            _entry(node, one, [one], _reference(one) or f"{reference}#{nth}")
            for nth, one in enumerate(details, 1)
            if _amount_node(one) is not None
        ]
        if len(parts) == len(details) and sum(map(moved, parts)) == moved(whole):
            return parts
    if len(details) == 1:
        reference = _reference(details[0]) or reference
    return [_entry(node, node, details, reference)]


def _entry(whole: Node, part: Node, details: list[Node], number: str | None) -> Entry:
    """Of an entry, or of a part of it; direction and day are the entry's where the part has
    none."""
    amount = _amount(_amount_node(part), part)
    if amount.minor <= 0:
        raise fault(part.line, "an entry's amount must be more than zero")
    extra = [whole.said("AddtlNtryInf")] if part is whole else []
    words = [*extra, *(word for one in details for word in _words(one))]
    return Entry(
        line=part.line,
        day=_day(whole),
        amount=amount,
        credit=_credit(part if part.find("CdtDbtInd") is not None else whole),
        reversal=whole.said("RvslInd").lower() in ("true", "1"),
        number=number,
        text=" ; ".join(one for one in words if one)[:MOST_TEXT],
    )


def _words(details: Node) -> Iterator[str]:
    for path in WORDS:
        yield from (one.text for one in details.all(*path))
    # A bank may break its words into several lines within one.
    yield "\n".join(one.text for one in details.all("RmtInf", "Ustrd"))


def _reference(details: Node) -> str | None:
    return details.said("Refs", "AcctSvcrRef") or None


def _amount_node(node: Node) -> Node | None:
    return node.find("Amt") or node.find("AmtDtls", "TxAmt", "Amt")


def _amount(found: Node | None, owner: Node) -> Money:
    if found is None:
        raise fault(owner.line, f"{owner.name} has no Amt")
    try:
        return exact(found.text, currency(found.attributes.get("Ccy", "")))
    except Invalid as error:
        raise fault(found.line, str(error)) from None


def _credit(node: Node) -> bool:
    word = node.said("CdtDbtInd")
    if word not in ("CRDT", "DBIT"):
        raise fault(node.line, f"CdtDbtInd must be CRDT or DBIT, not {told(word)}")
    return word == "CRDT"


def _day(node: Node) -> date:
    for which in ("BookgDt", "ValDt"):
        text = node.said(which, "Dt") or node.said(which, "DtTm")
        if text:
            try:
                return date.fromisoformat(text[:DATE])
            except ValueError:
                raise fault(node.line, f"{which} is no date: {told(text)}") from None
    raise fault(node.line, "an entry has no BookgDt")


def _balance(statement: Node, codes: tuple[str, ...]) -> Money | None:
    """None unless it stands there once."""
    found: list[Money] = []
    for code in codes:
        for node in statement.all("Bal"):
            if node.said("Tp", "CdOrPrtry", "Cd") == code:
                amount = _amount(node.find("Amt"), node)
                found.append(
                    Money(amount.minor if _credit(node) else -amount.minor, amount.currency)
                )
        if found:
            break
    return found[0] if len(found) == 1 else None
