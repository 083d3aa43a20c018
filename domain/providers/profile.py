"""What one provider can do and promises: facts that routing, lists and the query ladder use."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.fees.schedule import FeeSchedule
from domain.money import Money
from domain.providers.deadlines import USUAL, Deadlines
from domain.providers.network import Network
from domain.tenants.market import Market

LADDER_S: Final = (5, 15, 45, 120, 600, 3600)  # then daily to the horizon
DAY_S: Final = 86_400


class Kind(StrEnum):
    WALLET = "wallet"
    CARD = "card"
    MOBILE_MONEY = "mobile_money"
    BANK = "bank"
    CASH = "cash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """What the provider's protocol guarantees; the conformance suite proves each line.

    `visibility_s`: what it accepted is found by a query after this. `horizon_s`: no status
    moves after this; what is unknown then comes before a person. `refund_horizon_s`: the same of
    refunds; None: after as long.
    """

    takes_keys: bool = False  # the same key twice moves money once
    key_lifetime_s: int = 0
    finds_by_our_reference: bool = True
    strongly_consistent: bool = False  # "not found" after `visibility_s` means never arrived
    visibility_s: int = 900
    horizon_s: int = 3 * DAY_S
    refund_horizon_s: int | None = None
    signed_callbacks: bool = True

    @property
    def refunds_end_s(self) -> int:
        """How long after it was asked for a refund that is not over comes before a person."""
        return self.horizon_s if self.refund_horizon_s is None else self.refund_horizon_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A provider of this build. Abilities are read off its client class, not declared.

    An empty set of currencies or countries means every one.
    """

    code: str  # the word in the API: "maya"
    title: str
    kind: Kind
    currencies: frozenset[str]
    countries: frozenset[str]
    offline: bool = False  # a person confirms; never chosen unless asked for by name
    bounces: bool = False  # what was received may be taken back by a bank: cheques
    minimum: tuple[Money, ...] = ()  # one per currency at most
    maximum: tuple[Money, ...] = ()
    step: tuple[Money, ...] = ()  # amounts are multiples of it: whole kwacha, say
    networks: tuple[Network, ...] = ()  # whose phones it asks; none: it needs no phone
    fees: tuple[FeeSchedule, ...] = ()  # the public price list; a tenant's own comes first
    ladder_s: tuple[int, ...] = LADDER_S
    promises: Promises = Promises()
    deadlines: Deadlines = USUAL
    refunds: bool = False
    partial_refunds: bool = False
    cancels: bool = False
    callbacks: bool = False
    probes: bool = False  # its credentials are tried when an account is connected
    proofs: bool = False  # its payers hand in a proof
    ack: str = ""  # the words its callbacks must be answered with; "": any 2xx will do

    def next_ask_s(self, asked: int) -> int:
        """Seconds until the next query of an attempt that was asked about `asked` times."""
        return self.ladder_s[asked] if asked < len(self.ladder_s) else DAY_S

    def off_step(self, amount: Money) -> Money | None:
        """The step that `amount` is no multiple of, if any."""
        return next(
            (s for s in self.step if s.currency == amount.currency and amount.minor % s.minor),
            None,
        )

    def networks_in(self, market: Market | None) -> tuple[Network, ...]:
        """Whose phones an account of that market asks; a market that is nowhere asks all."""
        if market is None or market.country is None:
            return self.networks
        return tuple(one for one in self.networks if one.country == market.country)

    def asks(self, phone: str | None, market: Market | None = None) -> bool:
        """Whether it can reach that payer: always, where it needs no phone."""
        networks = self.networks_in(market)
        if not networks:
            return True
        return phone is not None and any(one.has(phone) for one in networks)

    def below_minimum(self, amount: Money) -> Money | None:
        """The minimum that `amount` misses, if any."""
        return next(
            (m for m in self.minimum if m.currency == amount.currency and amount.minor < m.minor),
            None,
        )

    def above_maximum(self, amount: Money) -> Money | None:
        """The maximum that `amount` exceeds, if any."""
        return next(
            (m for m in self.maximum if m.currency == amount.currency and amount.minor > m.minor),
            None,
        )
