"""Webhook endpoints in a dict, and what is on its way to them."""

from collections.abc import Iterator, Sequence

from adapters.memory.database import Shelf
from adapters.memory.draft import NOTHING, Draft, Expected, Write
from adapters.memory.feed import tell
from domain.errors import NotFound, Rejected, StaleVersion
from domain.ids import EndpointId, EventId, PaymentId
from domain.ports.webhooks import Deliveries, Endpoints
from domain.values import replace
from domain.webhooks.delivery import Delivery, DeliveryState, Try
from domain.webhooks.endpoint import EndpointState, WebhookEndpoint


class MemoryEndpoints(Endpoints):
    __slots__ = ("_draft", "_shelf")

    def __init__(self, draft: Draft) -> None:
        self._draft, self._shelf = draft, draft.shelf

    async def get(self, endpoint_id: EndpointId) -> WebhookEndpoint:
        return present(self._shelf, endpoint_id)

    async def find(self, endpoint_id: EndpointId) -> WebhookEndpoint | None:
        return self._shelf.endpoints.get(endpoint_id)

    async def all(self) -> Sequence[WebhookEndpoint]:
        return all_present(self._shelf)

    def add(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        return self._put(endpoint, endpoint.version, NOTHING)

    def save(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        return self._put(endpoint, endpoint.version + 1, endpoint.version)

    def _put(
        self, moved: WebhookEndpoint, version: int, expected: int | Expected
    ) -> WebhookEndpoint:
        if moved.tenant_id != self._shelf.tenant_id:
            raise ValueError(f"endpoint {moved.id} is another tenant's")
        for one in moved.told:
            tell(self._draft, one)
        stored = replace(moved, version=version, told=())
        self._draft.collect(Write(self._shelf.endpoints, stored.id, stored, expected))
        return stored


def present(shelf: Shelf, endpoint_id: EndpointId) -> WebhookEndpoint:
    """Raises NotFound."""
    found = shelf.endpoints.get(endpoint_id)
    if found is None or found.state is EndpointState.DELETED:
        raise NotFound(f"endpoint {endpoint_id}")
    return found


def all_present(shelf: Shelf) -> Sequence[WebhookEndpoint]:
    found = [one for one in shelf.endpoints.values() if one.state is not EndpointState.DELETED]
    return sorted(found, key=lambda one: (one.created_at, one.id))


class MemoryDeliveries(Deliveries):
    __slots__ = ("_draft", "_shelf")

    def __init__(self, draft: Draft) -> None:
        self._draft, self._shelf = draft, draft.shelf

    async def find(self, endpoint_id: EndpointId, event_id: EventId) -> Delivery | None:
        return self._shelf.deliveries.get((endpoint_id, event_id))

    async def ahead(
        self, endpoint_id: EndpointId, payment_id: PaymentId, number: int
    ) -> Delivery | None:
        mine = self._waiting_of(endpoint_id, payment_id)
        return min((one for one in mine if one.number < number), key=_number, default=None)

    async def behind(
        self, endpoint_id: EndpointId, payment_id: PaymentId, number: int
    ) -> Delivery | None:
        mine = self._waiting_of(endpoint_id, payment_id)
        return min((one for one in mine if one.number > number), key=_number, default=None)

    async def waiting(self, endpoint_id: EndpointId, limit: int) -> Sequence[Delivery]:
        return list(self._in_state(endpoint_id, DeliveryState.WAITING))[:limit]

    async def failed(self, endpoint_id: EndpointId, limit: int) -> Sequence[Delivery]:
        return sorted(self._in_state(endpoint_id, DeliveryState.FAILED), key=_number)[:limit]

    def add(self, delivery: Delivery) -> None:
        self._put(delivery, NOTHING)

    def save(self, delivery: Delivery) -> None:
        self._put(replace(delivery, version=delivery.version + 1), delivery.version)

    def log(self, one: Try) -> None:
        name = (one.endpoint_id, one.event_id, one.number)
        self._draft.collect(TryWrite(self._shelf.tries, name, one, NOTHING))

    def _put(self, delivery: Delivery, expected: int | Expected) -> None:
        name = (delivery.endpoint_id, delivery.event_id)
        write = DeliveryWrite(self._shelf.deliveries, name, delivery, expected)
        write.shelf = self._shelf
        self._draft.collect(write)

    def _in_state(self, endpoint_id: EndpointId, state: DeliveryState) -> Iterator[Delivery]:
        for one in self._shelf.deliveries.values():
            if one.endpoint_id == endpoint_id and one.state is state:
                yield one

    def _waiting_of(self, endpoint_id: EndpointId, payment_id: PaymentId) -> Iterator[Delivery]:
        for one in self._in_state(endpoint_id, DeliveryState.WAITING):
            if one.payment_id == payment_id:
                yield one


class DeliveryWrite(Write[Delivery]):
    __slots__ = ("shelf",)

    shelf: Shelf

    def check(self) -> None:
        super().check()
        if self.value.endpoint_id not in self.shelf.endpoints:
            raise Rejected(f"delivery {self.key} is to no endpoint here")


class TryWrite(Write[Try]):
    __slots__ = ()

    def check(self) -> None:
        if self.key in self.table:
            raise StaleVersion(f"try {self.key} is logged already")


def _number(one: Delivery) -> int:
    return one.number
