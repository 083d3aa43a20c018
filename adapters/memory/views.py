"""Lists and histories, read from the shelves."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.memory.database import MemoryDatabase
from adapters.memory.payments import committed, without_evidence
from domain.errors import NotFound
from domain.ids import PaymentId, RefundId, TenantId
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.status import PaymentStatus, needs_person
from domain.ports.views import Page, PaymentFilter, TimelineEntry, Views
from domain.values import replace

MOST: Final = 1000  # events or refunds of one payment

Test = Callable[[Payment], bool]


@dataclass(frozen=True, slots=True)
class MemoryViews(Views):
    database: MemoryDatabase

    async def payments(
        self, tenant_id: TenantId, which: PaymentFilter, before: PaymentId | None, limit: int
    ) -> Page:
        shelf, holds = self.database.shelf(tenant_id), _test(which)
        end = len(shelf.in_order)
        if before is not None:
            first = shelf.payments.get(before)
            end = bisect_left(shelf.in_order, (first.intent.created_at, before)) if first else 0
        page: list[Payment] = []
        for place in range(end - 1, -1, -1):
            payment = shelf.payments[shelf.in_order[place][1]]
            if not holds(payment):
                continue
            if len(page) == limit:
                return Page(page, page[-1].id)
            page.append(without_evidence(payment))
        return Page(page, None)

    async def timeline(self, tenant_id: TenantId, payment_id: PaymentId) -> Sequence[TimelineEntry]:
        shelf = self.database.shelf(tenant_id)
        committed(shelf, payment_id)
        events = sorted(shelf.events.get(payment_id, ()), key=lambda row: row[:2])
        return [
            TimelineEntry(
                number,
                one.type,
                one.at,
                one.cause,
                one.attempt_id,
                one.refund_id,
                one.data or {},
                one.correlation_id,
            )
            for number, (_, _, one) in enumerate(events[:MOST], 1)
        ]

    async def refunds(self, tenant_id: TenantId, payment_id: PaymentId) -> Sequence[Refund]:
        shelf = self.database.shelf(tenant_id)
        found = [shelf.refunds[one] for one in shelf.refunds_of.get(payment_id, ())]
        found.sort(key=lambda one: (one.created_at, one.id))
        return [replace(one, evidence=()) for one in found[:MOST]]

    async def awaiting(self, tenant_id: TenantId, limit: int) -> Sequence[Payment]:
        shelf, queue = self.database.shelf(tenant_id), list[Payment]()
        for _, payment_id in shelf.in_order:
            payment = shelf.payments[payment_id]
            waits = payment.status is PaymentStatus.AWAITING_VERIFICATION
            if (waits or any(needs_person(one) for one in payment.attempts)) and len(queue) < limit:
                queue.append(without_evidence(payment))
        return queue

    async def awaiting_refunds(self, tenant_id: TenantId, limit: int) -> Sequence[Refund]:
        refunds = self.database.shelf(tenant_id).refunds.values()
        found = [replace(one, evidence=()) for one in refunds if one.with_person]
        return sorted(found, key=lambda one: (one.created_at, one.id))[:limit]

    async def refund(self, tenant_id: TenantId, refund_id: RefundId) -> Refund:
        if (found := self.database.shelf(tenant_id).refunds.get(refund_id)) is None:
            raise NotFound(f"refund {refund_id}")
        return replace(found, evidence=())


def _test(which: PaymentFilter) -> Test:
    """All that is set must hold."""
    since, until = which.since, which.until
    tests: list[Test] = []
    if which.status is not None:
        tests.append(lambda one: one.status == which.status)
    if which.provider is not None:
        tests.append(lambda one: _provider(one) == which.provider)
    if which.currency is not None:
        tests.append(lambda one: one.amount.currency.code == which.currency)
    if which.customer_id is not None:
        tests.append(lambda one: one.intent.customer.id == which.customer_id)
    if which.reference is not None:
        tests.append(lambda one: one.intent.reference == which.reference)
    if since is not None:
        tests.append(lambda one: one.intent.created_at >= since)
    if until is not None:
        tests.append(lambda one: one.intent.created_at < until)
    if which.q:
        fragment = which.q.casefold()
        tests.append(lambda one: fragment in _words(one))
    return lambda one: all(test(one) for test in tests)


def _provider(payment: Payment) -> str | None:
    current = payment.current
    return current.provider if current is not None else None


def _words(payment: Payment) -> str:
    """What a person may search for, a line each, so that no fragment spans two of them."""
    customer = payment.intent.customer
    words = (payment.id, payment.intent.reference, customer.name, customer.email, customer.phone)
    return "\n".join(word for word in words if word).casefold()
