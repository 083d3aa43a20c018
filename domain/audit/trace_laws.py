"""Laws of what goes with a payment: its events, the work that is open, and its tenant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from domain.audit.dossier import Dossier, Found
from domain.payments.attempt import AttemptStatus
from domain.payments.events import EventType
from domain.payments.payment import Payment
from domain.payments.refund import RefundState
from domain.payments.status import OPEN, TOLD, PaymentStatus, needs_person

ATTEMPT_TOLD: Final = {
    AttemptStatus.INDETERMINATE: (EventType.ATTEMPT_UNKNOWN,),
    AttemptStatus.SUCCEEDED: (EventType.SUCCEEDED, EventType.SURPLUS),
    AttemptStatus.FAILED: (EventType.ATTEMPT_CLOSED,),
    AttemptStatus.CANCELED: (EventType.ATTEMPT_CLOSED,),
    AttemptStatus.EXPIRED: (EventType.ATTEMPT_CLOSED,),
}
REFUND_TOLD: Final = {
    RefundState.SUCCEEDED: EventType.REFUND_SUCCEEDED,
    RefundState.FAILED: EventType.REFUND_FAILED,
}


def changes_have_events(dossier: Dossier) -> Found:
    """State is never stored without the event that tells of it."""
    payment = dossier.payment
    told = {event.type for event in dossier.events}
    if EventType.INITIATED not in told:
        yield payment.id, "has no event of its beginning"
    if TOLD[payment.status] not in told and not _waits_from_birth(payment):
        yield payment.id, f"is {payment.status} without an event of it"
    yield from _attempts_told(dossier)
    yield from _refunds_told(dossier)


def _waits_from_birth(payment: Payment) -> bool:
    """It is born pending, or awaiting a person, and told so when a provider has said it."""
    if payment.status not in OPEN or any(
        one.status is AttemptStatus.PENDING for one in payment.attempts
    ):
        return False
    return payment.status is PaymentStatus.PENDING or any(one.offline for one in payment.attempts)


def _attempts_told(dossier: Dossier) -> Found:
    told = {(event.type, event.attempt_id) for event in dossier.events}
    for one in dossier.payment.attempts:
        kinds = ATTEMPT_TOLD.get(one.status, ())
        if kinds and not one.with_person and not any((kind, one.id) in told for kind in kinds):
            yield one.id, f"is {one.status} without an event of it"
        if one.number > 1 and (EventType.ATTEMPT_OPENED, one.id) not in told:
            yield one.id, "was opened without an event of it"
        if (one.mismatch or one.contradiction) and (EventType.MISMATCH, one.id) not in told:
            yield one.id, "is a mismatch without an event of it"


def _refunds_told(dossier: Dossier) -> Found:
    told = {(event.type, event.refund_id) for event in dossier.events}
    for one in dossier.refunds:
        if not one.surplus and (EventType.REFUND_CREATED, one.id) not in told:
            yield one.id, "was created without an event of it"
        kind = REFUND_TOLD.get(one.state)
        if kind is not None and (kind, one.id) not in told:
            yield one.id, f"is {one.state} without an event of it"
        if one.with_person and (EventType.REFUND_AWAITING, one.id) not in told:
            yield one.id, "waits for a person without an event of it"


def open_work_has_jobs(dossier: Dossier) -> Found:
    """What is not over is asked about until it is, or a person has it."""
    for one in dossier.payment.attempts:
        if one.is_live and not needs_person(one) and one.id not in dossier.worked_on:
            yield one.id, f"is {one.status}, and nobody asks {one.provider} about it"
    for refund in dossier.refunds:
        waits = refund.is_final or refund.with_person
        if not waits and refund.id not in dossier.worked_on:
            yield refund.id, f"is {refund.state}, and nobody sends it or asks about it"


def none_overdue(dossier: Dossier, before: Mapping[str, datetime]) -> Found:
    """What a provider can't answer any more is with a person. `before`: by provider, refunds sent
    before then are past its horizon, and a living worker has had its time."""
    for refund in dossier.refunds:
        sent_at = refund.sent_at or refund.created_at
        overdue = sent_at < before.get(refund.provider, sent_at)
        if overdue and refund.state is RefundState.SUBMITTED and not refund.with_person:
            yield refund.id, f"is {refund.state} past {refund.provider}'s horizon, with nobody"


def tenants_apart(dossier: Dossier) -> Found:
    tenant_id = dossier.payment.tenant_id
    for refund in dossier.refunds:
        if refund.tenant_id != tenant_id:
            yield refund.id, f"is of tenant {refund.tenant_id}, its payment of {tenant_id}"
