"""Where merchants hear of events, and what is on its way there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, bindparam, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.feed import TOLD
from adapters.sql.rows.webhooks import (
    DELIVERY_COLUMNS,
    ENDPOINT_COLUMNS,
    delivery_changes,
    delivery_of,
    delivery_row,
    endpoint_changes,
    endpoint_of,
    endpoint_row,
    told_row,
    try_row,
)
from adapters.sql.writes import GuardedUpdate, Insert, Row
from domain.errors import Conflict, DuplicateKey, NotFound, StaleVersion
from domain.ids import EndpointId, EventId, PaymentId
from domain.ports.webhooks import Deliveries, Endpoints
from domain.values import replace
from domain.webhooks.delivery import Delivery, Try
from domain.webhooks.endpoint import EndpointState, WebhookEndpoint

IN_USE: Final[dict[str, type[Conflict]]] = {"pk_webhook_endpoints": DuplicateKey}
ON_ITS_WAY: Final[dict[str, type[Conflict]]] = {"pk_deliveries": DuplicateKey}
LOGGED: Final[dict[str, type[Conflict]]] = {"pk_delivery_tries": StaleVersion}

_ends, _way = t.webhook_endpoints.c, t.deliveries.c

ENDPOINT: Final = select(*ENDPOINT_COLUMNS).where(
    _ends.id == bindparam("id"), _ends.tenant_id == bindparam("tenant_id")
)
ENDPOINTS: Final = (
    select(*ENDPOINT_COLUMNS)
    .where(_ends.tenant_id == bindparam("tenant_id"), t.NOT_DELETED)
    .order_by(_ends.created_at, _ends.id)
)
DELIVERY: Final = select(*DELIVERY_COLUMNS).where(
    _way.event_id == bindparam("event_id"),
    _way.endpoint_id == bindparam("endpoint_id"),
    _way.tenant_id == bindparam("tenant_id"),
)


def _at_endpoint(*conditions: Any) -> Select[Any]:
    return select(*DELIVERY_COLUMNS).where(
        _way.endpoint_id == bindparam("endpoint_id"),
        _way.tenant_id == bindparam("tenant_id"),
        *conditions,
    )


_OF_PAYMENT: Final = _at_endpoint(t.WAITING, _way.payment_id == bindparam("payment_id"))
AHEAD: Final = _OF_PAYMENT.where(_way.number < bindparam("number")).order_by(_way.number).limit(1)
BEHIND: Final = _OF_PAYMENT.where(_way.number > bindparam("number")).order_by(_way.number).limit(1)
WAITING: Final = _at_endpoint(t.WAITING).limit(bindparam("limit"))
FAILED: Final = _at_endpoint(t.FAILED).order_by(_way.number).limit(bindparam("limit"))


@dataclass(frozen=True, slots=True)
class SqlEndpoints(Endpoints):
    draft: Draft

    async def get(self, endpoint_id: EndpointId) -> WebhookEndpoint:
        found = await self.find(endpoint_id)
        if found is None or found.state is EndpointState.DELETED:
            raise NotFound(f"endpoint {endpoint_id}")
        return found

    async def find(self, endpoint_id: EndpointId) -> WebhookEndpoint | None:
        for row in await self.draft.rows(ENDPOINT, id=endpoint_id):
            return endpoint_of(row)
        return None

    async def all(self) -> Sequence[WebhookEndpoint]:
        return [endpoint_of(row) for row in await self.draft.rows(ENDPOINTS)]

    def add(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        self.draft.collect(
            Insert(t.webhook_endpoints, self._mine(endpoint, endpoint_row(endpoint)), IN_USE)
        )
        return self._stored(endpoint, endpoint.version)

    def save(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        changes = self._mine(endpoint, endpoint_changes(endpoint))
        self.draft.collect(
            GuardedUpdate(t.webhook_endpoints, {"id": endpoint.id}, endpoint.version, changes)
        )
        return self._stored(endpoint, endpoint.version + 1)

    def _mine(self, endpoint: WebhookEndpoint, row: Row) -> Row:
        if endpoint.tenant_id != self.draft.tenant_id:
            raise ValueError(f"endpoint {endpoint.id} is another tenant's")
        return row

    def _stored(self, endpoint: WebhookEndpoint, version: int) -> WebhookEndpoint:
        self.draft.collect(*[Insert(t.feed, told_row(one), TOLD) for one in endpoint.told])
        return replace(endpoint, version=version, told=())


@dataclass(frozen=True, slots=True)
class SqlDeliveries(Deliveries):
    draft: Draft

    async def find(self, endpoint_id: EndpointId, event_id: EventId) -> Delivery | None:
        return await self._first(DELIVERY, endpoint_id=endpoint_id, event_id=event_id)

    async def ahead(
        self, endpoint_id: EndpointId, payment_id: PaymentId, number: int
    ) -> Delivery | None:
        return await self._first(
            AHEAD, endpoint_id=endpoint_id, payment_id=payment_id, number=number
        )

    async def behind(
        self, endpoint_id: EndpointId, payment_id: PaymentId, number: int
    ) -> Delivery | None:
        return await self._first(
            BEHIND, endpoint_id=endpoint_id, payment_id=payment_id, number=number
        )

    async def waiting(self, endpoint_id: EndpointId, limit: int) -> Sequence[Delivery]:
        rows = await self.draft.rows(WAITING, endpoint_id=endpoint_id, limit=limit)
        return [delivery_of(row) for row in rows]

    async def failed(self, endpoint_id: EndpointId, limit: int) -> Sequence[Delivery]:
        rows = await self.draft.rows(FAILED, endpoint_id=endpoint_id, limit=limit)
        return [delivery_of(row) for row in rows]

    def add(self, delivery: Delivery) -> None:
        self.draft.collect(Insert(t.deliveries, delivery_row(delivery), ON_ITS_WAY))

    def save(self, delivery: Delivery) -> None:
        key: Row = {"event_id": delivery.event_id, "endpoint_id": delivery.endpoint_id}
        changes = delivery_changes(delivery)
        self.draft.collect(GuardedUpdate(t.deliveries, key, delivery.version, changes))

    def log(self, one: Try) -> None:
        self.draft.collect(Insert(t.delivery_tries, try_row(one), LOGGED))

    async def _first(self, statement: Select[Any], **values: str | int) -> Delivery | None:
        for row in await self.draft.rows(statement, **values):
            return delivery_of(row)
        return None
