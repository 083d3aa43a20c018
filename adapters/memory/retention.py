"""Forgetting, off the shelves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.memory.database import MemoryDatabase, Shelf
from domain.ids import PaymentId, RefundId, TenantId
from domain.payments.status import OPEN
from domain.ports.jobs import JobState
from domain.ports.retention import Kept, Retention
from domain.ports.unit_of_work import KeyRecord
from domain.values import replace
from domain.webhooks.delivery import DeliveryState

Forget = Callable[[Shelf, datetime, int], int]


@dataclass(frozen=True, slots=True)
class MemoryRetention(Retention):
    database: MemoryDatabase

    async def tenants(self, after: TenantId | None, limit: int) -> Sequence[TenantId]:
        known = sorted(one for one in self.database.tenants if after is None or one > after)
        return known[:limit]

    async def forget(self, what: Kept, tenant_id: TenantId, before: datetime, limit: int) -> int:
        return FORGETTING[what](self.database.shelf(tenant_id), before, limit)


def _keys(shelf: Shelf, before: datetime, limit: int) -> int:
    old = [
        (one.created_at, where)
        for where, one in shelf.keys.items()
        if one.created_at < before and not _is_open(shelf, one)
    ]
    for _, where in sorted(old)[:limit]:
        del shelf.keys[where]
    return min(len(old), limit)


def _is_open(shelf: Shelf, record: KeyRecord) -> bool:
    payment = shelf.payments.get(PaymentId(record.resource_id))
    refund = shelf.refunds.get(RefundId(record.resource_id))
    return (payment is not None and payment.status in OPEN) or (
        refund is not None and not refund.is_final
    )


def _bodies(shelf: Shelf, before: datetime, limit: int) -> int:
    old = [
        (one.received_at, where)
        for where, one in shelf.notices.items()
        if one.received_at < before and one.state != "stored" and (one.body or one.headers)
    ]
    for _, where in sorted(old)[:limit]:
        shelf.notices[where] = replace(shelf.notices[where], body=b"", headers={})
    return min(len(old), limit)


def _notices(shelf: Shelf, before: datetime, limit: int) -> int:
    old = [
        (one.received_at, where)
        for where, one in shelf.notices.items()
        if one.received_at < before and not (one.body or one.headers)
    ]
    for _, where in sorted(old)[:limit]:
        del shelf.notices[where]
    return min(len(old), limit)


def _jobs(state: JobState) -> Forget:
    def forget(shelf: Shelf, before: datetime, limit: int) -> int:
        old = [
            (job.run_at, one)
            for one, job in shelf.jobs.items()
            if shelf.job_states[one] is state and job.run_at < before
        ]
        for _, one in sorted(old)[:limit]:
            del shelf.jobs[one], shelf.job_states[one]
        return min(len(old), limit)

    return forget


def _tries(shelf: Shelf, before: datetime, limit: int) -> int:
    old = [(one.at, where) for where, one in shelf.tries.items() if one.at < before]
    for _, where in sorted(old)[:limit]:
        del shelf.tries[where]
    return min(len(old), limit)


def _deliveries(*states: DeliveryState) -> Forget:
    def forget(shelf: Shelf, before: datetime, limit: int) -> int:
        old = [
            (one.next_at, where)
            for where, one in shelf.deliveries.items()
            if one.state in states and one.next_at < before
        ]
        for _, where in sorted(old)[:limit]:
            del shelf.deliveries[where]
        return min(len(old), limit)

    return forget


def _event_bodies(shelf: Shelf, before: datetime, limit: int) -> int:
    old = [
        (row.told.at, where)
        for where, row in shelf.feed.items()
        if row.body is not None and row.told.at < before
    ]
    for _, where in sorted(old)[:limit]:
        row = shelf.feed[where]
        shelf.feed[where] = replace(row, body=None, told=replace(row.told, data=None))
    return min(len(old), limit)


FORGETTING: Final[Mapping[Kept, Forget]] = {
    Kept.KEYS: _keys,
    Kept.NOTICE_BODIES: _bodies,
    Kept.NOTICES: _notices,
    Kept.DONE_JOBS: _jobs(JobState.DONE),
    Kept.DEAD_JOBS: _jobs(JobState.DEAD),
    Kept.TRIES: _tries,
    Kept.DELIVERIES: _deliveries(DeliveryState.DELIVERED, DeliveryState.DROPPED),
    Kept.FAILED_DELIVERIES: _deliveries(DeliveryState.FAILED),
    Kept.EVENT_BODIES: _event_bodies,
}
