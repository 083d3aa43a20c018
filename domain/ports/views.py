"""Port: lists and histories for people and clients, straight from the columns they show."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from domain.ids import PaymentId, RefundId, TenantId
from domain.payments.payment import Payment
from domain.payments.refund import Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter:
    """All that is set must hold. `q` is a fragment of an id, reference, name, e-mail or phone."""

    status: str | None = None
    provider: str | None = None
    currency: str | None = None
    customer_id: str | None = None
    reference: str | None = None
    since: datetime | None = None  # inclusive
    until: datetime | None = None  # exclusive
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. `next_before` is the id to continue before; None at the end."""

    payments: Sequence[Payment]
    next_before: PaymentId | None


@dataclass(slots=True)
class TimelineEntry:
    """One stored event. `number` counts 1, 2, … within the payment."""

    number: int
    type: str
    at: datetime
    cause: str
    attempt_id: str | None
    refund_id: str | None
    data: Mapping[str, Any]
    correlation_id: str | None


class Views(Protocol):
    """Read models. They never build more than one page."""

    @abstractmethod
    async def payments(
        self, tenant_id: TenantId, which: PaymentFilter, before: PaymentId | None, limit: int
    ) -> Page:
        """A page of payments, without their evidence."""

    @abstractmethod
    async def timeline(self, tenant_id: TenantId, payment_id: PaymentId) -> Sequence[TimelineEntry]:
        """Every event of a payment in order; at most 1 000. Raises NotFound."""

    @abstractmethod
    async def refunds(self, tenant_id: TenantId, payment_id: PaymentId) -> Sequence[Refund]:
        """The refunds of a payment, oldest first, without evidence; at most 1 000."""

    @abstractmethod
    async def awaiting(self, tenant_id: TenantId, limit: int) -> Sequence[Payment]:
        """The verification queue: what waits for a person, oldest first. Paid payments too, when
        another attempt of theirs is in doubt."""

    @abstractmethod
    async def awaiting_refunds(self, tenant_id: TenantId, limit: int) -> Sequence[Refund]:
        """The refunds in that queue, oldest first, without evidence."""

    @abstractmethod
    async def refund(self, tenant_id: TenantId, refund_id: RefundId) -> Refund:
        """Raises NotFound."""
