"""The feed, endpoints and deliveries, straight from the shelves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.memory.database import MemoryDatabase
from adapters.memory.endpoints import all_present, present
from adapters.memory.feed import numbered_of
from domain.errors import NotFound
from domain.ids import EndpointId, EventId, TenantId
from domain.ports.webhook_views import DeliveryPage, WebhookViews
from domain.webhooks.delivery import Delivery, DeliveryState, Try
from domain.webhooks.endpoint import WebhookEndpoint
from domain.webhooks.told import NumberedEvent

MOST: Final = 200  # deliveries of an event, tries of a delivery


@dataclass(frozen=True, slots=True)
class MemoryWebhookViews(WebhookViews):
    database: MemoryDatabase

    async def head(self, tenant_id: TenantId) -> int:
        return len(self.database.shelf(tenant_id).numbered)

    async def events(self, tenant_id: TenantId, after: int, limit: int) -> Sequence[NumberedEvent]:
        shelf = self.database.shelf(tenant_id)
        return [numbered_of(shelf.feed[one]) for one in shelf.numbered[after : after + limit]]

    async def event(self, tenant_id: TenantId, event_id: EventId) -> NumberedEvent:
        found = self.database.shelf(tenant_id).feed.get(event_id)
        if found is None or found.number is None:
            raise NotFound(f"event {event_id}")
        return numbered_of(found)

    async def endpoints(self, tenant_id: TenantId) -> Sequence[WebhookEndpoint]:
        return all_present(self.database.shelf(tenant_id))

    async def endpoint(self, tenant_id: TenantId, endpoint_id: EndpointId) -> WebhookEndpoint:
        return present(self.database.shelf(tenant_id), endpoint_id)

    async def deliveries_to(
        self,
        tenant_id: TenantId,
        endpoint_id: EndpointId,
        state: DeliveryState | None,
        before: int | None,
        limit: int,
    ) -> DeliveryPage:
        found = [
            one
            for one in self.database.shelf(tenant_id).deliveries.values()
            if one.endpoint_id == endpoint_id
            and (state is None or one.state is state)
            and (before is None or one.number < before)
        ]
        found.sort(key=lambda one: -one.number)
        page = found[:limit]
        return DeliveryPage(page, page[-1].number if len(found) > limit else None)

    async def deliveries_of(self, tenant_id: TenantId, event_id: EventId) -> Sequence[Delivery]:
        known = self.database.shelf(tenant_id).deliveries
        found = [one for one in known.values() if one.event_id == event_id]
        return sorted(found, key=lambda one: one.endpoint_id)[:MOST]

    async def tries(
        self, tenant_id: TenantId, endpoint_id: EndpointId, event_id: EventId
    ) -> Sequence[Try]:
        known = self.database.shelf(tenant_id).tries
        found = [
            one
            for one in known.values()
            if (one.endpoint_id, one.event_id) == (endpoint_id, event_id)
        ]
        return sorted(found, key=lambda one: one.number)[:MOST]
