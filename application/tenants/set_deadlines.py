"""Use case: give an account deadlines of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import NotFound
from domain.ids import AccountId, TenantId
from domain.ports.providers import Providers
from domain.ports.tenants import Tenants
from domain.tenants.tenant import ProviderAccount
from domain.values import replace


@dataclass(frozen=True, slots=True)
class SetDeadlines:
    """Calls that are under way keep theirs. Raises NotFound, Invalid, StaleVersion."""

    tenants: Tenants
    providers: Providers

    async def __call__(
        self, tenant_id: TenantId, account_id: AccountId, seconds: Mapping[str, int]
    ) -> ProviderAccount:
        """`seconds` by operation replace all that the account had; the rest is as usual."""
        account = await self.tenants.account(account_id)
        if account.tenant_id != tenant_id:
            raise NotFound(f"account {account_id}")
        changed = replace(account, deadlines=dict(seconds))
        self.providers.deadlines(changed)  # says no to what can't be
        await self.tenants.save_account(changed)
        return replace(changed, version=account.version + 1)
