"""Wallets, rewards and spends in dicts."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.memory.database import MemoryDatabase, Shelf
from adapters.memory.draft import NOTHING, Draft, Expected, Write
from domain.audit.dossier import Check
from domain.errors import NotFound
from domain.ids import PaymentId, SpendId, TenantId
from domain.money import Currency
from domain.ports.audit import Stray
from domain.ports.ledger import Postings
from domain.ports.wallets import Rewards, Spends, Wallets, WalletViews
from domain.values import replace
from domain.wallets.reward import Reward
from domain.wallets.spend import Spend
from domain.wallets.wallet import Wallet


class MemoryWallets(Wallets):
    __slots__ = ("_draft", "_ledger")

    def __init__(self, draft: Draft, ledger: Postings) -> None:
        self._draft, self._ledger = draft, ledger

    async def of(self, customer_id: str, unit: Currency) -> Wallet | None:
        return self._draft.shelf.wallets.get((customer_id, unit.code))

    def add(self, wallet: Wallet) -> Wallet:
        return self._put(wallet, wallet.version, NOTHING)

    def save(self, wallet: Wallet) -> Wallet:
        return self._put(wallet, wallet.version + 1, wallet.version)

    def _put(self, moved: Wallet, version: int, expected: int | Expected) -> Wallet:
        shelf = self._draft.shelf
        if moved.tenant_id != shelf.tenant_id:
            raise ValueError(f"wallet {moved.id} is another tenant's")
        stored = replace(moved, version=version, postings=())
        name = (moved.customer_id, moved.unit.code)
        self._draft.collect(Write(shelf.wallets, name, stored, expected))
        for one in moved.postings:
            self._ledger.post(one.journal, one.id)
        return stored


class MemoryRewards(Rewards):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    async def of(self, payment_id: PaymentId) -> Reward | None:
        return self._draft.shelf.rewards.get(payment_id)

    def add(self, reward: Reward) -> None:
        rewards = self._draft.shelf.rewards
        self._draft.collect(Write(rewards, reward.payment_id, reward, NOTHING))

    def save(self, reward: Reward) -> None:
        stored = replace(reward, version=reward.version + 1)
        rewards = self._draft.shelf.rewards
        self._draft.collect(Write(rewards, reward.payment_id, stored, reward.version))


class MemorySpends(Spends):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    async def get(self, spend_id: SpendId) -> Spend:
        if (found := self._draft.shelf.spends.get(spend_id)) is None:
            raise NotFound(f"spend {spend_id}")
        return found

    def add(self, spend: Spend) -> None:
        self._draft.collect(Write(self._draft.shelf.spends, spend.id, spend, NOTHING))

    def save(self, spend: Spend) -> None:
        stored = replace(spend, version=spend.version + 1)
        self._draft.collect(Write(self._draft.shelf.spends, spend.id, stored, spend.version))


@dataclass(frozen=True, slots=True)
class MemoryWalletViews(WalletViews):
    database: MemoryDatabase

    async def wallets(self, tenant_id: TenantId, customer_id: str) -> Sequence[Wallet]:
        mine = self.database.shelf(tenant_id).wallets.values()
        return sorted(
            [one for one in mine if one.customer_id == customer_id], key=lambda one: one.unit.code
        )


def unbalanced(shelf: Shelf) -> Iterator[Stray]:
    """Wallets whose balance is not the sum of their entries, in the words of the SQL adapter."""
    sums: dict[tuple[str, Currency], int] = defaultdict(int)
    for journal in shelf.journals.values():
        for one in journal.transfers:
            sums[one.credit, one.amount.currency] += one.amount.minor
            sums[one.debit, one.amount.currency] -= one.amount.minor
    for wallet in sorted(shelf.wallets.values(), key=lambda one: one.id):
        if wallet.balance_minor != (total := sums[wallet.account, wallet.unit]):
            told = f"holds {wallet.balance_minor}, its entries add up to {total}"
            yield Stray(Check.WALLETS, wallet.id, told)
