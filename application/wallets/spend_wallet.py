"""Use cases: spend from a wallet, and give back what was spent. Each once per request."""

from collections.abc import Callable
from dataclasses import dataclass

from application.answers import Answer, RequestKey, known
from application.payments.amend import TRIES
from domain.errors import Conflict, NotFound, Overloaded, WalletBalanceTooLow
from domain.ids import SpendId, TenantId
from domain.money import Money
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.unit_of_work import UnitOfWork, Units
from domain.wallets.spend import Spend
from domain.wallets.wallet import Wallet

Render = Callable[[Spend, Wallet], Answer]  # the wallet as it is then


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSpend:
    tenant_id: TenantId
    customer_id: str
    amount: Money
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class SpendWallet:
    """The balance is guarded by the wallet's version, so parallel spends never use more than is
    there. Spend, balance, journal and the key's answer are one commit.

    Raises WalletBalanceTooLow, KeyReused, Overloaded.
    """

    units: Units
    clock: Clock
    ids: Ids

    async def __call__(self, new: NewSpend, key: RequestKey, render: Render) -> Answer:
        spend_id = self.ids.spend_id()
        for _ in range(TRIES):
            now = self.clock.now()
            if (again := await known(self.units, new.tenant_id, key, now)) and again.answer:
                return again.answer
            async with self.units(new.tenant_id) as unit:
                answer = await self._spent(unit, new, spend_id, key, render)
                try:
                    await unit.commit()
                except Conflict:
                    continue
            return answer
        raise Overloaded(f"the wallet of {new.customer_id} is too busy; try again")

    async def _spent(
        self, unit: UnitOfWork, new: NewSpend, spend_id: SpendId, key: RequestKey, render: Render
    ) -> Answer:
        code = new.amount.currency.code
        if (wallet := await unit.wallets.of(new.customer_id, new.amount.currency)) is None:
            raise WalletBalanceTooLow(f"nothing was ever credited to this customer in {code}")
        spend = Spend(
            id=spend_id,
            tenant_id=new.tenant_id,
            customer_id=new.customer_id,
            wallet_id=wallet.id,
            amount=new.amount,
            reference=new.reference,
            reason=new.reason,
            created_at=self.clock.now(),
        )
        stored = unit.wallets.save(wallet.spend(spend))
        unit.spends.add(spend)
        answer = render(spend, stored)
        unit.keys.add(key.record(spend.id, spend.created_at, answer))
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReversal:
    """`amount` None is all that was spent."""

    tenant_id: TenantId
    customer_id: str
    spend_id: SpendId
    amount: Money | None
    reason: str


@dataclass(frozen=True, slots=True)
class ReverseSpend:
    """Once for each spend, at most its amount; guarded by the spend's version and the wallet's.

    Raises NotFound, SpendAlreadyReversed, Invalid, KeyReused, Overloaded.
    """

    units: Units
    clock: Clock

    async def __call__(self, new: NewReversal, key: RequestKey, render: Render) -> Answer:
        for _ in range(TRIES):
            now = self.clock.now()
            if (again := await known(self.units, new.tenant_id, key, now)) and again.answer:
                return again.answer
            async with self.units(new.tenant_id) as unit:
                answer = await self._reversed(unit, new, key, render)
                try:
                    await unit.commit()
                except Conflict:
                    continue
            return answer
        raise Overloaded(f"the wallet of {new.customer_id} is too busy; try again")

    async def _reversed(
        self, unit: UnitOfWork, new: NewReversal, key: RequestKey, render: Render
    ) -> Answer:
        found = await unit.spends.get(new.spend_id)
        if found.customer_id != new.customer_id:
            raise NotFound(f"spend {new.spend_id}")
        now = self.clock.now()
        spend = found.reverse(new.amount, now)
        wallet = await unit.wallets.of(spend.customer_id, spend.amount.currency)
        assert wallet is not None  # a spend has one, and wallets are never removed
        stored = unit.wallets.save(wallet.restore(spend, now, new.reason))
        unit.spends.save(spend)
        answer = render(spend, stored)
        unit.keys.add(key.record(spend.id, now, answer))
        return answer
