"""The whole registration of a provider: a folder exports MANIFEST, and is found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final, Self

import msgspec

from adapters.provider_kit.simulator import Simulator, World
from adapters.provider_kit.transport import Transport
from domain.ports.clock import Clock
from domain.ports.providers import (
    Callback,
    Callbacks,
    Cancels,
    PaymentProvider,
    Probes,
    Refunds,
    TakesProofs,
)
from domain.providers.profile import Profile

DEVIATIONS: Final[Mapping[str, str]] = {
    "remote": "there is a company that is called over a network, with a simulator",
    "not_found": "a query about a charge that never arrived says NotFound",
    "declined_elsewhere": "when it is down at the first request, another provider may be tried",
    "lost_prepare": "a prepare whose answer was lost is Declined with `elsewhere`",
    "lost_charge": "a charge whose answer was lost is found by a query",
    "lost_refund": "a refund whose answer was lost is found by a query",
    "over_refund": "the provider itself refuses to give back more than was paid",
    "stale_callbacks": "a callback says when it was sent, and is refused when that is long ago",
    "callback_amount": "a callback says the amount",
    "pending": "a charge is answered at once, and Pending until its payer has decided",
    "query": "the provider can be asked what became of a charge",
    "one_refund": "each of several refunds is found by a query, not only their sum",
    "signed_headers": "the signature of a callback stands in a header, apart from what it signs",
    "final_decline": "a payer who declines can't pay any more, and it is told at once",
    "probe": "credentials are tried when an account is connected, and nothing moves by it",
    "named_credential": "a probe names the very credential that is wrong",
}
"""What the conformance suite asks of everyone, and a manifest may deviate from with a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the conformance suite pays with: a phone's last four digits decide what its owner does
    (simulator.MAGIC), and `phone` is what stands before them. `minors` are amounts the provider
    takes, in minor units of `currency`; the first is the usual one. `least_refund` is the smallest
    part of it that can be given back."""

    currency: str = "PHP"
    country: str | None = "PH"
    phone: str = "+63917000"
    minors: tuple[int, ...] = (123_457, 10_000, 99_999, 5_000_001)
    least_refund: int = 1
    tells_phone: bool = True  # else the company learns no payer's phone, and its page decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`profile.code` equals the folder's name; abilities are read off `client`.

    `config` is a frozen Struct that forbids unknown fields: per-account settings and credentials,
    with `base_url` where it has an address. `deviations` names lines of DEVIATIONS that this
    provider's protocol can't have, each with the reason. `settings` names what else an account may
    be set to that changes how money is asked for: the suite is run again under each, and the
    deviations are the same under all.
    """

    profile: Profile
    client: type[PaymentProvider]
    config: type[msgspec.Struct]
    build: Callable[[Any, Transport, Clock], PaymentProvider]
    source: str  # document, version, date of what the client was written from
    simulator: Callable[[World], Simulator] | None = None
    recognises: Callable[[Callback], bool] = lambda callback: False
    partial_refunds: bool = True
    sample: Sample = Sample()
    deviations: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    chosen: Mapping[str, Any] = field(default_factory=dict)  # of `settings`, by `under`

    def under(self, setting: str) -> Self:
        """The same provider, whose simulated accounts have that one of `settings`."""
        return replace(self, chosen=self.settings[setting])

    def account(self, simulator: Simulator) -> Mapping[str, Any]:
        """The configuration of an account at its simulated company."""
        return {**simulator.credentials(), **self.chosen}

    def described(self) -> Profile:
        """The profile, with what the client class can do filled in."""
        able = _abilities(self.client)
        partial = able["refunds"] and self.partial_refunds
        return replace(self.profile, **able, partial_refunds=partial)


@cache  # asking a protocol is slow, and each process that opens asks of everyone
def _abilities(client: type[PaymentProvider]) -> Mapping[str, Any]:
    return {
        "refunds": issubclass(client, Refunds),
        "cancels": issubclass(client, Cancels),
        "callbacks": issubclass(client, Callbacks),
        "probes": issubclass(client, Probes),
        "proofs": issubclass(client, TakesProofs),
    }
