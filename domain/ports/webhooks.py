"""Port: the tenant's feed of events, and how they get to merchants."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.ids import EndpointId, EventId, PaymentId, TenantId
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.webhooks.delivery import Delivery, Try
from domain.webhooks.endpoint import WebhookEndpoint
from domain.webhooks.told import NumberedEvent, Told


@dataclass(frozen=True, slots=True)
class Head:
    """How far the tenant's feed is numbered. Whoever numbers events, or changes who hears them,
    guards it, so each sees what the other did. `version` None: nothing was ever stored."""

    number: int = 0
    version: int | None = None


class Feed(Protocol):
    """What the tenant tells merchants of. Payments and refunds tell by being stored; the rest
    calls tell()."""

    @abstractmethod
    def tell(self, told: Told) -> None:
        """DuplicateKey at commit when it was told already."""

    @abstractmethod
    async def untold(self, limit: int) -> Sequence[Told]:
        """Without a number yet, by ascending id, at most `limit`."""

    @abstractmethod
    async def head(self) -> Head:
        """Read it before whatever the guard shall cover."""

    @abstractmethod
    def number(self, head: Head, events: Sequence[NumberedEvent], of: Sequence[Told]) -> None:
        """Store numbers and bodies; the head moves to the last number. `of` are the same events
        as they were read. StaleVersion at commit when the head moved since it was read."""

    @abstractmethod
    def hold(self, head: Head) -> None:
        """StaleVersion at commit when the head moved since it was read."""

    @abstractmethod
    async def get(self, event_id: EventId) -> NumberedEvent:
        """Raises NotFound, also while it has no number."""

    @abstractmethod
    async def numbered(self, first: int, last: int, limit: int) -> Sequence[NumberedEvent]:
        """Those numbered `first` to `last`, both included, without their bodies; ascending."""

    @abstractmethod
    async def between(
        self, since: datetime, after: EventId, until: datetime, limit: int
    ) -> Sequence[NumberedEvent]:
        """Numbered ones that happened from `since` on and before `until`, by time and id, as far
        as their bodies are kept, without them. Of those of the moment `since` itself only ids
        higher than `after`."""


class Endpoints(Protocol):
    """The tenant's webhook endpoints."""

    @abstractmethod
    async def get(self, endpoint_id: EndpointId) -> WebhookEndpoint:
        """Raises NotFound, also for one that was deleted."""

    @abstractmethod
    async def find(self, endpoint_id: EndpointId) -> WebhookEndpoint | None:
        """Also one that was deleted."""

    @abstractmethod
    async def all(self) -> Sequence[WebhookEndpoint]:
        """All that are not deleted, oldest first: MOST_ENDPOINTS at most."""

    @abstractmethod
    def add(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        """The stored value. DuplicateKey at commit."""

    @abstractmethod
    def save(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        """The stored value, and what it tells. StaleVersion at commit."""


class Deliveries(Protocol):
    """Events on their way to the tenant's endpoints."""

    @abstractmethod
    async def find(self, endpoint_id: EndpointId, event_id: EventId) -> Delivery | None:
        """None when that event never was for that endpoint."""

    @abstractmethod
    async def ahead(
        self, endpoint_id: EndpointId, payment_id: PaymentId, number: int
    ) -> Delivery | None:
        """The first waiting one of the same payment whose event has a lower number."""

    @abstractmethod
    async def behind(
        self, endpoint_id: EndpointId, payment_id: PaymentId, number: int
    ) -> Delivery | None:
        """The first waiting one of the same payment whose event has a higher number."""

    @abstractmethod
    async def waiting(self, endpoint_id: EndpointId, limit: int) -> Sequence[Delivery]:
        """What waits for an endpoint, in no order."""

    @abstractmethod
    async def failed(self, endpoint_id: EndpointId, limit: int) -> Sequence[Delivery]:
        """What was given up, by ascending number."""

    @abstractmethod
    def add(self, delivery: Delivery) -> None:
        """DuplicateKey at commit: an event comes to an endpoint as one delivery."""

    @abstractmethod
    def save(self, delivery: Delivery) -> None:
        """StaleVersion at commit."""

    @abstractmethod
    def log(self, one: Try) -> None:
        """StaleVersion at commit when a try of that number is logged already."""


class Untold(Protocol):
    """The look over all tenants."""

    @abstractmethod
    async def tenants(self, after: TenantId | None, limit: int) -> Sequence[TenantId]:
        """Those with events without a number, in ascending order after the one given."""


class Bodies(Protocol):
    """Renders what endpoints get."""

    @abstractmethod
    def __call__(self, one: Told, number: int, about: Payment | Refund | None) -> bytes:
        """JSON: {"id", "type", "timestamp", "number", "data"}. `about` is what the event is about
        when `one.data` is None, and stands in "data" as the API shows it."""


class Signer(Protocol):
    """Signs what is sent, so that a merchant knows it is ours."""

    @abstractmethod
    def __call__(
        self, event_id: str, at: datetime, body: bytes, secrets: Sequence[bytes]
    ) -> Mapping[str, str]:
        """The headers that prove it: one signature with each secret of 32 bytes. `at` is when it
        is sent."""
