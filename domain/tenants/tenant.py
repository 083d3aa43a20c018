"""A tenant: one merchant or platform, apart from all others, with its policy and limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.currencies import currency
from domain.errors import Invalid
from domain.fees.schedule import FeeSchedule
from domain.ids import AccountId, TenantId
from domain.money import Money
from domain.tenants.market import Market
from domain.tenants.reward_rule import MOST_RULES, RewardRule

DEFAULT_LIMITS: Final = (Money(10_000_000, currency("PHP")),)  # PHP 100 000 a payment (S1.11)


class Strategy(StrEnum):
    LEAST_COST = "least_cost"  # ties by the tenant's order
    PRIORITY = "priority"  # the tenant's order
    SUCCESS_RATE = "success_rate"  # windowed, with a minimum sample
    SPLIT = "split"  # sticky percentages, for A/B tests


@dataclass(frozen=True, slots=True)
class Policy:
    """How the router orders what is available. `order` holds provider codes, first is best."""

    strategy: Strategy = Strategy.LEAST_COST
    order: tuple[str, ...] = ("maya", "gcash")  # S1.02 (3), (4); codes not named come last
    split: Mapping[str, int] = field(default_factory=dict)  # provider code -> per cent
    minimum_sample: int = 50  # attempts in the window before a success rate counts

    def __post_init__(self) -> None:
        if self.split and (sum(self.split.values()) != 100 or min(self.split.values()) < 0):
            raise Invalid("the shares of a split are not negative and add up to 100", "split")


@dataclass(frozen=True, slots=True)
class Limit:
    """The most one payment may be; `method` None is for every method."""

    maximum: Money
    method: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    id: TenantId
    name: str
    created_at: datetime
    policy: Policy = Policy()
    limits: tuple[Limit, ...] = tuple(Limit(maximum) for maximum in DEFAULT_LIMITS)
    rewards: tuple[RewardRule, ...] = ()  # at most one for each currency that is paid in

    def __post_init__(self) -> None:
        paid_in = {one.per.currency for one in self.rewards}
        if len(paid_in) < len(self.rewards) or len(self.rewards) > MOST_RULES:
            raise Invalid(f"at most one for each currency, and {MOST_RULES} in all", "reward")

    def reward_for(self, amount: Money) -> RewardRule | None:
        """The rule by which a payment of `amount` earns something; None when it earns nothing."""
        for one in self.rewards:
            if one.earned(amount).minor:
                return one
        return None

    def limit_for(self, amount: Money, method: str) -> Money | None:
        """The limit that `amount` exceeds; one of the method itself replaces the general one."""
        known = [one for one in self.limits if one.maximum.currency == amount.currency]
        own = [one for one in known if one.method == method]
        for one in own or [one for one in known if one.method is None]:
            if amount.minor > one.maximum.minor:
                return one.maximum
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccount:
    """A tenant's account at one provider. `sealed` is its credentials, readable by the vault."""

    id: AccountId
    tenant_id: TenantId
    provider: str
    sealed: bytes
    created_at: datetime
    fees: tuple[FeeSchedule, ...] = ()  # the tenant's own prices; the provider's default follow
    active: bool = True  # an operator's switch
    deadlines: Mapping[str, int] = field(default_factory=dict)  # seconds by operation, its own
    market: Market | None = None  # None: wherever the provider is
    version: int = 0


@dataclass(frozen=True, slots=True)
class Setup:
    """What is needed to serve one tenant's request, read together."""

    tenant: Tenant
    accounts: tuple[ProviderAccount, ...]

    def at(self, provider: str) -> tuple[ProviderAccount, ...]:
        """The tenant's accounts at a provider, one for each market where it works by markets:
        those that are active before those that are switched off."""
        mine = [account for account in self.accounts if account.provider == provider]
        return tuple(sorted(mine, key=lambda account: not account.active))
