"""YallaPay: Sudan's hosted payment page for bank accounts, wallets and cards, by payment links."""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.yallapay.client import YallaPayProvider
from adapters.providers.yallapay.config import YallaPayConfig
from adapters.providers.yallapay.notices import SIGNATURE
from adapters.providers.yallapay.simulator import YallaPaySimulator
from adapters.providers.yallapay.wire import LEAST_MINOR
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.money import Money
from domain.providers.profile import DAY_S, Kind, Profile, Promises

SDG: Final = currency("SDG")

MANIFEST: Final = Manifest(
    profile=Profile(
        code="yallapay",
        title="YallaPay",
        kind=Kind.WALLET,
        currencies=frozenset({"SDG"}),
        countries=frozenset({"SD"}),
        minimum=(Money(LEAST_MINOR, SDG),),
        fees=(FeeSchedule(currency=SDG),),
        promises=Promises(
            takes_keys=False,  # a reference used twice is refused, which is no proof of the first
            finds_by_our_reference=True,
            strongly_consistent=False,  # what an unknown reference is answered is not documented
            visibility_s=900,  # not documented; the platform's default
            horizon_s=3 * DAY_S,  # how long a link lives is not documented
            signed_callbacks=False,  # signed, but without an amount: a hint
        ),
    ),
    client=YallaPayProvider,
    config=YallaPayConfig,
    build=YallaPayProvider,
    simulator=YallaPaySimulator,
    recognises=lambda callback: SIGNATURE in callback.headers,
    sample=Sample(
        currency="SDG",
        country="SD",
        phone="+24991200",
        minors=(123_457, 100_000, 9_999_900, 50_000_001),
        tells_phone=False,
    ),
    source="YallaPay's library for Flutter (1.x, published under its copyright) and community"
    " clients, as stored in November 2026; the API's own documentation is not public. Commissions"
    " are not published: without a price list of the account's own they count as zero.",
    settings={"body": {"signature": "body"}},
    deviations={
        "declined_elsewhere": "how an outage looks is not documented: it is never taken for a no",
        "callback_amount": "a callback tells a reference and a status, and no amount, so it is"
        " only a hint to ask",
    },
)
