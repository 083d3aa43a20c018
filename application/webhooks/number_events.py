"""Use case: give the events of every tenant their numbers, and make their deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from domain.errors import Conflict
from domain.ids import RefundId, TenantId
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.ports.clock import Clock
from domain.ports.jobs import Job, JobKind
from domain.ports.unit_of_work import UnitOfWork, Units
from domain.ports.webhooks import Bodies, Untold
from domain.webhooks.delivery import Delivery
from domain.webhooks.endpoint import WebhookEndpoint
from domain.webhooks.told import NumberedEvent, Told, in_order

BATCH: Final = 64  # events of a tenant numbered in one unit: with 16 endpoints 1024 deliveries
TENANTS: Final = 100


class FeedTroubles(Protocol):
    """Where errors of numbering are told."""

    def __call__(self, tenant_id: TenantId, error: Exception, /) -> None: ...


@dataclass(frozen=True, slots=True)
class NumberEvents:
    """State changes write events without a number, so that nothing holds them up. Here each gets
    the next one, with its body and its deliveries, in one unit that the tenant's head guards:
    of several that number at a time one wins, and numbers have no gap, whoever dies when.
    """

    untold: Untold
    units: Units
    bodies: Bodies
    clock: Clock
    troubles: FeedTroubles

    async def __call__(self) -> int:
        """One batch of each tenant that has something to tell; how many events were numbered.
        A tenant in trouble does not hold up the others. Raises Unavailable for the look."""
        done, after = 0, None
        while page := await self.untold.tenants(after, TENANTS):
            for tenant_id in page:
                try:
                    done += await self.tenant(tenant_id)
                except Conflict:  # somebody else was first; what is left is seen at the next look
                    continue
                except Exception as error:
                    self.troubles(tenant_id, error)
            after = page[-1]
        return done

    async def tenant(self, tenant_id: TenantId) -> int:
        """One batch of one tenant. Raises Conflict when somebody else was first."""
        async with self.units(tenant_id) as unit:
            head = await unit.feed.head()
            if not (told := in_order(list(await unit.feed.untold(BATCH)))):
                return 0
            endpoints = [one for one in await unit.endpoints.all() if one.is_active]
            events = await self._numbered(unit, told, head.number)
            unit.feed.number(head, events, told)
            for event in events:
                self._deliver(unit, tenant_id, event, endpoints)
            await unit.commit()
        return len(events)

    async def _numbered(
        self, unit: UnitOfWork, told: Sequence[Told], last: int
    ) -> Sequence[NumberedEvent]:
        known: dict[str, Payment | Refund | None] = {}
        events = []
        for number, one in enumerate(told, last + 1):
            if one.data is None and one.subject not in known:
                known[one.subject] = await _about(unit, one)
            about = known[one.subject] if one.data is None else None
            events.append(
                NumberedEvent(
                    id=one.id,
                    number=number,
                    topic=one.topic,
                    at=one.at,
                    subject=one.subject,
                    payment_id=one.payment_id,
                    body=self.bodies(one, number, about),
                )
            )
        return events

    def _deliver(
        self,
        unit: UnitOfWork,
        tenant_id: TenantId,
        event: NumberedEvent,
        endpoints: Sequence[WebhookEndpoint],
    ) -> None:
        for endpoint in endpoints:
            if not endpoint.hears(event.topic, event.subject):
                continue
            delivery = Delivery(
                endpoint_id=endpoint.id,
                event_id=event.id,
                number=event.number,
                payment_id=event.payment_id,
                next_at=self.clock.now(),
            )
            unit.deliveries.add(delivery)
            unit.jobs.enqueue(deliver_job(tenant_id, delivery))


def deliver_job(tenant_id: TenantId, delivery: Delivery) -> Job:
    """The work of the delivery's present round."""
    return Job(
        id=delivery.job_id,
        tenant_id=tenant_id,
        kind=JobKind.DELIVER,
        run_at=delivery.next_at,
        about={
            "endpoint": delivery.endpoint_id,
            "event": delivery.event_id,
            "round": str(delivery.replays),
        },
    )


async def _about(unit: UnitOfWork, one: Told) -> Payment | Refund | None:
    if one.subject.startswith("rfd_"):
        return await unit.refunds.get(RefundId(one.subject))
    return await unit.payments.show(one.payment_id) if one.payment_id is not None else None
