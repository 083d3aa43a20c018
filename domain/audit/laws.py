"""All laws of one payment: a dossier in, breaches out. They trust no stored sum and no stored
state; both are computed again from what lies beneath."""

from collections.abc import Callable
from typing import Final

from domain.audit.attempt_laws import (
    one_fence,
    paid_by_one_success,
    state_follows_evidence,
    status_follows_attempts,
)
from domain.audit.dossier import Breach, Check, Dossier, Found
from domain.audit.ledger_laws import journals_are_whole, ledger_follows_payments
from domain.audit.money_laws import amounts_agree, refunds_add_up, surplus_goes_back
from domain.audit.trace_laws import changes_have_events, open_work_has_jobs, tenants_apart
from domain.audit.wallet_laws import wallets_add_up

Law = Callable[[Dossier], Found]

LAWS: Final[dict[Check, Law]] = {
    Check.EVIDENCE: state_follows_evidence,
    Check.FENCE: one_fence,
    Check.PAID: paid_by_one_success,
    Check.STATUS: status_follows_attempts,
    Check.REFUNDS: refunds_add_up,
    Check.SURPLUS: surplus_goes_back,
    Check.AMOUNTS: amounts_agree,
    Check.JOURNALS: journals_are_whole,
    Check.LEDGER: ledger_follows_payments,
    Check.EVENTS: changes_have_events,
    Check.WORK: open_work_has_jobs,
    Check.WALLETS: wallets_add_up,
    Check.TENANTS: tenants_apart,
}


def breaches(dossier: Dossier) -> list[Breach]:
    """Every law that what is stored of this payment breaks; empty when all is well."""
    tenant_id = dossier.payment.tenant_id
    return [
        Breach(check, tenant_id, row, told)
        for check, law in LAWS.items()
        for row, told in law(dossier)
    ]
