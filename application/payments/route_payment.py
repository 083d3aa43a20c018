"""See what could take a payment, and decide."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.errors import AmountAboveLimit, AmountBelowMinimum, Invalid
from domain.fees.schedule import Bearer, Fee, schedule_for
from domain.money import Money
from domain.payments.routing import PASSING, Candidate, Decision, Obstacle, Snapshot, route
from domain.ports.health import AccountsHealth
from domain.ports.providers import Providers
from domain.providers.profile import Profile
from domain.tenants.tenant import ProviderAccount, Setup

NEAREST: Final = (  # of what keeps a provider's accounts from a payment, the best first
    None,
    Obstacle.CIRCUIT_OPEN,
    Obstacle.SWITCHED_OFF,
    Obstacle.OFFLINE,
    Obstacle.NO_PRICE,
    Obstacle.ABOVE_LIMIT,
    Obstacle.BELOW_MINIMUM,
    Obstacle.OFF_STEP,
    Obstacle.PHONE,
    Obstacle.COUNTRY,
    Obstacle.CURRENCY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a payment asks of a provider."""

    amount: Money
    country: str | None
    bearer: Bearer
    method: str | None = None
    default_method: str | None = None
    sticky: str = ""
    phone: str | None = None  # E.164
    payer_known: bool = True  # False: a quote, before anybody gave a number


@dataclass(frozen=True, slots=True)
class RoutePayment:
    """Gather the snapshot, then `route` it. No wait: all of it is at hand.

    Raises Invalid (by its kinds), naming the field, when nobody could ever take it as asked; a
    decision without a chosen provider means that nobody can right now.
    """

    providers: Providers
    health: AccountsHealth

    def __call__(self, setup: Setup, wanted: Wanted, at: datetime) -> Decision:
        candidates = self.candidates(setup, wanted, at)
        decision = route(
            Snapshot(
                candidates=candidates,
                policy=setup.tenant.policy,
                method=wanted.method,
                default_method=wanted.default_method,
                sticky=wanted.sticky,
            )
        )
        self._check_method(wanted, candidates)
        if not decision.order and not any(one.obstacle in PASSING for one in candidates):
            raise _impossible(wanted, candidates)
        return decision

    def candidates(self, setup: Setup, wanted: Wanted, at: datetime) -> tuple[Candidate, ...]:
        """Every provider of the tenant, able or not, with its fee and why not. Of its accounts at
        one provider the one that could take it, else the one that comes nearest to it."""
        codes = dict.fromkeys(account.provider for account in setup.accounts)
        found: list[Candidate] = []
        for code in codes:
            if (profile := self.providers.profiles.get(code)) is not None:
                each = [self._candidate(setup, one, profile, wanted, at) for one in setup.at(code)]
                found.append(min(each, key=lambda one: NEAREST.index(one.obstacle)))
        return tuple(found)

    def _candidate(
        self,
        setup: Setup,
        account: ProviderAccount,
        profile: Profile,
        wanted: Wanted,
        at: datetime,
    ) -> Candidate:
        amount = wanted.amount
        own = schedule_for(account.fees, amount.currency, at)
        schedule = own or schedule_for(profile.fees, amount.currency, at)
        # A public list of nothing is a price of cash, and of others that nobody published one.
        known = own is not None or profile.offline or schedule is None or not schedule.is_free
        fee = schedule.quote(amount, wanted.bearer) if schedule is not None else None
        health = self.health.of(setup.tenant.id, account.id)
        obstacle, detail = _obstacle(setup, account, profile, wanted, fee)
        if obstacle is None and health.circuit == "open":
            obstacle, detail = Obstacle.CIRCUIT_OPEN, "it failed repeatedly; it is tried again soon"
        return Candidate(
            provider=profile.code,
            account_id=account.id,
            fee=fee,
            priced=known,
            local=bool(profile.countries) or profile.offline,
            obstacle=obstacle,
            detail=detail,
            offline=profile.offline,
            health=health,
        )

    def _check_method(self, wanted: Wanted, candidates: tuple[Candidate, ...]) -> None:
        """A method named in the request must be one that could take it."""
        if wanted.method is None:
            return
        mine = [one for one in candidates if one.provider == wanted.method]
        if not mine:
            known = ", ".join(one.provider for one in candidates) or "none is connected"
            raise Invalid(f"{wanted.method} is not connected; choose one of: {known}", "method")
        if mine[0].obstacle is not None and mine[0].obstacle not in PASSING:
            raise _impossible(wanted, tuple(mine))


def _obstacle(
    setup: Setup, account: ProviderAccount, profile: Profile, wanted: Wanted, fee: Fee | None
) -> tuple[Obstacle | None, str]:
    amount = wanted.amount
    code = amount.currency.code
    if (market := account.market) is not None:
        if code != market.currency:
            return Obstacle.CURRENCY, f"takes {market.currency}"
        if market.country is not None and wanted.country not in (None, market.country):
            return Obstacle.COUNTRY, f"serves {market.country}"
    if profile.currencies and code not in profile.currencies:
        return Obstacle.CURRENCY, f"takes {', '.join(sorted(profile.currencies))}"
    if profile.countries and wanted.country is not None and wanted.country not in profile.countries:
        return Obstacle.COUNTRY, f"serves {', '.join(sorted(profile.countries))}"
    charged = fee.charged(amount) if fee is not None else amount  # what the provider is asked for
    if limit := setup.tenant.limit_for(amount, profile.code) or profile.above_maximum(charged):
        return Obstacle.ABOVE_LIMIT, f"at most {limit.major} {code}"
    if minimum := profile.below_minimum(charged):
        return Obstacle.BELOW_MINIMUM, f"at least {minimum.major} {code}"
    if step := profile.off_step(charged):
        return Obstacle.OFF_STEP, f"only multiples of {step.major} {code}"
    if wanted.payer_known and not profile.asks(wanted.phone, market):
        networks = profile.networks_in(market)
        numbers = "; ".join(network.described for network in networks)
        return Obstacle.PHONE, f"its payers' numbers begin with {numbers}"
    if fee is None:
        return Obstacle.NO_PRICE, f"no fee schedule for {code}"
    if not account.active:
        return Obstacle.SWITCHED_OFF, "switched off by an operator"
    if profile.offline and profile.code not in (wanted.method, wanted.default_method):
        return Obstacle.OFFLINE, "only when asked for by name"
    return None, ""


def _impossible(wanted: Wanted, candidates: tuple[Candidate, ...]) -> Invalid:
    """The most helpful of the reasons: the one that is nearest to a possible payment."""
    known = {one.obstacle: one for one in reversed(candidates)}
    amount, code = wanted.amount, wanted.amount.currency.code

    def those(obstacle: Obstacle) -> str:
        return " and ".join(one.provider for one in candidates if one.obstacle is obstacle)

    if (above := known.get(Obstacle.ABOVE_LIMIT)) is not None:
        return AmountAboveLimit(f"{amount.major} {code} is too much: {above.detail}", "amount")
    if (below := known.get(Obstacle.BELOW_MINIMUM)) is not None:
        return AmountBelowMinimum(f"{amount.major} {code} is too little: {below.detail}", "amount")
    if (uneven := known.get(Obstacle.OFF_STEP)) is not None:
        return Invalid(f"{uneven.provider} takes {uneven.detail}", "amount")
    if (stranger := known.get(Obstacle.PHONE)) is not None:
        had = "a phone is needed" if wanted.phone is None else f"{wanted.phone} is not of a payer"
        return Invalid(f"{had} of {stranger.provider}: {stranger.detail}", "customer.phone")
    by_name = those(Obstacle.OFFLINE)
    hint = f"; {by_name} can, when it is the method" if by_name else ""
    if none := those(Obstacle.NO_PRICE):
        return Invalid(f"{none} has no price for {code}; add a fee to the account", "currency")
    if none := those(Obstacle.COUNTRY):
        return Invalid(f"not served by {none}{hint}", "country")
    if none := those(Obstacle.CURRENCY):
        return Invalid(f"{code} is not taken by {none}{hint}", "currency")
    if by_name:
        return Invalid(f"name the method: {by_name} is only used when asked for", "method")
    return Invalid("connect a provider account first", "method")
