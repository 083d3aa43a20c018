"""Use case: bring a customer's wallet to what a payment has earned by now."""

from dataclasses import dataclass
from datetime import datetime

from application.payments.amend import TRIES
from domain.errors import Conflict, Overloaded
from domain.ids import EventId, PaymentId
from domain.money import Money
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.jobs import Job
from domain.ports.unit_of_work import UnitOfWork, Units
from domain.wallets.reward import Reward
from domain.wallets.wallet import Wallet
from domain.webhooks.told import Told, Topic


@dataclass(frozen=True, slots=True)
class RewardPayment:
    """Handler of REWARD jobs. It posts the difference between what is due and what is granted, so
    it may run twice, late, or beside itself.

    The reward is read before the payment, and its version is guarded: of two that run side by side
    one is refused and reads again. Whatever moves the payment enqueues another job in its commit,
    so the last one to run has seen the last move.
    """

    units: Units
    clock: Clock
    ids: Ids

    async def __call__(self, job: Job) -> None:
        payment_id = PaymentId(job.about["payment"])
        for _ in range(TRIES):
            async with self.units(job.tenant_id) as unit:
                reward = await unit.rewards.of(payment_id)
                if reward is None or not await self._grant(unit, reward):
                    return
                try:
                    await unit.commit()
                except Conflict:
                    continue
            return
        raise Overloaded(f"the wallet of payment {payment_id} is too busy")

    async def _grant(self, unit: UnitOfWork, reward: Reward) -> bool:
        """Whether there is anything to store."""
        more = reward.due(await unit.payments.show(reward.payment_id))
        if not more.minor:
            return False
        now = self.clock.now()
        if (wallet := await unit.wallets.of(reward.customer_id, more.currency)) is not None:
            stored = unit.wallets.save(wallet.reward(reward, more, now))
        else:
            stored = unit.wallets.add(self._new(reward, now).reward(reward, more, now))
        unit.rewards.save(reward.granted(more))
        if more.minor > 0:
            unit.feed.tell(credited(stored, reward, more))
        return True

    def _new(self, reward: Reward, now: datetime) -> Wallet:
        return Wallet(
            id=self.ids.wallet_id(),
            tenant_id=reward.tenant_id,
            customer_id=reward.customer_id,
            unit=reward.rule.unit,
            created_at=now,
            updated_at=now,
        )


def credited(wallet: Wallet, reward: Reward, more: Money) -> Told:
    """What merchants hear. Its id rises with the wallet's moves, so they are told in order."""
    return Told(
        id=EventId(f"evt_{wallet.id[4:]}{wallet.version:08d}"),
        topic=Topic.WALLET_CREDITED,
        at=wallet.updated_at,
        subject=wallet.id,
        payment_id=reward.payment_id,
        data={
            "customerId": wallet.customer_id,
            "walletId": wallet.id,
            "unit": wallet.unit.code,
            "amount": more.major,
            "balance": wallet.balance.major,
            "paymentId": reward.payment_id,
        },
    )
