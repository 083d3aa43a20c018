"""What the doctor looks at, and what it finds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.ids import TenantId
from domain.ledger.journal import JournalKind, Transfer
from domain.payments.events import Event
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.wallets.reward import Reward

Found = Iterator[tuple[str, str]]  # the row, and what is wrong with it


class Check(StrEnum):
    """What is checked, in the order in which it is told. Scripts rely on the words."""

    CONFIGURATION = "configuration"
    DATABASE = "database"
    ACCOUNTS = "provider_accounts"
    EVIDENCE = "state_follows_evidence"
    FENCE = "one_fence_a_payment"
    PAID = "paid_by_one_success"
    STATUS = "status_follows_attempts"
    REFUNDS = "refunds_add_up"
    SURPLUS = "surplus_goes_back"
    AMOUNTS = "amounts_agree"
    JOURNALS = "journals_are_whole"
    LEDGER = "ledger_follows_payments"
    EVENTS = "changes_have_events"
    WORK = "open_work_has_jobs"
    TOLD = "events_are_told"
    WALLETS = "wallets_add_up"
    TENANTS = "tenants_apart"
    KEYS = "keys_have_payments"
    LEASES = "leases_end"


Move = tuple[str, str, int, str]
"""A transfer, whatever is in it: its debit, its credit, minor units and a currency's code."""


def raw(transfer: Transfer) -> Move:
    return transfer.debit, transfer.credit, transfer.amount.minor, transfer.amount.currency.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A journal's rows as they are stored, whole or not; `size` is what it was written with."""

    id: str
    kind: JournalKind
    subject: str
    size: int
    transfers: Sequence[Move]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that is stored about one payment, with everybody's evidence."""

    payment: Payment
    refunds: Sequence[Refund] = ()
    events: Sequence[Event] = ()
    journals: Sequence[Posted] = ()
    worked_on: frozenset[str] = frozenset()  # ids of attempts and refunds whose job is open
    reward: Reward | None = None  # what it has granted its customer
    rewarding: bool = False  # a job that sees to that is open


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that is not as it must be. `row` names it: an id, or a setting."""

    check: Check
    tenant_id: TenantId | None
    row: str
    told: str
