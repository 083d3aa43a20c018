"""`cauri statements`: what a bank says came, and what of it is ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import msgspec

from adapters.cli import show
from adapters.cli.failures import DONE
from adapters.cli.here import Here
from adapters.cli.receipt import money
from adapters.cli.requests import text_of
from adapters.cli.which_tenant import WhichTenant
from application.payments.well_formed import LONGEST_NAME
from application.statements.import_statement import (
    Finding,
    ImportStatement,
    NewStatement,
    Report,
)
from domain.errors import Invalid
from domain.ports.statements import MOST_BYTES
from domain.statements.match import FOR_A_PERSON, Fate

MOST_COLUMNS: Final = 64 * 1024  # bytes
WORDS: Final[Mapping[Fate, str]] = {
    Fate.MATCHED: "matched",
    Fate.WAITS: "another person must confirm it: import it as them, or cauri verify",
    Fate.ALREADY: "matched before",
    Fate.DIFFERS: "another amount than was due: cauri verify … return, or rejected",
    Fate.AGAIN: "another line has paid it: give this one back by hand",
    Fate.NUMBER_USED: "the bank's number is another payment's",
    Fate.REPEATED: "an earlier line has the same number",
    Fate.SEVERAL: "it names more than one payment",
    Fate.CLOSED: "the payment waits for no money: look at cauri timeline",
    Fate.EARLY: "booked before the payment was asked for",
    Fate.REVERSED: "the bank took a movement back",
    Fate.UNKNOWN: "no reference of ours",
}


@dataclass(frozen=True, slots=True)
class ImportFile:
    use_case: ImportStatement
    which: WhichTenant
    here: Here

    async def __call__(
        self,
        *,
        file: BinaryIO,
        provider: str,
        columns: BinaryIO | None,
        dry_run: bool,
        operator: str | None,
        tenant: str | None,
        json: bool,
    ) -> int:
        new = NewStatement(
            data=file.read(MOST_BYTES + 1),
            provider=provider,
            operator=text_of(operator or self.here.operator, "operator", LONGEST_NAME, 1),
            columns=columns_in(columns),
            dry_run=dry_run,
        )
        tenant_id = await self.which(tenant)
        with show.progress("Reading", quiet=json) as bar:
            report = await self.use_case(
                tenant_id, new, lambda done, all_: bar.tell(f"Line {done} of {all_}")
            )
        if json:
            show.line(report_words(report))
        else:
            tell(report)
        return DONE


def columns_in(file: BinaryIO | None) -> Mapping[str, Any] | None:
    """Raises Invalid."""
    if file is None:
        return None
    data = file.read(MOST_COLUMNS + 1)
    if len(data) > MOST_COLUMNS:
        raise Invalid(f"must be at most {MOST_COLUMNS} bytes", "columns")
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"must be a JSON object: {error}", "columns") from None


def tell(report: Report) -> None:
    """What needs a person, line by line; the rest in numbers."""
    rows = [_row(one) for one in report.findings if one.fate in FOR_A_PERSON or one.perhaps]
    if rows:
        show.table(("Line", "Day", "Amount", "Payment", "What"), rows, right=("Line", "Amount"))
    counted = report.counted()
    left = sum(counted[one] for one in FOR_A_PERSON)
    done = "would match" if report.dry_run else "matched"
    show.say(
        f"{report.statement.form}: {counted[Fate.MATCHED]} {done}, {counted[Fate.ALREADY]} matched "
        f"before, {left} for a person, {counted[Fate.UNKNOWN]} without a reference of ours."
    )
    if report.others or report.statement.skipped:
        show.say(
            f"Not payments: {report.others} debits and reversals, "
            f"{report.statement.skipped} lines that are no booked movement."
        )
    if report.dry_run:
        show.say("Nothing was stored.")


def report_words(report: Report) -> dict[str, Any]:
    """For machines: every credit."""
    return {
        "format": report.statement.form,
        "sha256": report.statement.digest,
        "dryRun": report.dry_run,
        "counts": {fate.value: count for fate, count in report.counted().items()},
        "notPayments": report.others,
        "skipped": report.statement.skipped,
        "data": [_words(one) for one in report.findings],
    }


def _words(one: Finding) -> dict[str, Any]:
    return {
        "line": one.entry.line,
        "result": one.fate,
        "date": one.entry.day,
        "amount": one.entry.amount.major,
        "currency": one.entry.amount.currency.code,
        "transactionNumber": one.number,
        "paymentId": one.payment_id,
        "dueAmount": one.due.major if one.due is not None else None,
        "dueCurrency": one.due.currency.code if one.due is not None else None,
        "perhaps": list(one.perhaps),
        "text": one.entry.text,
    }


def _row(one: Finding) -> tuple[str, ...]:
    perhaps = f"; perhaps {', '.join(one.perhaps)}" if one.perhaps else ""
    due = f" ({money(one.due)} was due)" if one.due is not None else ""
    return (
        str(one.entry.line),
        str(one.entry.day),
        money(one.entry.amount),
        one.payment_id or "-",
        f"{WORDS[one.fate]}{due}{perhaps}",
    )
