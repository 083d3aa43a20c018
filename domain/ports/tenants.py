"""Port: who there is: tenants, their provider accounts and API keys. Over all tenants."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.ids import AccountId, KeyId, PaymentId, TenantId
from domain.tenants.api_key import ApiKey
from domain.tenants.tenant import ProviderAccount, Setup, Tenant


class Tenants(Protocol):
    """Writes are durable when the call returns."""

    @abstractmethod
    async def add(self, tenant: Tenant) -> None:
        """Raises DuplicateKey."""

    @abstractmethod
    async def save(self, tenant: Tenant) -> None:
        """Replace policy, limits, rewards and name. Raises NotFound."""

    @abstractmethod
    async def all(self, limit: int) -> Sequence[Tenant]:
        """Newest first, at most `limit`."""

    @abstractmethod
    async def setup(self, tenant_id: TenantId) -> Setup:
        """Raises NotFound. May be up to one second old, so that requests need not read it."""

    @abstractmethod
    async def tenant_of(self, payment_id: PaymentId) -> TenantId | None:
        """Whose payment it is: for callbacks that come to the address all share."""

    @abstractmethod
    async def add_account(self, account: ProviderAccount) -> None:
        """Raises DuplicateKey."""

    @abstractmethod
    async def save_account(self, account: ProviderAccount) -> None:
        """Raises StaleVersion."""

    @abstractmethod
    async def account(self, account_id: AccountId) -> ProviderAccount:
        """Raises NotFound. May be up to one second old."""

    @abstractmethod
    async def accounts_at(self, provider: str, limit: int) -> Sequence[ProviderAccount]:
        """The active ones of all tenants, oldest first, at most `limit`: for callbacks that name
        nothing we know."""

    @abstractmethod
    async def add_key(self, key: ApiKey) -> None:
        """Raises DuplicateKey."""

    @abstractmethod
    async def key(self, key_id: KeyId) -> ApiKey | None:
        """May be up to one second old, so a revoked key works that long at most."""

    @abstractmethod
    async def keys(self, tenant_id: TenantId) -> Sequence[ApiKey]:
        """All of a tenant's keys, revoked ones too; at most 1 000."""

    @abstractmethod
    async def revoke_key(self, key_id: KeyId, at: datetime) -> None:
        """Raises NotFound."""
