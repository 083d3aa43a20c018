"""What merchants are told: the public types of events, and one fact of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from domain.ids import EventId, PaymentId
from domain.payments.events import EventType


class Topic(StrEnum):
    """Types of events that a merchant hears of; words of the public API."""

    PAYMENT_PENDING = "payment.pending"
    PAYMENT_AWAITING_VERIFICATION = "payment.awaiting_verification"
    PAYMENT_SUCCEEDED = "payment.succeeded"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_CANCELED = "payment.canceled"
    PAYMENT_EXPIRED = "payment.expired"
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"
    RECONCILIATION_MISMATCH = "reconciliation.mismatch"
    INVOICE_PAID = "invoice.paid"
    INVOICE_PARTIALLY_PAID = "invoice.partially_paid"
    PAYMENT_LINK_CREATED = "payment_link.created"
    PAYMENT_LINK_USED = "payment_link.used"
    WALLET_CREDITED = "wallet.credited"
    PROVIDER_DOWN = "provider.down"
    PROVIDER_RECOVERED = "provider.recovered"
    AUDIT_BREACH = "audit.breach"  # the doctor found a law of money broken
    ENDPOINT_DISABLED = "webhook_endpoint.disabled"
    TEST = "webhook.test"  # goes to the endpoint it is about, and to no other


PUBLIC: Final[Mapping[EventType, Topic]] = {
    kind: Topic(kind.value) for kind in EventType if kind.value in {one.value for one in Topic}
}
"""Of a payment's or refund's events, those that are told; the others stay on the timeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A fact to be told, without a number yet. Its id follows from the move it tells of, or is
    new: stored twice it breaks a key, so nothing is told twice."""

    id: EventId
    topic: Topic
    at: datetime
    subject: str  # id of the payment, refund, wallet or endpoint it is about
    payment_id: PaymentId | None = None
    data: Mapping[str, Any] | None = None  # JSON; None: the payment or refund, as the API shows it
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedEvent:
    """One event of a tenant's feed. Numbers count 1, 2, 3, … without a gap, and never change.

    `body` is the JSON sent to endpoints, the same bytes each time: {"id", "type", "timestamp",
    "number", "data"}. None once it is too old to be kept; the number stays.
    """

    id: EventId
    number: int
    topic: Topic
    at: datetime
    subject: str
    payment_id: PaymentId | None
    body: bytes | None


def in_order(told: list[Told]) -> list[Told]:
    """As they happened; those of one subject as it moved, whatever the clocks said. Their ids
    rise with the subject's version."""
    by_id = sorted(told, key=lambda one: one.id)
    waiting: dict[str, list[Told]] = {}
    for one in reversed(by_id):
        waiting.setdefault(one.subject, []).append(one)
    ordered = sorted(by_id, key=lambda one: (one.at, one.id))
    return [waiting[one.subject].pop() for one in ordered]
