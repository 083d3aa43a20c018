"""What happened to a payment or refund, in order. State is never stored without its events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import AttemptId, RefundId


class EventType(StrEnum):
    """Words of the public API; those with `attempt.` stand on the timeline only."""

    INITIATED = "payment.initiated"
    PENDING = "payment.pending"
    AWAITING_VERIFICATION = "payment.awaiting_verification"
    SUCCEEDED = "payment.succeeded"
    FAILED = "payment.failed"
    CANCELED = "payment.canceled"
    EXPIRED = "payment.expired"
    SURPLUS = "payment.surplus"  # a second success: its money is on the way back
    ATTEMPT_OPENED = "attempt.submitted"
    ATTEMPT_UNKNOWN = "attempt.indeterminate"
    ATTEMPT_CLOSED = "attempt.closed"
    PROOF = "attempt.proof_submitted"  # the payer says that money was sent
    ON_STATEMENT = "attempt.on_statement"  # a bank's statement has a line that names it
    CONFIRMED = "attempt.confirmed"  # by one person of the two that are needed
    MISMATCH = "reconciliation.mismatch"
    REFUND_CREATED = "refund.created"
    REFUND_AWAITING = "refund.awaiting_verification"  # a person must say whether it went back
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"


@dataclass(frozen=True, slots=True)
class Event:
    """A past fact. `cause` says who told us; `data` holds words and numbers, never secrets."""

    type: EventType
    at: datetime
    cause: str
    attempt_id: AttemptId | None = None
    refund_id: RefundId | None = None
    data: Mapping[str, str | int | None] | None = None
    correlation_id: str | None = None  # the request or job it happened in; set when stored
