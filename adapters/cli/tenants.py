"""`cauri tenant`: open and list tenants."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adapters.cli import show
from adapters.cli.rewards import rules_of
from adapters.cli.setup_words import tenant_words
from application.tenants.open_tenant import OpenTenant
from domain.errors import Invalid
from domain.ports.clock import Clock
from domain.ports.providers import Providers
from domain.ports.tenants import Tenants
from domain.tenants.tenant import Policy, Strategy


@dataclass(frozen=True, slots=True)
class CreateTenant:
    open_tenant: OpenTenant
    providers: Providers

    async def __call__(
        self,
        *,
        name: str,
        order: str | None,
        strategy: str | None,
        split: str | None,
        rewards: Sequence[str],
        json: bool,
    ) -> int:
        policy = policy_of(order, strategy, split)
        self._check(policy.order if order else (), "order")
        self._check(policy.split, "split")
        tenant = await self.open_tenant(name, policy, rules_of(rewards))
        if json:
            show.line(tenant_words(tenant))
            return 0
        show.say(f"{tenant.id}  {tenant.name}")
        show.say(f"Next: cauri account connect --tenant {tenant.id} --provider CODE")
        return 0

    def _check(self, codes: Iterable[str], field: str) -> None:
        """A mistyped code would never be chosen, and nobody would be told. Raises Invalid."""
        if unknown := sorted(set(codes) - self.providers.profiles.keys()):
            raise Invalid(f"no provider is called {unknown[0]}; see: cauri providers", field)


@dataclass(frozen=True, slots=True)
class ListTenants:
    tenants: Tenants
    clock: Clock

    async def __call__(self, *, limit: int, json: bool) -> int:
        found = await self.tenants.all(limit)
        if json:
            show.line({"data": [tenant_words(one) for one in found], "nextCursor": None})
            return 0
        if not found:
            show.say("No tenant yet. Open one: cauri tenant create NAME")
            return 0
        now = self.clock.now()
        show.table(
            ("Tenant", "Name", "Strategy", "Order", "Opened"),
            [
                (
                    one.id,
                    one.name,
                    one.policy.strategy,
                    ", ".join(one.policy.order),
                    show.ago(one.created_at, now),
                )
                for one in found
            ],
        )
        return 0


def policy_of(order: str | None, strategy: str | None, split: str | None) -> Policy:
    """What is not said is as the policy's defaults. Raises Invalid."""
    usual = Policy()
    shares = shares_of(split) if split else {}
    if strategy is None:
        chosen = Strategy.SPLIT if shares else usual.strategy
    else:
        chosen = Strategy(strategy)
    if chosen is Strategy.SPLIT and not shares:
        raise Invalid("say who takes how much, for example maya=70,gcash=30", "split")
    codes = tuple(code.strip() for code in order.split(",")) if order else usual.order
    if not all(codes) or len({*codes}) < len(codes):
        raise Invalid("must be providers' codes, each once, for example maya,gcash", "order")
    return Policy(strategy=chosen, order=codes, split=shares)


def shares_of(split: str) -> dict[str, int]:
    shares: dict[str, int] = {}
    for code, share in show.pairs(split.split(","), "split").items():
        if not (share.isascii() and share.isdigit() and len(share) < 4):
            raise Invalid("must be whole per cents, for example maya=70,gcash=30", "split")
        shares[code.strip()] = int(share)
    return shares
