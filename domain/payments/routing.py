"""Which provider takes a payment: `route(snapshot)` is pure, so every decision can be replayed.

Order (S1.02): the method named in the request, the customer's default, then the tenant's policy.
Fallback follows the same order over what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from domain.fees.schedule import Fee
from domain.ids import AccountId
from domain.tenants.tenant import Policy, Strategy


class Obstacle(StrEnum):
    """Why a provider is not a candidate; the first that applies is told."""

    CURRENCY = "currency_not_supported"
    COUNTRY = "country_not_supported"
    ABOVE_LIMIT = "amount_above_limit"
    BELOW_MINIMUM = "amount_below_minimum"
    OFF_STEP = "amount_not_possible"
    PHONE = "payer_phone_not_of_network"
    NO_PRICE = "no_fee_schedule"
    SWITCHED_OFF = "switched_off"
    CIRCUIT_OPEN = "circuit_open"
    OFFLINE = "offline_only_by_name"


PASSING: frozenset[Obstacle] = frozenset({Obstacle.SWITCHED_OFF, Obstacle.CIRCUIT_OPEN})


@dataclass(frozen=True, slots=True)
class Health:
    """What was seen of an account lately. `successes` of `finished` attempts in the window."""

    circuit: str = "closed"  # closed, open, half_open
    successes: int = 0
    finished: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One account of the tenant as the router saw it."""

    provider: str
    account_id: AccountId
    fee: Fee | None
    priced: bool = True  # False: nobody told a price, and the fee counts as nothing
    local: bool = True  # False: it is everywhere, and at home nowhere
    obstacle: Obstacle | None = None
    detail: str = ""
    offline: bool = False
    health: Health = Health()

    def place(self, *, doubt: bool) -> tuple[bool, bool, int]:
        """By what it costs: the cheapest first, what is not known behind it, and in doubt what is
        not local last."""
        fee = self.fee.minor if self.fee is not None else 0
        return (doubt and not self.local, not self.priced, fee)


def in_doubt(candidates: Sequence[Candidate]) -> bool:
    """Whether something local might be cheaper than it looks, or dearer: nobody told its price."""
    return any(one.local and not one.priced for one in candidates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that a decision rests on; stored with it."""

    candidates: tuple[Candidate, ...]
    policy: Policy
    method: str | None = None  # named in the request
    default_method: str | None = None  # saved by the customer
    sticky: str = ""  # who stays on one side of a split: the customer, else the payment


@dataclass(frozen=True, slots=True)
class Decision:
    """Who is tried, in order, and why the first. `order` is empty when nobody can."""

    snapshot: Snapshot
    strategy: str  # preferred, default, or the policy's
    order: tuple[str, ...]
    reason: str

    @property
    def chosen(self) -> str | None:
        return self.order[0] if self.order else None

    def candidate(self, provider: str) -> Candidate:
        """The candidate of that provider; it must be one of the snapshot's."""
        return next(one for one in self.snapshot.candidates if one.provider == provider)


def route(snapshot: Snapshot) -> Decision:
    """Decide. The same snapshot always gives the same decision."""
    able = [one for one in snapshot.candidates if one.obstacle is None]
    reason, ranked = _ranked(able, snapshot)
    order = [one.provider for one in ranked]
    strategy: str = snapshot.policy.strategy
    for wish, word in ((snapshot.default_method, "default"), (snapshot.method, "preferred")):
        if wish is not None and wish in order:
            order.remove(wish)
            order.insert(0, wish)
            strategy, reason = word, f"{_WISHES[word]}: {wish}"
    if not order:
        reason = "no provider can take it"
    return Decision(snapshot, strategy, tuple(order), reason)


_WISHES = {"preferred": "named in the request", "default": "the customer's default"}


def _ranked(able: Sequence[Candidate], snapshot: Snapshot) -> tuple[str, list[Candidate]]:
    policy = snapshot.policy
    place = {code: number for number, code in enumerate(policy.order)}
    last = len(place)
    ranked = sorted(able, key=lambda one: (place.get(one.provider, last), one.provider))
    match policy.strategy:
        case Strategy.PRIORITY:
            return "first in the tenant's order", ranked
        case Strategy.SUCCESS_RATE:
            return _by_success(ranked, policy)
        case Strategy.SPLIT:
            return _by_split(ranked, policy, snapshot.sticky)
    return _by_fee(ranked)


def _by_fee(ranked: list[Candidate]) -> tuple[str, list[Candidate]]:
    """Prices that are known are compared. A local provider whose price is not stands behind its
    like, and before what is not local: people pay with what they have at home."""
    doubt = in_doubt(ranked)
    ranked.sort(key=lambda one: one.place(doubt=doubt))
    if ranked and not ranked[0].priced:
        return "no local price is known; first in the tenant's order", ranked
    first = [one for one in ranked if one.priced and not (doubt and not one.local)]
    fees = [one.fee.minor for one in first if one.fee is not None]
    if len(fees) > 1 and fees[0] == fees[1]:
        return f"equal lowest fee of {len(fees)} available; first in the tenant's order", ranked
    return f"lowest fee of {len(fees)} available", ranked


def _by_success(ranked: list[Candidate], policy: Policy) -> tuple[str, list[Candidate]]:
    """Too few attempts in the window say nothing: such a provider keeps its place as if perfect."""

    def misses_ppm(one: Candidate) -> int:
        seen = one.health
        if seen.finished < policy.minimum_sample:
            return 0
        return (seen.finished - seen.successes) * 1_000_000 // seen.finished

    return "best success rate", sorted(ranked, key=misses_ppm)


def _by_split(ranked: list[Candidate], policy: Policy, sticky: str) -> tuple[str, list[Candidate]]:
    draw = int.from_bytes(blake2b(sticky.encode(), digest_size=8).digest(), "big") % 100
    edge = 0
    for code in sorted(policy.split):
        edge += policy.split[code]
        if draw < edge:
            if all(one.provider != code for one in ranked):
                return f"{code} can't take its share of the split; the tenant's order", ranked
            ranked.sort(key=lambda one: one.provider != code)
            return f"its share of the split ({policy.split[code]} %)", ranked
    return "no split is set; the tenant's order", ranked
