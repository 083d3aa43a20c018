"""Use cases: make, change, renew and delete webhook endpoints.

Whoever changes who hears what guards the feed's head: so the numbering of events and this come one
after the other, and an event is delivered to just those that heard it when it got its number.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from application.webhooks.secrets import SECRET_BYTES, context, secret_text
from application.webhooks.well_formed import address, description, topics_of
from domain.errors import Conflict, Overloaded, Refused
from domain.ids import EndpointId, EventId, TenantId
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.post import Post
from domain.ports.unit_of_work import UnitOfWork, Units
from domain.ports.vault import Vault
from domain.values import replace
from domain.webhooks.endpoint import BY_REQUEST, MOST_ENDPOINTS, WebhookEndpoint
from domain.webhooks.told import Told, Topic

TRIES: Final = 64  # lost races in a row; each means that somebody else got on
PAGE: Final = 100  # deliveries dropped in one unit
PAGES: Final = 50  # the rest are dropped when their turn comes

Change = Callable[[WebhookEndpoint, int], WebhookEndpoint]  # with the feed's last number


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """`events` are words of Topic; none: all. `ordered`: events of one payment come one after
    another."""

    tenant_id: TenantId
    url: str
    description: str = ""
    events: frozenset[str] = frozenset()
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChanges:
    """What is None stays as it is."""

    url: str | None = None
    description: str | None = None
    events: frozenset[str] | None = None
    ordered: bool | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class MadeEndpoint:
    """`secret` (whsec_…) is shown once."""

    endpoint: WebhookEndpoint
    secret: str


Remember = Callable[[UnitOfWork, MadeEndpoint], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AmendEndpoint:
    """The only way in which merchants change a stored endpoint. A lost race is retried from a
    fresh read. Raises NotFound, Overloaded."""

    units: Units

    async def __call__(
        self, tenant_id: TenantId, endpoint_id: EndpointId, change: Change
    ) -> WebhookEndpoint:
        for _ in range(TRIES):
            async with self.units(tenant_id) as unit:
                head = await unit.feed.head()
                found = await unit.endpoints.get(endpoint_id)
                moved = change(found, head.number)
                if moved is found:
                    return found
                stored = unit.endpoints.save(moved)
                unit.feed.hold(head)
                try:
                    await unit.commit()
                except Conflict:
                    continue
            return stored
        raise Overloaded(f"endpoint {endpoint_id} is too busy; try again")


@dataclass(frozen=True, slots=True)
class CreateEndpoint:
    """It hears every event that gets its number from now on.

    Raises Invalid naming `url`, `events` or `description`, Refused when the tenant has
    MOST_ENDPOINTS, Overloaded.
    """

    units: Units
    post: Post
    vault: Vault
    clock: Clock
    ids: Ids

    async def __call__(self, new: NewEndpoint, remember: Remember | None = None) -> MadeEndpoint:
        """`remember` writes what else is stored with it, each time it is tried."""
        endpoint_id, secret = self.ids.endpoint_id(), self.ids.secret(SECRET_BYTES)
        endpoint = WebhookEndpoint(
            id=endpoint_id,
            tenant_id=new.tenant_id,
            url=address(new.url),
            sealed=self.vault.seal(secret, context(endpoint_id)),
            created_at=self.clock.now(),
            description=description(new.description),
            topics=topics_of(new.events),
            ordered=new.ordered,
        )
        await self.post.check(endpoint.url)
        return await self._stored(endpoint, secret_text(secret), remember)

    async def _stored(
        self, endpoint: WebhookEndpoint, secret: str, remember: Remember | None
    ) -> MadeEndpoint:
        for _ in range(TRIES):
            async with self.units(endpoint.tenant_id) as unit:
                head = await unit.feed.head()
                if len(await unit.endpoints.all()) >= MOST_ENDPOINTS:
                    raise Refused(f"there are {MOST_ENDPOINTS} endpoints; delete one first")
                stored = unit.endpoints.add(replace(endpoint, since_number=head.number))
                unit.feed.hold(head)
                made = MadeEndpoint(stored, secret)
                if remember is not None:
                    await remember(unit, made)
                try:
                    await unit.commit()
                except Conflict:
                    continue
            return made
        raise Overloaded("the feed is too busy; try again")


@dataclass(frozen=True, slots=True)
class UpdateEndpoint:
    """Other topics, or being active again, begin with the next event. Raises NotFound, Overloaded,
    Invalid naming `url`, `events` or `description`."""

    amend: AmendEndpoint
    post: Post
    clock: Clock

    async def __call__(
        self, tenant_id: TenantId, endpoint_id: EndpointId, changes: EndpointChanges
    ) -> WebhookEndpoint:
        if changes.url is not None:
            await self.post.check(address(changes.url))
        if changes.description is not None:
            description(changes.description)
        topics = topics_of(changes.events) if changes.events is not None else None

        def change(found: WebhookEndpoint, number: int) -> WebhookEndpoint:
            moved = replace(
                found,
                url=changes.url if changes.url is not None else found.url,
                description=(
                    changes.description if changes.description is not None else found.description
                ),
                ordered=changes.ordered if changes.ordered is not None else found.ordered,
            )
            if moved.url != found.url:  # another place deserves patience of its own
                moved = replace(moved, failing_since=None)
            if topics is not None and topics != found.topics:
                moved = moved.listen(topics, number)
            if changes.active is True:
                moved = moved.enable(number)
            elif changes.active is False:
                moved = moved.disable(BY_REQUEST, self.clock.now())
            return found if moved == found else moved

        return await self.amend(tenant_id, endpoint_id, change)


@dataclass(frozen=True, slots=True)
class RotateSecret:
    """A new secret; the old one signs beside it for 24 hours. Raises NotFound, Overloaded."""

    amend: AmendEndpoint
    vault: Vault
    clock: Clock
    ids: Ids

    async def __call__(self, tenant_id: TenantId, endpoint_id: EndpointId) -> MadeEndpoint:
        secret = self.ids.secret(SECRET_BYTES)
        sealed = self.vault.seal(secret, context(endpoint_id))

        def change(found: WebhookEndpoint, _: int) -> WebhookEndpoint:
            return found.rotate(sealed, self.clock.now())

        return MadeEndpoint(await self.amend(tenant_id, endpoint_id, change), secret_text(secret))


@dataclass(frozen=True, slots=True)
class DeleteEndpoint:
    """For good: what waits for it is dropped. Raises NotFound, Overloaded."""

    units: Units
    amend: AmendEndpoint
    clock: Clock

    async def __call__(self, tenant_id: TenantId, endpoint_id: EndpointId) -> None:
        await self.amend(tenant_id, endpoint_id, lambda found, _: found.delete(self.clock.now()))
        for _ in range(PAGES):
            async with self.units(tenant_id) as unit:
                page = await unit.deliveries.waiting(endpoint_id, PAGE)
                for delivery in page:
                    unit.deliveries.save(delivery.drop())
                try:
                    await unit.commit()
                except Conflict:  # one of them is being tried right now
                    continue
            if len(page) < PAGE:
                return


@dataclass(frozen=True, slots=True)
class SendTestEvent:
    """An event `webhook.test` to one endpoint, whatever it listens to; it has its number in the
    feed like any other. Raises NotFound, Refused for an endpoint that is disabled."""

    units: Units
    clock: Clock
    ids: Ids

    async def __call__(self, tenant_id: TenantId, endpoint_id: EndpointId) -> EventId:
        event_id = self.ids.event_id()
        async with self.units(tenant_id) as unit:
            endpoint = await unit.endpoints.get(endpoint_id)
            if not endpoint.is_active:
                raise Refused("the endpoint is disabled; enable it first")
            unit.feed.tell(
                Told(
                    id=event_id,
                    topic=Topic.TEST,
                    at=self.clock.now(),
                    subject=endpoint.id,
                    data={"endpoint": endpoint.id, "message": "It works."},
                )
            )
            await unit.commit()
        return event_id
