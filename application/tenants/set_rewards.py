"""Use case: by which rules payments credit wallets from now on."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.ids import TenantId
from domain.ports.tenants import Tenants
from domain.tenants.reward_rule import RewardRule
from domain.tenants.tenant import Tenant
from domain.values import replace


@dataclass(frozen=True, slots=True)
class SetRewards:
    """Replaces all rules. What was paid before keeps the rule it was paid under.

    Raises NotFound; Invalid for two rules of one currency.
    """

    tenants: Tenants

    async def __call__(self, tenant_id: TenantId, rewards: Sequence[RewardRule]) -> Tenant:
        tenant = (await self.tenants.setup(tenant_id)).tenant
        changed = replace(tenant, rewards=tuple(rewards))
        await self.tenants.save(changed)
        return changed
