"""Change a refund together with its payment's counters, or neither."""

from collections.abc import Callable
from dataclasses import dataclass

from application.payments.amend import TRIES, refund_job
from application.payments.follow_rewards import FollowRewards
from domain.errors import Conflict, Overloaded, StaleVersion
from domain.ids import RefundId, TenantId
from domain.payments.refund import Refund
from domain.ports.unit_of_work import UnitOfWork, Units

AlsoRefund = Callable[[UnitOfWork, Refund], None]  # what is stored together with the change


def no_key(unit: UnitOfWork, refund: Refund) -> None:
    """The usual `also`."""


@dataclass(frozen=True, slots=True)
class AmendRefund:
    """A lost race is retried from a fresh read. Raises NotFound, Overloaded, and what a commit
    raises besides Conflict."""

    units: Units
    follow_rewards: FollowRewards

    async def __call__(
        self,
        tenant_id: TenantId,
        refund_id: RefundId,
        change: Callable[[Refund], Refund],
        *,
        also: AlsoRefund = no_key,
    ) -> Refund:
        """The stored refund. `change` may return what it was given: then nothing is written."""
        for _ in range(TRIES):
            async with self.units(tenant_id) as unit:
                found = await unit.refunds.get(refund_id)
                moved = change(found)
                stored = found if moved is found else unit.refunds.save(moved)
                try:
                    if moved.is_final and moved.state is not found.state and not moved.surplus:
                        await self._count(unit, found, moved)
                    if found.is_final and not moved.is_final:  # it came back, and is sent again
                        unit.jobs.enqueue(refund_job(moved, again=True))
                    also(unit, stored)
                    await unit.commit()
                except Conflict:
                    continue
            return stored
        raise Overloaded(f"refund {refund_id} is too busy; try again")

    async def _count(self, unit: UnitOfWork, found: Refund, moved: Refund) -> None:
        """The payment's counters, from all its refunds. Whatever ends one of them saves the
        payment, so nothing can have changed since it was read; but this one may have been ended
        before that, since `found` was read. Raises StaleVersion."""
        payment = await unit.payments.get(moved.payment_id)
        returned = (await unit.refunds.returned(moved.payment_id)).moved(found, moved)
        if returned.reserved_minor < 0:  # the counters would be refused before the version is
            raise StaleVersion(moved.id)
        counted = payment.counting(returned)
        unit.payments.save(counted)
        await self.follow_rewards(unit, payment, counted)
