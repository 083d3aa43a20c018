"""Port: a tenant's feed, endpoints and deliveries, for people and clients."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.ids import EndpointId, EventId, TenantId
from domain.webhooks.delivery import Delivery, DeliveryState, Try
from domain.webhooks.endpoint import WebhookEndpoint
from domain.webhooks.told import NumberedEvent


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Newest event first. `next_before` is the number to continue before; None at the end."""

    deliveries: Sequence[Delivery]
    next_before: int | None


class WebhookViews(Protocol):
    """Read models; each is bounded. Raises Unavailable when the database can't answer."""

    @abstractmethod
    async def head(self, tenant_id: TenantId) -> int:
        """The number of the newest event; 0 when there is none."""

    @abstractmethod
    async def events(self, tenant_id: TenantId, after: int, limit: int) -> Sequence[NumberedEvent]:
        """Those numbered after + 1, after + 2, …: without a gap, at most `limit`. Whoever
        remembers the last number misses nothing and hears nothing twice."""

    @abstractmethod
    async def event(self, tenant_id: TenantId, event_id: EventId) -> NumberedEvent:
        """Raises NotFound, also in the moment before it has its number."""

    @abstractmethod
    async def endpoints(self, tenant_id: TenantId) -> Sequence[WebhookEndpoint]:
        """All that are not deleted, oldest first."""

    @abstractmethod
    async def endpoint(self, tenant_id: TenantId, endpoint_id: EndpointId) -> WebhookEndpoint:
        """Raises NotFound, also for one that was deleted."""

    @abstractmethod
    async def deliveries_to(
        self,
        tenant_id: TenantId,
        endpoint_id: EndpointId,
        state: DeliveryState | None,
        before: int | None,
        limit: int,
    ) -> DeliveryPage:
        """An endpoint's deliveries of that state (None: any) whose event's number is lower than
        `before`."""

    @abstractmethod
    async def deliveries_of(self, tenant_id: TenantId, event_id: EventId) -> Sequence[Delivery]:
        """All of one event, by endpoint, to deleted ones too; at most 200."""

    @abstractmethod
    async def tries(
        self, tenant_id: TenantId, endpoint_id: EndpointId, event_id: EventId
    ) -> Sequence[Try]:
        """The log of one delivery, oldest first; at most 200. Kept 30 days."""
