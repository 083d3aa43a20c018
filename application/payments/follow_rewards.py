"""With a payment's move: what it means for its customer's wallet is stored in the same commit."""

from dataclasses import dataclass

from domain.ids import JobId
from domain.payments.outcome import Succeeded
from domain.payments.payment import Payment
from domain.ports.jobs import Job, JobKind
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import UnitOfWork
from domain.wallets.reward import Reward, kept


@dataclass(frozen=True, slots=True)
class FollowRewards:
    """The rule is kept with the payment when it is paid for the first time, and a job is enqueued
    each time when what the merchant keeps of it has changed.

    Costs nothing unless a known customer's payment moved so; reads nothing but the tenant's setup,
    which is at hand, unless money was heard of before.
    """

    tenants: Tenants

    async def __call__(self, unit: UnitOfWork, found: Payment, moved: Payment) -> None:
        if moved.intent.customer.id is None or kept(moved) == kept(found):
            return
        known = await unit.rewards.of(moved.id) if _heard_of_money(found) else None
        if known is None:
            if found.paid_by is not None or moved.paid_by is None:
                return  # what was paid under no rule does not come under one by a refund
            if (new := await self._reward(moved, moved.intent.customer.id)) is None:
                return
            unit.rewards.add(new)
        unit.jobs.enqueue(reward_job(moved))

    async def _reward(self, payment: Payment, customer_id: str) -> Reward | None:
        tenant = (await self.tenants.setup(payment.tenant_id)).tenant
        if (rule := tenant.reward_for(payment.amount)) is None:
            return None
        return Reward(
            payment_id=payment.id,
            tenant_id=payment.tenant_id,
            customer_id=customer_id,
            rule=rule,
            created_at=payment.updated_at,
        )


def reward_job(payment: Payment) -> Job:
    """The job that brings the wallet to what the payment has earned. Its id names the move: the
    payment is saved with each, and so has another version."""
    return Job(
        id=JobId(f"reward:{payment.id}:{payment.version}"),
        tenant_id=payment.tenant_id,
        kind=JobKind.REWARD,
        run_at=payment.updated_at,
        about={"payment": payment.id},
    )


def _heard_of_money(payment: Payment) -> bool:
    """Whether anybody ever said it was paid: before that it has no reward."""
    return any(isinstance(e.answer, Succeeded) for one in payment.attempts for e in one.evidence)
