"""`cauri tenant reward`: by which rules payments credit wallets."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.cli import show
from adapters.cli.failures import DONE
from adapters.cli.setup_words import tenant_words
from adapters.cli.which_tenant import WhichTenant
from application.tenants.set_rewards import SetRewards
from domain.errors import Invalid
from domain.ports.tenants import Tenants
from domain.tenants.reward_rule import RewardRule


@dataclass(frozen=True, slots=True)
class RewardCustomers:
    set_rewards: SetRewards
    tenants: Tenants
    which: WhichTenant

    async def __call__(
        self, *, rules: Sequence[str], none: bool, tenant: str | None, json: bool
    ) -> int:
        if rules and none:
            raise Invalid("give rules, or --none", "reward")
        tenant_id = await self.which(tenant)
        if rules or none:
            changed = await self.set_rewards(tenant_id, rules_of(rules))
        else:
            changed = (await self.tenants.setup(tenant_id)).tenant
        if json:
            show.line(tenant_words(changed))
            return DONE
        for one in changed.rewards:
            show.say(one.words)
        if not changed.rewards:
            show.say("Payments earn nothing. Let them: cauri tenant reward '1 point per 10 PHP'")
        return DONE


def rules_of(texts: Sequence[str]) -> tuple[RewardRule, ...]:
    """Raises Invalid."""
    return tuple(RewardRule.parse(one) for one in texts)
