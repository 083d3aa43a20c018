"""MTN MoMo: mobile money in fourteen countries, through the MoMo Open API."""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.mtn_momo.client import MtnMomoProvider
from adapters.providers.mtn_momo.config import MtnMomoConfig
from adapters.providers.mtn_momo.markets import MARKETS
from adapters.providers.mtn_momo.notices import recognises
from adapters.providers.mtn_momo.simulator import MtnMomoSimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.providers.deadlines import LONGEST_S, Deadlines
from domain.providers.profile import DAY_S, Kind, Profile, Promises

SLOW: Final = Deadlines(charge_s=LONGEST_S, query_s=LONGEST_S, refund_s=LONGEST_S)
"""Once an hour each begins with a token, for which production's next address takes 10 to 20 s."""
CURRENCIES: Final = frozenset(one.currency for one in MARKETS.values())

MANIFEST: Final = Manifest(
    profile=Profile(
        code="mtn_momo",
        title="MTN MoMo",
        kind=Kind.MOBILE_MONEY,
        currencies=CURRENCIES,
        countries=frozenset(one.country for one in MARKETS.values() if one.country is not None),
        networks=tuple(one.network for one in MARKETS.values()),
        fees=tuple(FeeSchedule(currency=currency(code)) for code in sorted(CURRENCIES)),
        ladder_s=(5, 10, 20, 45, 120, 300, 600, 3600),  # a payer has five minutes
        promises=Promises(
            takes_keys=True,  # X-Reference-Id: a second one is answered 409
            key_lifetime_s=DAY_S,  # not documented
            finds_by_our_reference=True,
            strongly_consistent=False,  # "not found" is documented, how soon it is true is not
            visibility_s=900,  # not documented; the platform's default
            horizon_s=3 * DAY_S,
            signed_callbacks=False,
        ),
        deadlines=SLOW,
    ),
    client=MtnMomoProvider,
    config=MtnMomoConfig,
    build=MtnMomoProvider,
    simulator=MtnMomoSimulator,
    recognises=recognises,
    sample=Sample(currency="ZMW", country="ZM", phone="+26096600"),
    source="MTN's developer portal (Common Error Codes, Callback, Testing, API documentation), an"
    " older public transcript of it, and public clients, as stored in November 2026. Fees are the"
    " merchant's contract and not published: without one of the account's own they count as zero.",
    deviations={
        "stale_callbacks": "a callback is unsigned and says no time; it is only a hint to ask",
    },
)
