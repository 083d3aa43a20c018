"""ZainCash v1: the older product for the same wallet of Iraq, with its own hosts and accounts.

It has no webhook, no refund and no cancellation, and tells the shop through the payer's browser
only. A merchant who has the choice takes `zaincash`.
"""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.zaincash_v1.client import ZainCashV1Provider
from adapters.providers.zaincash_v1.config import ZainCashV1Config
from adapters.providers.zaincash_v1.simulator import ZainCashV1Simulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.money import Money
from domain.providers.profile import DAY_S, Kind, Profile, Promises

IQD: Final = currency("IQD")  # three decimals by the standard; ZainCash counts whole dinars
FIND: Final = "only ZainCash's own id can be asked about, and init's answer alone tells it"

MANIFEST: Final = Manifest(
    profile=Profile(
        code="zaincash_v1",
        title="ZainCash (v1)",
        kind=Kind.WALLET,
        currencies=frozenset({"IQD"}),
        countries=frozenset({"IQ"}),
        minimum=(Money(250_000, IQD),),  # 250 dinars; some clients take 1000
        step=(Money(1_000, IQD),),
        fees=(FeeSchedule(currency=IQD),),
        ladder_s=(5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400),  # nothing else tells
        promises=Promises(
            takes_keys=False,  # an order used twice makes two transactions
            finds_by_our_reference=False,
            strongly_consistent=False,
            visibility_s=900,  # not documented; the platform's default
            horizon_s=DAY_S,  # an init's token is good for four hours
            signed_callbacks=False,
        ),
    ),
    client=ZainCashV1Provider,
    config=ZainCashV1Config,
    build=ZainCashV1Provider,
    simulator=ZainCashV1Simulator,
    sample=Sample(
        currency="IQD",
        country="IQ",
        phone="+964780299",
        minors=(5_000_000, 250_000, 1_234_000, 500_001_000),
        tells_phone=False,
    ),
    source="ZainCash's published PHP sample as several public clients carry it, and their readmes"
    " (PHP, C#), as stored in November 2026. Fees are negotiated and not published: without one of"
    " the account's own they count as zero.",
    deviations={
        "probe": "how a wrong secret is answered, apart from an unknown id, is not documented",
        "not_found": FIND,
        "lost_charge": FIND,
        "declined_elsewhere": "how an outage looks is not known, so it is never taken for a no",
    },
)
