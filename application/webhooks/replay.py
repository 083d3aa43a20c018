"""Use case: bring events to an endpoint once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.webhooks.number_events import deliver_job
from domain.errors import Conflict, Invalid, Overloaded, Refused
from domain.ids import EndpointId, EventId, TenantId
from domain.ports.clock import Clock
from domain.ports.unit_of_work import UnitOfWork, Units
from domain.values import replace
from domain.webhooks.delivery import Delivery
from domain.webhooks.endpoint import WebhookEndpoint
from domain.webhooks.told import NumberedEvent

PAGE: Final = 100  # deliveries begun in one unit
PAGES: Final = 10  # in one call; what is left is told
TRIES: Final = 64  # lost races in a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Just one of: an event; numbers `first` to `last`, both included; times from `since` on and
    before `until`; all that `failed`."""

    event_id: EventId | None = None
    first: int | None = None
    last: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    failed: bool = False
    after: str = ""  # of times: go on behind this event of the very moment `since`

    @property
    def ends_first(self) -> bool:
        """A range whose end comes before its beginning holds nothing: it was mistyped."""
        numbers = self.first is not None and self.last is not None and self.last < self.first
        times = self.since is not None and self.until is not None and self.until < self.since
        return numbers or times

    def check(self) -> None:
        """Raises Invalid."""
        numbers = (self.first is not None, self.last is not None)
        times = (self.since is not None, self.until is not None)
        ways = (self.event_id is not None, any(numbers), any(times), self.failed)
        if sum(ways) != 1 or any(numbers) != all(numbers) or any(times) != all(times):
            raise Invalid(
                "name an event, a first and a last number, a since and an until, or failed"
            )
        if self.ends_first:
            raise Invalid("the range ends before it begins")


@dataclass(frozen=True, slots=True)
class Replayed:
    """`rest` is what was left over by the bound of one call; None when all was begun."""

    events: int
    rest: Which | None


@dataclass(frozen=True, slots=True)
class Replay:
    """New tries on the same deliveries, with the same bytes; an event of a range that never was
    for this endpoint, and that it would hear now, gets a delivery. At most PAGE * PAGES events.

    Raises Invalid, NotFound for endpoint or event, Refused for an endpoint that is disabled,
    Overloaded.
    """

    units: Units
    clock: Clock

    async def __call__(
        self, tenant_id: TenantId, endpoint_id: EndpointId, which: Which
    ) -> Replayed:
        which.check()
        done, rest = 0, which
        for _ in range(PAGES):
            begun, after = await self._page(tenant_id, endpoint_id, rest)
            done += begun
            if after is None:
                return Replayed(done, None)
            rest = after
        return Replayed(done, rest)

    async def _page(
        self, tenant_id: TenantId, endpoint_id: EndpointId, which: Which
    ) -> tuple[int, Which | None]:
        """How many were begun, and what comes after them."""
        for _ in range(TRIES):
            async with self.units(tenant_id) as unit:
                endpoint = await unit.endpoints.get(endpoint_id)
                if not endpoint.is_active:
                    raise Refused("the endpoint is disabled; enable it first")
                deliveries, rest = await self._found(unit, endpoint, which)
                for one in deliveries:
                    self._begin(unit, tenant_id, one)
                try:
                    await unit.commit()
                except Conflict:  # one of them was just tried
                    continue
            return len(deliveries), rest
        raise Overloaded(f"endpoint {endpoint_id} is too busy; try again")

    async def _found(
        self, unit: UnitOfWork, endpoint: WebhookEndpoint, which: Which
    ) -> tuple[Sequence[Delivery], Which | None]:
        if which.failed:
            failed = await unit.deliveries.failed(endpoint.id, PAGE)
            return failed, which if len(failed) == PAGE else None
        if which.event_id is not None:
            one = await unit.feed.get(which.event_id)
            return [await self._delivery(unit, endpoint, one)], None
        events, rest = await _events(unit, which)
        heard = [one for one in events if endpoint.hears(one.topic, one.subject)]
        return [await self._delivery(unit, endpoint, one) for one in heard], rest

    async def _delivery(
        self, unit: UnitOfWork, endpoint: WebhookEndpoint, event: NumberedEvent
    ) -> Delivery:
        found = await unit.deliveries.find(endpoint.id, event.id)
        return found or Delivery(
            endpoint_id=endpoint.id,
            event_id=event.id,
            number=event.number,
            payment_id=event.payment_id,
            next_at=self.clock.now(),
            version=NEW,
        )

    def _begin(self, unit: UnitOfWork, tenant_id: TenantId, delivery: Delivery) -> None:
        if delivery.version == NEW:
            begun = replace(delivery, version=0)
            unit.deliveries.add(begun)
        else:
            begun = delivery.replay(self.clock.now())
            unit.deliveries.save(begun)
        unit.jobs.enqueue(deliver_job(tenant_id, begun))


NEW: Final = -1  # a version that nothing stored has


async def _events(unit: UnitOfWork, which: Which) -> tuple[Sequence[NumberedEvent], Which | None]:
    """A page of a range, and the range after it."""
    if which.first is not None and which.last is not None:
        page = await unit.feed.numbered(which.first, which.last, PAGE)
        more = len(page) == PAGE and page[-1].number < which.last
        return page, replace(which, first=page[-1].number + 1) if more else None
    if which.since is None or which.until is None:
        return [], None
    page = await unit.feed.between(which.since, EventId(which.after), which.until, PAGE)
    if len(page) < PAGE:
        return page, None
    return page, replace(which, since=page[-1].at, after=page[-1].id)
