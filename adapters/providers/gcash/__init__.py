"""GCash, the wallet of the Philippines, through PayMongo's payment intents."""

from typing import Final

from adapters.provider_kit.manifest import Manifest
from adapters.providers.gcash.client import SETTLED, GcashProvider
from adapters.providers.gcash.config import GcashConfig
from adapters.providers.gcash.notices import SIGNATURE
from adapters.providers.gcash.simulator import PaymongoSimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.money import Money
from domain.providers.profile import DAY_S, Kind, Profile, Promises

PHP: Final = currency("PHP")

MANIFEST: Final = Manifest(
    profile=Profile(
        code="gcash",
        title="GCash",
        kind=Kind.WALLET,
        currencies=frozenset({"PHP"}),
        countries=frozenset({"PH"}),
        minimum=(Money(20_00, PHP),),
        maximum=(Money(100_000_00, PHP),),
        fees=(FeeSchedule(currency=PHP, rate_bps=350, fixed_minor=10_00),),
        promises=Promises(
            takes_keys=False,  # none is documented; the intent is the anchor
            finds_by_our_reference=False,  # by pi_… only, which is committed before the attach
            strongly_consistent=False,
            visibility_s=int(SETTLED.total_seconds()),  # not documented; the platform's default
            horizon_s=DAY_S,  # a page ends after 4 h, then a payment in flight resolves
            signed_callbacks=True,
        ),
    ),
    client=GcashProvider,
    config=GcashConfig,
    build=GcashProvider,
    simulator=PaymongoSimulator,
    recognises=lambda callback: SIGNATURE in callback.headers,
    source="developers.paymongo.com as stored in November 2026 (Accepting a payment, E-wallets,"
    " Statuses, E-wallet errors, Refund errors, Webhooks). The minimum of PHP 20.00 is that of most"
    " methods, not stated for GCash; the ceiling is worded as 'below PHP 100,000'.",
    deviations={
        "not_found": "only a pi_… can be asked about; an attempt without one was certainly never"
        " attached to, which is a no, and one with it is known to PayMongo",
    },
)
