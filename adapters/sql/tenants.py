"""Who there is. Requests read it from memory; it is a second old at most."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select, update

from adapters.sql import tables as t
from adapters.sql.recent import Recent
from adapters.sql.rows.tenant import (
    ACCOUNT_COLUMNS,
    KEY_COLUMNS,
    TENANT_COLUMNS,
    account_changes,
    account_of,
    account_row,
    key_of,
    key_row,
    tenant_changes,
    tenant_of,
    tenant_row,
)
from adapters.sql.rows.values import us
from adapters.sql.writes import (
    Committer,
    GuardedUpdate,
    Insert,
    Reads,
    Row,
    Store,
    Write,
    WriteSet,
)
from domain.errors import DuplicateKey, NotFound
from domain.ids import AccountId, KeyId, PaymentId, TenantId
from domain.ports.clock import Clock
from domain.ports.tenants import Tenants
from domain.tenants.api_key import ApiKey
from domain.tenants.tenant import ProviderAccount, Setup, Tenant

MOST_KEYS: Final = 1000
WIDTH: Final = len(TENANT_COLUMNS)

SETUP: Final = (
    select(*TENANT_COLUMNS, *ACCOUNT_COLUMNS)
    .select_from(
        t.tenants.outerjoin(
            t.provider_accounts, t.provider_accounts.c.tenant_id == t.tenants.c.tenant_id
        )
    )
    .where(t.tenants.c.tenant_id == bindparam("id"))
    .order_by(t.provider_accounts.c.created_at, t.provider_accounts.c.id)
)
ACCOUNT: Final = select(*ACCOUNT_COLUMNS).where(t.provider_accounts.c.id == bindparam("id"))
AT: Final = (
    select(*ACCOUNT_COLUMNS)
    .where(t.provider_accounts.c.provider == bindparam("provider"), t.SERVING)
    .order_by(t.provider_accounts.c.created_at, t.provider_accounts.c.id)
    .limit(bindparam("limit"))
)
KEY: Final = select(*KEY_COLUMNS).where(t.api_keys.c.id == bindparam("id"))
KEYS: Final = (
    select(*KEY_COLUMNS)
    .where(t.api_keys.c.tenant_id == bindparam("id"))
    .order_by(t.api_keys.c.created_at, t.api_keys.c.id)
    .limit(MOST_KEYS)
)
NEWEST: Final = (
    select(*TENANT_COLUMNS)
    .order_by(t.tenants.c.created_at.desc(), t.tenants.c.tenant_id.desc())
    .limit(bindparam("limit"))
)
OWNER: Final = select(t.payments.c.tenant_id).where(t.payments.c.id == bindparam("id"))
SAVE: Final = (
    update(t.tenants)
    .values(
        name=bindparam("new_name"),
        policy=bindparam("new_policy"),
        limits=bindparam("new_limits"),
        rewards=bindparam("new_rewards"),
    )
    .where(t.tenants.c.tenant_id == bindparam("id"))
    .returning(t.tenants.c.tenant_id)
)
REVOKE: Final = (
    update(t.api_keys)
    .values(revoked_at=func.coalesce(t.api_keys.c.revoked_at, bindparam("moment")))
    .where(t.api_keys.c.id == bindparam("key_id"))
    .returning(t.api_keys.c.tenant_id)
)


class SqlTenants(Tenants):
    """Our own writes are seen at once; those of another process within a second."""

    def __init__(self, store: Store, committer: Committer, reads: Reads, clock: Clock) -> None:
        self._store, self._committer, self._reads = store, committer, reads
        self._setups = Recent[TenantId, Setup](clock, self._read_setup)
        self._accounts = Recent[AccountId, ProviderAccount](clock, self._read_account)
        self._keys = Recent[KeyId, ApiKey](clock, self._read_key)

    async def add(self, tenant: Tenant) -> None:
        await self._write(
            tenant.id, Insert(t.tenants, tenant_row(tenant), {"pk_tenants": DuplicateKey})
        )
        self._setups.forget(tenant.id)

    async def save(self, tenant: Tenant) -> None:
        values = {f"new_{name}": value for name, value in tenant_changes(tenant).items()}
        if not await self._store.returning(SAVE, {**values, "id": tenant.id}):
            raise NotFound(f"tenant {tenant.id}")
        self._setups.forget(tenant.id)

    async def all(self, limit: int) -> Sequence[Tenant]:
        rows = await self._reads.platform_rows(NEWEST, {"limit": limit})
        return [tenant_of(row) for row in rows]

    async def setup(self, tenant_id: TenantId) -> Setup:
        if (found := await self._setups.of(tenant_id)) is None:
            raise NotFound(f"tenant {tenant_id}")
        return found

    async def tenant_of(self, payment_id: PaymentId) -> TenantId | None:
        rows = await self._reads.platform_rows(OWNER, {"id": payment_id}, every_tenant=True)
        return rows[0][0] if rows else None

    async def add_account(self, account: ProviderAccount) -> None:
        errors = {"pk_provider_accounts": DuplicateKey}
        await self._write(
            account.tenant_id, Insert(t.provider_accounts, account_row(account), errors)
        )
        self._forget(account)

    async def save_account(self, account: ProviderAccount) -> None:
        changes = account_changes(account)
        key = {"id": account.id}
        await self._write(
            account.tenant_id, GuardedUpdate(t.provider_accounts, key, account.version, changes)
        )
        self._forget(account)

    async def account(self, account_id: AccountId) -> ProviderAccount:
        if (found := await self._accounts.of(account_id)) is None:
            raise NotFound(f"account {account_id}")
        return found

    async def accounts_at(self, provider: str, limit: int) -> Sequence[ProviderAccount]:
        values: Row = {"provider": provider, "limit": limit}
        return [account_of(row) for row in await self._reads.platform_rows(AT, values)]

    async def add_key(self, key: ApiKey) -> None:
        await self._write(
            key.tenant_id, Insert(t.api_keys, key_row(key), {"pk_api_keys": DuplicateKey})
        )
        self._keys.forget(key.id)

    async def key(self, key_id: KeyId) -> ApiKey | None:
        return await self._keys.of(key_id)

    async def keys(self, tenant_id: TenantId) -> Sequence[ApiKey]:
        return [key_of(row) for row in await self._reads.platform_rows(KEYS, {"id": tenant_id})]

    async def revoke_key(self, key_id: KeyId, at: datetime) -> None:
        values: Row = {"key_id": key_id, "moment": us(at)}
        if not await self._store.returning(REVOKE, values):
            raise NotFound(f"key {key_id}")
        self._keys.forget(key_id)

    async def _write(self, tenant_id: TenantId, write: Write) -> None:
        await self._committer.commit(WriteSet(tenant_id, [write]))

    def _forget(self, account: ProviderAccount) -> None:
        self._accounts.forget(account.id)
        self._setups.forget(account.tenant_id)

    async def _read_setup(self, tenant_id: TenantId) -> Setup | None:
        if not (rows := await self._reads.platform_rows(SETUP, {"id": tenant_id})):
            return None
        accounts = tuple([account_of(row[WIDTH:]) for row in rows if row[WIDTH] is not None])
        return Setup(tenant_of(rows[0][:WIDTH]), accounts)

    async def _read_account(self, account_id: AccountId) -> ProviderAccount | None:
        rows = await self._reads.platform_rows(ACCOUNT, {"id": account_id})
        return account_of(rows[0]) if rows else None

    async def _read_key(self, key_id: KeyId) -> ApiKey | None:
        rows = await self._reads.platform_rows(KEY, {"id": key_id})
        return key_of(rows[0]) if rows else None
