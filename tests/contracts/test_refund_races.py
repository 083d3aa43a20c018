"""Ending a refund while somebody else ends it: the later one sees what the earlier one did."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from application.payments.follow_rewards import FollowRewards
from application.refunds.amend_refund import AmendRefund
from domain.ids import PaymentId, TenantId
from domain.payments.evidence import Rank
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RefundState
from domain.ports.unit_of_work import Payments, UnitOfWork, Units
from tests.builders import ACME, a_paid_payment, a_refund, later, said, succeeded
from tests.storages import Storage

pytestmark = pytest.mark.anyio


Other = Callable[[], Awaitable[None]]


class OvertakenPayments:
    """A unit's payments; before the first is read, somebody else does something."""

    def __init__(self, payments: Payments, first: list[Other]) -> None:
        self._payments, self._first = payments, first

    async def get(self, payment_id: PaymentId) -> Payment:
        if self._first:
            await self._first.pop()()
        return await self._payments.get(payment_id)

    def save(self, payment: Payment) -> Payment:
        return self._payments.save(payment)


@dataclass
class Overtaken:
    """A storage's units with such payments."""

    units: Units
    first: list[Other]

    def __call__(self, tenant_id: TenantId) -> UnitOfWork:
        unit: Any = self.units(tenant_id)
        unit.payments = OvertakenPayments(unit.payments, self.first)
        overtaken: UnitOfWork = unit
        return overtaken


def paid_back(rank: Rank) -> Callable[[Refund], Refund]:
    """The change that hears that its money left."""

    def change(found: Refund) -> Refund:
        if found.is_final:
            return found
        return found.hear(said(succeeded(found.amount), rank, send=found.sends))

    return change


async def test_a_refund_that_a_query_ends_while_its_reply_is_stored_ends_once(
    storage: Storage,
) -> None:
    payment = a_paid_payment()
    refund = a_refund(payment).submit(later(1))
    async with storage.units(ACME) as unit:
        payment = unit.payments.add(payment.reserve(refund.amount))
        await unit.commit()
    async with storage.units(ACME) as unit:
        unit.refunds.add(refund)
        await unit.commit()
    rewards = FollowRewards(storage.tenants)

    async def by_query() -> None:
        await AmendRefund(storage.units, rewards)(ACME, refund.id, paid_back(Rank.QUERY))

    amend = AmendRefund(Overtaken(storage.units, [by_query]), rewards)
    ended = await amend(ACME, refund.id, paid_back(Rank.REPLY))
    assert ended.state is RefundState.SUCCEEDED
    async with storage.units(ACME) as unit:
        now = await unit.payments.get(payment.id)
        assert (await unit.refunds.get(refund.id)).version == ended.version
    assert (now.reserved_minor, now.refunded_minor) == (0, refund.amount.minor)
