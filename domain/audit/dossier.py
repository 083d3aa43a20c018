"""What the doctor looks at, and what it finds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.ids import TenantId
from domain.payments.events import Event
from domain.payments.payment import Payment
from domain.payments.refund import Refund

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
    EVENTS = "changes_have_events"
    WORK = "open_work_has_jobs"
    TENANTS = "tenants_apart"
    KEYS = "keys_have_payments"
    LEASES = "leases_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that is stored about one payment, with everybody's evidence."""

    payment: Payment
    refunds: Sequence[Refund] = ()
    events: Sequence[Event] = ()
    worked_on: frozenset[str] = frozenset()  # ids of attempts and refunds whose job is open


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that is not as it must be. `row` names it: an id, or a setting."""

    check: Check
    tenant_id: TenantId | None
    row: str
    told: str
