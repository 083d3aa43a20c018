"""Who there is, in dicts. What is read is never old."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from adapters.memory.database import MemoryDatabase
from domain.errors import DuplicateKey, NotFound, StaleVersion
from domain.ids import AccountId, KeyId, PaymentId, TenantId
from domain.ports.tenants import Tenants
from domain.tenants.api_key import ApiKey
from domain.tenants.tenant import ProviderAccount, Setup, Tenant
from domain.values import replace

MOST_KEYS: Final = 1000

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class MemoryTenants(Tenants):
    database: MemoryDatabase

    async def add(self, tenant: Tenant) -> None:
        _add(self.database.tenants, tenant.id, tenant)

    async def save(self, tenant: Tenant) -> None:
        known = self._tenant(tenant.id)
        self.database.tenants[tenant.id] = replace(tenant, created_at=known.created_at)

    async def all(self, limit: int) -> Sequence[Tenant]:
        newest_first = sorted(
            self.database.tenants.values(), key=lambda one: (one.created_at, one.id), reverse=True
        )
        return newest_first[:limit]

    async def setup(self, tenant_id: TenantId) -> Setup:
        tenant = self._tenant(tenant_id)
        accounts = [one for one in self.database.accounts.values() if one.tenant_id == tenant_id]
        return Setup(tenant, tuple(accounts))

    async def tenant_of(self, payment_id: PaymentId) -> TenantId | None:
        return self.database.owners.get(payment_id)

    async def add_account(self, account: ProviderAccount) -> None:
        _add(self.database.accounts, account.id, account)

    async def save_account(self, account: ProviderAccount) -> None:
        known = self.database.accounts.get(account.id)
        if known is None or (known.version, known.tenant_id) != (
            account.version,
            account.tenant_id,
        ):
            raise StaleVersion(f"account {account.id}")
        self.database.accounts[account.id] = replace(account, version=account.version + 1)

    async def account(self, account_id: AccountId) -> ProviderAccount:
        if (found := self.database.accounts.get(account_id)) is None:
            raise NotFound(f"account {account_id}")
        return found

    async def accounts_at(self, provider: str, limit: int) -> Sequence[ProviderAccount]:
        there = [
            one
            for one in self.database.accounts.values()
            if one.provider == provider and one.active
        ]
        return sorted(there, key=lambda one: (one.created_at, one.id))[:limit]

    async def add_key(self, key: ApiKey) -> None:
        _add(self.database.keys, key.id, key)

    async def key(self, key_id: KeyId) -> ApiKey | None:
        return self.database.keys.get(key_id)

    async def keys(self, tenant_id: TenantId) -> Sequence[ApiKey]:
        mine = [one for one in self.database.keys.values() if one.tenant_id == tenant_id]
        return mine[:MOST_KEYS]

    async def revoke_key(self, key_id: KeyId, at: datetime) -> None:
        if (found := self.database.keys.get(key_id)) is None:
            raise NotFound(f"key {key_id}")
        if found.revoked_at is None:
            self.database.keys[key_id] = replace(found, revoked_at=at)

    def _tenant(self, tenant_id: TenantId) -> Tenant:
        if (found := self.database.tenants.get(tenant_id)) is None:
            raise NotFound(f"tenant {tenant_id}")
        return found


def _add(table: dict[K, V], key: K, value: V) -> None:
    if key in table:
        raise DuplicateKey(f"{key} is in use")
    table[key] = value
