"""Change a refund together with its payment's counters, or neither."""

from collections.abc import Callable
from dataclasses import dataclass

from application.payments.amend import TRIES
from domain.errors import Conflict, Overloaded
from domain.ids import RefundId, TenantId
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RefundState
from domain.ports.unit_of_work import UnitOfWork, Units

AlsoRefund = Callable[[UnitOfWork, Refund], None]  # what is stored together with the change


def no_key(unit: UnitOfWork, refund: Refund) -> None:
    """The usual `also`."""


@dataclass(frozen=True, slots=True)
class AmendRefund:
    """A lost race is retried from a fresh read. Raises NotFound, Overloaded, and what a commit
    raises besides Conflict."""

    units: Units

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
                if moved.is_final and moved.state is not found.state and not moved.surplus:
                    payment = await unit.payments.get(moved.payment_id)
                    unit.payments.save(_counted(payment, found, moved))
                also(unit, stored)
                try:
                    await unit.commit()
                except Conflict:
                    continue
            return stored
        raise Overloaded(f"refund {refund_id} is too busy; try again")


def _counted(payment: Payment, found: Refund, moved: Refund) -> Payment:
    """The payment's counters after its refund has ended, or has ended otherwise than was told."""
    if found.is_final:  # it had failed, and its reservation was given up; the money moved after all
        return payment.returned_after_all(moved.amount)
    return payment.give_back(moved.amount, moved=moved.state is RefundState.SUCCEEDED)
