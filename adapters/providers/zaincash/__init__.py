"""ZainCash, the wallet of Iraq, through its Payment Gateway v2; v1 is another product."""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.zaincash.client import ZainCashProvider
from adapters.providers.zaincash.config import ZainCashConfig
from adapters.providers.zaincash.notices import recognises
from adapters.providers.zaincash.simulator import ZainCashSimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.money import Money
from domain.providers.profile import DAY_S, Kind, Profile, Promises

IQD: Final = currency("IQD")  # three decimals by the standard; ZainCash counts whole dinars
FIND: Final = "only ZainCash's own id can be asked about, and init's answer alone tells it"

MANIFEST: Final = Manifest(
    profile=Profile(
        code="zaincash",
        title="ZainCash",
        kind=Kind.WALLET,
        currencies=frozenset({"IQD"}),
        countries=frozenset({"IQ"}),
        step=(Money(1_000, IQD),),
        fees=(FeeSchedule(currency=IQD),),
        promises=Promises(
            takes_keys=False,  # an externalReferenceId used twice is refused: seen by one client
            finds_by_our_reference=False,
            strongly_consistent=False,
            visibility_s=900,  # not documented; the platform's default
            horizon_s=DAY_S,  # a page ends by ZainCash's own setting, a quarter of an hour in UAT
            signed_callbacks=True,
        ),
    ),
    client=ZainCashProvider,
    config=ZainCashConfig,
    build=ZainCashProvider,
    simulator=ZainCashSimulator,
    recognises=recognises,
    partial_refunds=False,
    sample=Sample(
        currency="IQD",
        country="IQ",
        phone="+964780299",
        minors=(5_000_000, 250_000, 1_234_000, 500_001_000),
    ),
    source="ZainCash Merchant Payment Gateway, Integration Guide 1.0 of 22 January 2026 (a public"
    " transcript), and public clients in PHP, Python, Dart and C#, as stored in November 2026."
    " Fees are negotiated and not published: without one of the account's own they count as zero.",
    deviations={
        "not_found": FIND,
        "lost_charge": FIND,
        "stale_callbacks": "the signed time is when it happened; for how long ZainCash goes on"
        " trying is not documented, and a repeat is known by its eventId",
        "signed_headers": "the callback is one JSON Web Token in the body, signature included",
        "named_credential": "the token endpoint refuses the pair of clientId and clientSecret",
    },
)
