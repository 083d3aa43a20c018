"""Wallets with their postings, what payments earned, what was spent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.wallet import (
    REWARD_COLUMNS,
    SPEND_COLUMNS,
    WALLET_COLUMNS,
    reward_of,
    reward_row,
    spend_changes,
    spend_of,
    spend_row,
    wallet_changes,
    wallet_of,
    wallet_row,
)
from adapters.sql.writes import GuardedUpdate, Insert
from domain.errors import Conflict, DuplicateKey, NotFound
from domain.ids import PaymentId, SpendId, TenantId
from domain.money import Currency
from domain.ports.ledger import Postings
from domain.ports.wallets import Rewards, Spends, Wallets
from domain.values import replace
from domain.wallets.reward import Reward
from domain.wallets.spend import Spend
from domain.wallets.wallet import Posting, Wallet

Errors = dict[str, type[Conflict]]
WALLET_IN_USE: Final[Errors] = {"pk_wallets": DuplicateKey}
REWARD_IN_USE: Final[Errors] = {"pk_rewards": DuplicateKey}
SPEND_IN_USE: Final[Errors] = {"pk_spends": DuplicateKey}

_wallets, _rewards, _spends = t.wallets.c, t.rewards.c, t.spends.c
OF_CUSTOMER: Final = (
    select(*WALLET_COLUMNS)
    .where(
        _wallets.tenant_id == bindparam("tenant_id"),
        _wallets.customer_id == bindparam("customer_id"),
    )
    .order_by(_wallets.unit)
)
OF: Final = select(*WALLET_COLUMNS).where(
    _wallets.tenant_id == bindparam("tenant_id"),
    _wallets.customer_id == bindparam("customer_id"),
    _wallets.unit == bindparam("unit"),
)
REWARD: Final = select(*REWARD_COLUMNS).where(
    _rewards.payment_id == bindparam("id"), _rewards.tenant_id == bindparam("tenant_id")
)
SPEND: Final = select(*SPEND_COLUMNS).where(
    _spends.id == bindparam("id"), _spends.tenant_id == bindparam("tenant_id")
)


@dataclass(frozen=True, slots=True)
class SqlWallets(Wallets):
    draft: Draft
    ledger: Postings

    async def of(self, customer_id: str, unit: Currency) -> Wallet | None:
        rows = await self.draft.rows(OF, customer_id=customer_id, unit=unit.code)
        return wallet_of(rows[0], TenantId(self.draft.tenant_id)) if rows else None

    def add(self, wallet: Wallet) -> Wallet:
        self._check(wallet)
        self.draft.collect(Insert(t.wallets, wallet_row(wallet), WALLET_IN_USE))
        self._post(wallet.postings)
        return replace(wallet, postings=())

    def save(self, wallet: Wallet) -> Wallet:
        self._check(wallet)
        key = {"customer_id": wallet.customer_id, "unit": wallet.unit.code}
        changes = wallet_changes(wallet)
        self.draft.collect(GuardedUpdate(t.wallets, key, wallet.version, changes))
        self._post(wallet.postings)
        return replace(wallet, version=wallet.version + 1, postings=())

    def _check(self, wallet: Wallet) -> None:
        if wallet.tenant_id != self.draft.tenant_id:
            raise ValueError(f"wallet {wallet.id} is another tenant's")

    def _post(self, postings: Sequence[Posting]) -> None:
        for one in postings:
            self.ledger.post(one.journal, one.id)


@dataclass(frozen=True, slots=True)
class SqlRewards(Rewards):
    draft: Draft

    async def of(self, payment_id: PaymentId) -> Reward | None:
        rows = await self.draft.rows(REWARD, id=payment_id)
        return reward_of(rows[0], TenantId(self.draft.tenant_id)) if rows else None

    def add(self, reward: Reward) -> None:
        self.draft.collect(Insert(t.rewards, reward_row(reward), REWARD_IN_USE))

    def save(self, reward: Reward) -> None:
        key = {"payment_id": reward.payment_id}
        changes = {"granted_minor": reward.granted_minor}
        self.draft.collect(GuardedUpdate(t.rewards, key, reward.version, changes))


@dataclass(frozen=True, slots=True)
class SqlSpends(Spends):
    draft: Draft

    async def get(self, spend_id: SpendId) -> Spend:
        for row in await self.draft.rows(SPEND, id=spend_id):
            return spend_of(row, TenantId(self.draft.tenant_id))
        raise NotFound(f"spend {spend_id}")

    def add(self, spend: Spend) -> None:
        self.draft.collect(Insert(t.spends, spend_row(spend), SPEND_IN_USE))

    def save(self, spend: Spend) -> None:
        changes = spend_changes(spend)
        self.draft.collect(GuardedUpdate(t.spends, {"id": spend.id}, spend.version, changes))
