"""The use cases of wallets over a world of tests.application."""

from dataclasses import dataclass, replace

import msgspec

from adapters.cli.wallets import rendered
from application.answers import Answer, RequestKey
from application.wallets.reward_payment import RewardPayment
from application.wallets.spend_wallet import NewReversal, NewSpend, ReverseSpend, SpendWallet
from application.wallets.wallet_history import WalletHistory, signed
from application.wallets.well_formed import reversal_bytes, spend_bytes
from domain.currencies import POINTS
from domain.ids import SpendId, TenantId
from domain.money import Currency, Money
from domain.payments.intent import Customer
from domain.payments.payment import Payment
from domain.ports.ledger import Entry
from domain.tenants.reward_rule import RewardRule
from domain.wallets.wallet import Wallet
from tests.application.world import World, a_world
from tests.builders import ACME, CountingIds, a_tenant
from tests.storages import Storage, memory_storage
from tests.wallets.builders import points

MARIA = Customer(id="cus_42", name="Maria Santos")
MOST = 200  # lines of a history in one page


@dataclass
class Till:
    """One merchant, with a rule."""

    world: World
    storage: Storage
    spend_wallet: SpendWallet
    reverse_spend: ReverseSpend
    reward_payment: RewardPayment
    history: WalletHistory

    async def pay(self, amount: str = "1500.00", key: str = "k1", who: Customer = MARIA) -> Payment:
        """Paid, and the worker has done all that follows."""
        payment = await self.world.pay(amount, key, customer=who, method="maya")
        self.world.companies.maya.pay(payment.attempts[-1].id)
        await self.world.work(5)
        return await self.world.payment(payment.id)

    async def set_rules(self, *rules: str) -> None:
        tenant = (await self.world.tenants.setup(ACME)).tenant
        parsed = tuple(RewardRule.parse(one) for one in rules)
        await self.world.tenants.save(replace(tenant, rewards=parsed))

    async def wallet(self, unit: Currency = POINTS, who: str = "cus_42") -> Wallet | None:
        async with self.world.units(ACME) as opened:
            return await opened.wallets.of(who, unit)

    async def balance(self, unit: Currency = POINTS, who: str = "cus_42") -> int:
        """In minor units; and it is what the ledger says."""
        found = await self.wallet(unit, who)
        moves = await self.moves(unit, who)
        balance = found.balance_minor if found is not None else 0
        assert balance == sum(signed(one).minor for one in moves)
        return balance

    async def moves(self, unit: Currency = POINTS, who: str = "cus_42") -> list[Entry]:
        """All of one wallet, newest first."""
        found: list[Entry] = []
        page = await self.history(ACME, who, unit, None, MOST)
        found += page.entries
        while page.next_before is not None:
            page = await self.history(ACME, who, unit, page.next_before, MOST)
            found += page.entries
        return found

    async def kinds(self, unit: Currency = POINTS) -> list[str]:
        """Oldest first."""
        return [one.kind.removeprefix("wallet_") for one in reversed(await self.moves(unit))]

    async def spend(
        self, minor: int, key: str = "s1", unit: Currency = POINTS, tenant_id: TenantId = ACME
    ) -> Answer:
        amount = Money(minor, unit)
        new = NewSpend(
            tenant_id=tenant_id,
            customer_id="cus_42",
            amount=amount,
            reference="order-2",
            reason="coffee",
        )
        fingerprint = spend_bytes("cus_42", amount, "order-2", "coffee")
        request = RequestKey("wallet_spend", key, fingerprint)
        return await self.spend_wallet(new, request, rendered)

    async def reverse(
        self, spend: str, minor: int | None = None, key: str = "b1", who: str = "cus_42"
    ) -> Answer:
        amount = points(minor) if minor is not None else None
        new = NewReversal(
            tenant_id=ACME, customer_id=who, spend_id=SpendId(spend), amount=amount, reason="no"
        )
        fingerprint = reversal_bytes(who, spend, amount, "no")
        request = RequestKey("wallet_reverse", key, fingerprint)
        return await self.reverse_spend(new, request, rendered)


def spend_id(answer: Answer) -> str:
    found: str = msgspec.json.decode(answer.body)["id"]
    return found


async def a_till(storage: Storage | None = None, *rules: str) -> Till:
    """Without a storage: one in memory. Without rules: 1 point per 10 PHP."""
    if storage is None:
        storage = memory_storage()
        await storage.tenants.add(a_tenant(ACME, name="Acme"))
    world = await a_world(storage)
    ids = CountingIds(900_000)
    till = Till(
        world=world,
        storage=storage,
        spend_wallet=SpendWallet(world.units, world.clock, ids),
        reverse_spend=ReverseSpend(world.units, world.clock),
        reward_payment=RewardPayment(world.units, world.clock, ids),
        history=WalletHistory(storage.wallets, storage.ledger),
    )
    await till.set_rules(*(rules or ("1 point per 10 PHP",)))
    return till
