"""Faults are over and nothing is due: the companies' books and ours must be one story."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from adapters.provider_kit.simulator import Booked
from domain.audit.dossier import Dossier
from domain.audit.laws import breaches
from domain.ids import TenantId, payment_of
from domain.payments.attempt import Attempt
from domain.payments.events import EventType
from domain.payments.evidence import Rank
from domain.payments.outcome import Declined
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RefundState
from domain.payments.status import OPEN
from entrypoints.simulation.companies import Company
from entrypoints.simulation.laws import Laws
from entrypoints.simulation.stored import Storage

Owed = dict[str, Counter[str]]  # minor units by account, by currency
ENDS: Final = {
    "succeeded": EventType.SUCCEEDED,
    "failed": EventType.FAILED,
    "canceled": EventType.CANCELED,
    "expired": EventType.EXPIRED,
}


class Books:
    """The comparison at the end of a run."""

    def __init__(self, laws: Laws, storage: Storage, companies: Mapping[str, Company]) -> None:
        self._law, self._laws, self._storage = laws.law, laws, storage
        self._companies = companies

    def __call__(self, answers: Mapping[str, set[tuple[int, bytes]]]) -> None:
        """All laws of the end."""
        for company in self._companies.values():
            company.look()
        for company in self._companies.values():
            for reference in company.by_reference:
                known = payment_of(reference) in self._laws.owners
                self._law(known, "no stranger in the books", reference)
        peek, owners = self._storage.dossier, self._laws.owners
        dossiers = [peek(tenant_id, one) for one, tenant_id in owners.items()]
        for dossier in dossiers:
            self._one(dossier)
        self._ledger(dossiers)
        for job in self._storage.open_jobs():
            self._law(False, "nothing is left to do", job)
        for name, said in answers.items():
            self._law(len(said) == 1, "the same key, the same answer", f"{name} {sorted(said)}")

    def _one(self, dossier: Dossier) -> None:
        payment = dossier.payment
        payment_id = payment.id
        for breach in breaches(dossier):
            self._law(
                False,
                f"the doctor: {breach.check}".replace(": ", " "),
                breach.row + " " + breach.told,
            )
        self._law(
            payment.status not in OPEN, "every payment ends", f"{payment_id} {payment.status}"
        )
        for refund in dossier.refunds:
            self._refunded(refund)
        self._kept_once(dossier)
        back = sum(
            one.amount.minor
            for one in dossier.refunds
            if one.state is RefundState.SUCCEEDED and not one.surplus
        )
        self._law(payment.refunded_minor == back, "refunds add up", payment_id)
        self._law(payment.reserved_minor == 0, "nothing stays reserved", payment_id)
        told = [one.type for one in dossier.events]
        if payment.status in ENDS:
            self._law(ENDS[payment.status] in told, "an end has its event", payment_id)

    def _ledger(self, dossiers: Sequence[Dossier]) -> None:
        """Each tenant's accounts in each currency, from the companies' books: they owe what they
        keep, less the fee."""
        truth: dict[TenantId, Owed] = {
            one: defaultdict(Counter) for one in self._laws.owners.values()
        }
        for dossier in dossiers:
            payment = dossier.payment
            self._owed(truth[payment.tenant_id][payment.amount.currency.code], dossier)
        for tenant_id, expected in truth.items():
            stored: Owed = defaultdict(Counter)
            for one in self._storage.balances(tenant_id):
                stored[one.currency.code][one.account] = one.debit_minor - one.credit_minor
            for code in sorted({*expected, *stored}):
                self._balanced(f"{tenant_id} {code}", stored[code], expected[code])

    def _balanced(self, about: str, stored: Counter[str], expected: Counter[str]) -> None:
        self._law(sum(stored.values()) == 0, "the ledger adds up to zero", about)
        for account in sorted({*expected, *stored}):
            told = f"{about} {account}: {stored[account]}, truly {expected[account]}"
            self._law(stored[account] == expected[account], "the ledger is true", told)

    def _owed(self, owed: Counter[str], dossier: Dossier) -> None:
        payment = dossier.payment
        for attempt in payment.attempts:
            company = self._companies.get(attempt.provider)
            kept = _kept(company.of(attempt.id)) if company else attempt.charged.minor
            holds = f"receivable:{attempt.provider}"
            if attempt.number == payment.paid_by:
                owed[holds] += kept - attempt.fee.minor
                owed["provider_fees"] += attempt.fee.minor
                owed["sales"] -= payment.amount.minor
                owed["fee_recovery"] -= attempt.charged.minor - payment.amount.minor
                owed["refunds"] += payment.refunded_minor
            elif attempt.surplus:
                owed[holds] += kept
                owed["surplus"] -= kept

    def _kept_once(self, dossier: Dossier) -> None:
        payment = dossier.payment
        for attempt in payment.attempts:
            company = self._companies.get(attempt.provider)
            charges = company.of(attempt.id) if company else ()
            self._law(len(charges) <= 1, "a charge is sent once", attempt.id)
            kept = _kept(charges)
            if kept and _overruled(attempt):
                told = any(
                    one.type is EventType.MISMATCH and one.attempt_id == attempt.id
                    for one in dossier.events
                )
                self._law(told, "nothing is silently dropped", attempt.id)
            elif attempt.number == payment.paid_by:
                due = attempt.charged.minor - payment.refunded_minor
                paid = kept == due or company is None
                self._law(paid, "what is paid is kept", f"{attempt.id} {kept} of {due}")
            elif payment.paid_by is not None:
                self._law(kept == 0, "nobody is charged twice", f"{attempt.id} keeps {kept}")
            else:
                self._law(kept == 0, "no success is lost", f"{attempt.id} keeps {kept}")

    def _refunded(self, refund: Refund) -> None:
        company = self._companies[refund.provider]
        times = company.given[refund.id]
        self._law(refund.is_final, "every refund ends", f"{refund.id} {refund.state}")
        self._law(times <= 1, "a refund is sent once", refund.id)
        wanted = 1 if refund.state is RefundState.SUCCEEDED else 0
        self._law(
            times == wanted, "a refund is what it says", f"{refund.id} {refund.state} {times}"
        )


def _kept(charges: Sequence[Booked]) -> int:
    """What a company holds of them."""
    return sum(
        one.amount_minor - one.refunded_minor for one in charges if one.status == "succeeded"
    )


def _overruled(attempt: Attempt) -> bool:
    """A person said no before the company took its own no back: rank decides, and people are told
    of it."""
    return not attempt.is_live and any(
        one.rank is Rank.PERSON and isinstance(one.answer, Declined) for one in attempt.evidence
    )


def statuses(payments: Sequence[Payment]) -> Mapping[str, int]:
    """How many ended how."""
    found: dict[str, int] = {}
    for payment in payments:
        found[payment.status] = found.get(payment.status, 0) + 1
    return dict(sorted(found.items()))
