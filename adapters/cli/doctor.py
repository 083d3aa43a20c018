"""`cauri doctor`: what is checked, and what was found."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from adapters.cli import show
from adapters.cli.failures import DONE, NO
from adapters.cli.here import Here
from application.audit.doctor import Doctor
from application.audit.report import Finding, Report
from domain.audit.dossier import Breach, Check

TITLES: Final = {
    Check.CONFIGURATION: "The configuration makes sense",
    Check.DATABASE: "The database answers and has this version's schema",
    Check.ACCOUNTS: "Providers accept the tenants' credentials",
    Check.EVIDENCE: "Every state is what its evidence says",
    Check.FENCE: "At most one attempt of a payment may hold money",
    Check.PAID: "A paid payment is paid by one success",
    Check.STATUS: "A payment's status follows from its attempts",
    Check.REFUNDS: "Refunds add up, and never to more than was paid",
    Check.SURPLUS: "A second success is given back",
    Check.AMOUNTS: "What is charged is the amount, with the fee where it belongs",
    Check.EVENTS: "Every change has its event",
    Check.TOLD: "Merchants are told of every change, in numbers without a gap",
    Check.JOURNALS: "Every journal is whole",
    Check.LEDGER: "The ledger says what became of payments and refunds",
    Check.WORK: "Whatever is open is being worked on",
    Check.WALLETS: "Every wallet holds what was earned, less what was spent",
    Check.TENANTS: "Tenants are apart",
    Check.KEYS: "Every idempotency key has its payment or refund",
    Check.LEASES: "No work is held by somebody who is gone",
}


@dataclass(frozen=True, slots=True)
class Examine:
    doctor: Doctor
    here: Here
    needs_schema: ClassVar[bool] = False  # it tells what the schema is

    async def __call__(self, *, no_probes: bool, json: bool) -> int:
        with show.progress("Looking at everything", quiet=json) as bar:
            report = await self.doctor(
                self.here.public_url,
                probes=not no_probes,
                progress=lambda check, done: bar.tell(f"{TITLES[check]}: {done:,} looked at"),
            )
        if json:
            show.line(report_words(report))
        else:
            tell(report)
        return DONE if report.is_clean else NO


def tell(report: Report) -> None:
    show.table(
        ("", "Check", "Looked at", "Wrong"),
        [
            (
                word(one),
                TITLES[one.check],
                f"{one.checked:,}" if one.done else one.note,
                str(one.breaches or ""),
            )
            for one in report.findings
        ],
        right=("Looked at", "Wrong"),
    )
    show.say("")
    for one in report.findings:
        for breach in one.first:
            show.say(f"{one.check}: {breach.row} {breach.told}{_whose(breach)}")
        if one.breaches > len(one.first):
            show.say(f"{one.check}: {one.breaches - len(one.first):,} more")
    show.say("All is well." if report.is_clean else f"{report.breaches:,} things are wrong.")


def word(one: Finding) -> str:
    if not one.done:
        return "-"
    return "BREACH" if one.breaches else "ok"


def _whose(breach: Breach) -> str:
    return f" (tenant {breach.tenant_id})" if breach.tenant_id is not None else ""


def report_words(report: Report) -> dict[str, Any]:
    return {
        "clean": report.is_clean,
        "breaches": report.breaches,
        "checks": [
            {
                "check": one.check,
                "status": "not_checked" if not one.done else "breach" if one.breaches else "ok",
                "checked": one.checked,
                "breaches": one.breaches,
                "first": [
                    {"tenantId": row.tenant_id, "row": row.row, "message": row.told}
                    for row in one.first
                ],
            }
            for one in report.findings
        ],
    }
