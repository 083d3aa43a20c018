"""A tenant's feed, endpoints and deliveries, read like other lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, bindparam, select
from sqlalchemy.sql.base import Executable

from adapters.sql import tables as t
from adapters.sql.endpoints import ENDPOINT, ENDPOINTS
from adapters.sql.feed import EVENT, HEAD
from adapters.sql.rows.webhooks import (
    DELIVERY_COLUMNS,
    NUMBERED_COLUMNS,
    TRY_COLUMNS,
    delivery_of,
    endpoint_of,
    numbered_of,
    try_of,
)
from adapters.sql.tables.columns import where
from adapters.sql.views import SqlViews
from adapters.sql.writes import Record, Value
from domain.errors import NotFound
from domain.ids import EndpointId, EventId, TenantId
from domain.ports.webhook_views import DeliveryPage, WebhookViews
from domain.webhooks.delivery import Delivery, DeliveryState, Try
from domain.webhooks.endpoint import EndpointState, WebhookEndpoint
from domain.webhooks.told import NumberedEvent

MOST: Final = 200  # deliveries of an event, tries of a delivery
HIGHEST: Final = 2**63 - 1

_feed, _way, _tries = t.feed.c, t.deliveries.c, t.delivery_tries.c

EVENTS: Final = (
    select(*NUMBERED_COLUMNS)
    .where(_feed.tenant_id == bindparam("tenant_id"), t.NUMBERED, _feed.number > bindparam("after"))
    .order_by(_feed.number)
    .limit(bindparam("limit"))
)
OF_EVENT: Final = (
    select(*DELIVERY_COLUMNS)
    .where(_way.event_id == bindparam("event_id"), _way.tenant_id == bindparam("tenant_id"))
    .order_by(_way.endpoint_id)
    .limit(MOST)
)
TRIES: Final = (
    select(*TRY_COLUMNS)
    .where(
        _tries.event_id == bindparam("event_id"),
        _tries.endpoint_id == bindparam("endpoint_id"),
        _tries.tenant_id == bindparam("tenant_id"),
    )
    .order_by(_tries.number)
    .limit(MOST)
)


def _to_endpoint(state: DeliveryState | None) -> Select[Any]:
    page = select(*DELIVERY_COLUMNS).where(
        _way.endpoint_id == bindparam("endpoint_id"),
        _way.tenant_id == bindparam("tenant_id"),
        _way.number < bindparam("below"),
    )
    if state is not None:  # in the text, where the planner sees that a partial index serves it
        page = page.where(where(f"state = '{state.value}'"))
    return page.order_by(_way.number.desc()).limit(bindparam("limit"))


TO_ENDPOINT: Final = {state: _to_endpoint(state) for state in (None, *DeliveryState)}


@dataclass(frozen=True, slots=True)
class SqlWebhookViews(WebhookViews):
    views: SqlViews

    async def head(self, tenant_id: TenantId) -> int:
        rows = await self._rows(tenant_id, HEAD, {})
        return rows[0][0] if rows else 0

    async def events(self, tenant_id: TenantId, after: int, limit: int) -> Sequence[NumberedEvent]:
        rows = await self._rows(tenant_id, EVENTS, {"after": after, "limit": limit})
        return [numbered_of(row) for row in rows]

    async def event(self, tenant_id: TenantId, event_id: EventId) -> NumberedEvent:
        for row in await self._rows(tenant_id, EVENT, {"id": event_id}):
            return numbered_of(row)
        raise NotFound(f"event {event_id}")

    async def endpoints(self, tenant_id: TenantId) -> Sequence[WebhookEndpoint]:
        return [endpoint_of(row) for row in await self._rows(tenant_id, ENDPOINTS, {})]

    async def endpoint(self, tenant_id: TenantId, endpoint_id: EndpointId) -> WebhookEndpoint:
        for row in await self._rows(tenant_id, ENDPOINT, {"id": endpoint_id}):
            if (found := endpoint_of(row)).state is not EndpointState.DELETED:
                return found
        raise NotFound(f"endpoint {endpoint_id}")

    async def deliveries_to(
        self,
        tenant_id: TenantId,
        endpoint_id: EndpointId,
        state: DeliveryState | None,
        before: int | None,
        limit: int,
    ) -> DeliveryPage:
        values: Mapping[str, Value] = {
            "endpoint_id": endpoint_id,
            "below": before if before is not None else HIGHEST,
            "limit": limit + 1,
        }
        rows = await self._rows(tenant_id, TO_ENDPOINT[state], values)
        page = [delivery_of(row) for row in rows[:limit]]
        return DeliveryPage(page, page[-1].number if len(rows) > limit else None)

    async def deliveries_of(self, tenant_id: TenantId, event_id: EventId) -> Sequence[Delivery]:
        rows = await self._rows(tenant_id, OF_EVENT, {"event_id": event_id})
        return [delivery_of(row) for row in rows]

    async def tries(
        self, tenant_id: TenantId, endpoint_id: EndpointId, event_id: EventId
    ) -> Sequence[Try]:
        values: Mapping[str, Value] = {"endpoint_id": endpoint_id, "event_id": event_id}
        return [try_of(row) for row in await self._rows(tenant_id, TRIES, values)]

    async def _rows(
        self, tenant_id: TenantId, statement: Executable, values: Mapping[str, Value]
    ) -> Sequence[Record]:
        return await self.views.rows(tenant_id, statement, values)
