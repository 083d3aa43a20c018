"""EBS, Sudan's national switch, by its cards: through noebs, the open-source gateway to it."""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.ebs.client import EbsProvider
from adapters.providers.ebs.config import EbsConfig
from adapters.providers.ebs.simulator import EbsSimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.money import Money
from domain.providers.profile import DAY_S, Kind, Profile, Promises

SDG: Final = currency("SDG")

MANIFEST: Final = Manifest(
    profile=Profile(
        code="ebs",
        title="EBS (noebs)",
        kind=Kind.CARD,
        currencies=frozenset({"SDG"}),
        countries=frozenset({"SD"}),
        minimum=(Money(100, SDG),),
        step=(Money(100, SDG),),  # a payment token is of whole pounds
        fees=(FeeSchedule(currency=SDG),),
        ladder_s=(5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400),  # nothing else tells
        promises=Promises(
            takes_keys=False,  # a cart used twice makes two tokens
            finds_by_our_reference=True,
            strongly_consistent=False,
            visibility_s=900,  # not documented; the platform's default
            horizon_s=3 * DAY_S,  # a token never ends in noebs's code
            signed_callbacks=False,
        ),
    ),
    client=EbsProvider,
    config=EbsConfig,
    build=EbsProvider,
    simulator=EbsSimulator,
    sample=Sample(
        currency="SDG",
        country="SD",
        phone="+24991200",
        minors=(123_400, 100, 9_999_900, 50_000_000),
        tells_phone=False,
    ),
    source="noebs's source code (payment tokens, sessions, the wrapping of EBS) and documentation"
    " (EBS's tables as transcribed there), as stored in November 2026. EBS's fees are in ranges by"
    " service and borne by the payer's card: they count as zero.",
    settings={"bearer": {"authorization": "bearer"}},
    deviations={
        "final_decline": "a card that EBS refuses ends one try; the same token may be paid with"
        " another one, and never ends by itself",
    },
)
