"""Change a payment: read, change, save; a lost race is retried from a fresh read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.payments.follow_rewards import FollowRewards
from domain.errors import Conflict, Overloaded
from domain.ids import JobId, PaymentId, RefundId, TenantId
from domain.payments.attempt import Attempt
from domain.payments.events import EventType
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.ports.jobs import Job, JobKind
from domain.ports.providers import Providers
from domain.ports.unit_of_work import UnitOfWork, Units

TRIES: Final = 64  # lost races in a row; each means that somebody else got on

Change = Callable[[Payment], Payment]
Also = Callable[[UnitOfWork, Payment], None]  # what is stored together with the change


def nothing_else(unit: UnitOfWork, payment: Payment) -> None:
    """The usual Also."""


@dataclass(frozen=True, slots=True)
class Amended:
    """The stored payment, and the attempt that this very change opened: ours to send."""

    payment: Payment
    opened: Attempt | None = None


@dataclass(frozen=True, slots=True)
class AmendPayment:
    """The only way in which a stored payment changes, with the work that follows from it.

    `payment` may be a value read earlier: it is tried first, which saves a read. Raises NotFound,
    Overloaded, and what a commit raises besides Conflict.
    """

    units: Units
    providers: Providers
    follow_rewards: FollowRewards

    async def __call__(
        self,
        tenant_id: TenantId,
        payment_id: PaymentId,
        change: Change,
        *,
        also: Also = nothing_else,
        payment: Payment | None = None,
    ) -> Amended:
        for _ in range(TRIES):
            async with self.units(tenant_id) as unit:
                found = payment or await unit.payments.get(payment_id)
                moved = change(found)
                stored = found if moved is found else unit.payments.save(moved)
                self._follow(unit, found, moved)
                await self.follow_rewards(unit, found, moved)
                also(unit, stored)
                try:
                    await unit.commit()
                except Conflict:
                    payment = None
                    continue
            return Amended(stored, moved.opened if moved is not found else None)
        raise Overloaded(f"payment {payment_id} is too busy; try again")

    def _follow(self, unit: UnitOfWork, found: Payment, moved: Payment) -> None:
        """Enqueue the work that this change makes necessary."""
        if moved is found:
            return
        if moved.opened is not None:
            unit.jobs.enqueue(self.inquiry(moved, moved.opened))
        for before, attempt in zip(found.attempts, moved.attempts, strict=False):
            if attempt.is_live and not before.is_live:  # it was closed, and it is not after all
                unit.jobs.enqueue(self.inquiry(moved, attempt, again=True))
        for event in moved.events[len(found.events) :]:
            if event.attempt_id is None:
                continue
            attempt = moved.attempt(event.attempt_id)
            if event.type is EventType.SURPLUS:
                give_back = surplus_refund(moved, attempt)
                unit.refunds.add(give_back)
                unit.jobs.enqueue(refund_job(give_back))

    def inquiry(self, payment: Payment, attempt: Attempt, *, again: bool = False) -> Job:
        """The job that asks about an attempt until it is final. `again`: it was final, and what
        was heard since contradicts that, so it asks at once."""
        delay_s = 0 if again else self.providers.profiles[attempt.provider].next_ask_s(0)
        at = payment.updated_at if again else attempt.opened_at
        suffix = f":{len(attempt.evidence)}" if again else ""
        return Job(
            id=JobId(f"inquire:{attempt.id}{suffix}"),
            tenant_id=payment.tenant_id,
            kind=JobKind.INQUIRE,
            run_at=at + timedelta(seconds=delay_s),
            about={"payment": payment.id, "attempt": attempt.id},
        )


def surplus_refund(payment: Payment, attempt: Attempt) -> Refund:
    """What gives money back that does not pay the payment. Its id follows from the attempt's:
    there is only one."""
    return Refund(
        id=RefundId(f"rfd_{attempt.id[4:]}"),
        tenant_id=payment.tenant_id,
        payment_id=payment.id,
        attempt_id=attempt.id,
        account_id=attempt.account_id,
        provider=attempt.provider,
        amount=attempt.took,
        reason="paid twice" if attempt.taken is None else "another amount than was due",
        created_at=payment.updated_at,
        updated_at=payment.updated_at,
        surplus=True,
    )


def refund_job(refund: Refund, delay_s: int = 0, *, again: bool = False) -> Job:
    """The job that sends a refund, or asks about one that was sent. `again`: it was told as done,
    and came back."""
    suffix = f":{len(refund.evidence)}" if again else ""
    at = refund.updated_at if again else refund.created_at
    return Job(
        id=JobId(f"refund:{refund.id}{suffix}"),
        tenant_id=refund.tenant_id,
        kind=JobKind.SEND_REFUND,
        run_at=at + timedelta(seconds=delay_s),
        about={"payment": refund.payment_id, "refund": refund.id},
    )
