"""Use case: a new tenant."""

from dataclasses import dataclass

from domain.errors import Invalid
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.tenants import Tenants
from domain.tenants.reward_rule import RewardRule
from domain.tenants.tenant import Policy, Tenant


@dataclass(frozen=True, slots=True)
class OpenTenant:
    """Raises Invalid for a name that is empty or longer than 100 characters."""

    tenants: Tenants
    clock: Clock
    ids: Ids

    async def __call__(
        self, name: str, policy: Policy | None = None, rewards: tuple[RewardRule, ...] = ()
    ) -> Tenant:
        name = name.strip()
        if not 0 < len(name) <= 100:
            raise Invalid("a name has 1 to 100 characters", "name")
        tenant = Tenant(
            id=self.ids.tenant_id(),
            name=name,
            created_at=self.clock.now(),
            policy=policy or Policy(),
            rewards=rewards,
        )
        await self.tenants.add(tenant)
        return tenant
