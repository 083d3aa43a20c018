"""pawaPay: MTN, Airtel and Zamtel mobile money in Zambia, through one account."""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.pawapay.client import PawapayProvider
from adapters.providers.pawapay.config import PawapayConfig
from adapters.providers.pawapay.notices import recognises
from adapters.providers.pawapay.simulator import PawapaySimulator
from adapters.providers.pawapay.wire import CURRENCY, NETWORKS
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.providers.profile import DAY_S, Kind, Profile, Promises

MANIFEST: Final = Manifest(
    profile=Profile(
        code="pawapay",
        title="pawaPay",
        kind=Kind.MOBILE_MONEY,
        currencies=frozenset({CURRENCY}),
        countries=frozenset({"ZM"}),
        networks=tuple(NETWORKS.values()),
        fees=(FeeSchedule(currency=currency(CURRENCY)),),
        ladder_s=(5, 15, 45, 120, 300, 600, 3600),
        promises=Promises(
            takes_keys=True,  # depositId: a second one is DUPLICATE_IGNORED
            key_lifetime_s=DAY_S,  # not documented
            finds_by_our_reference=True,
            strongly_consistent=True,  # NOT_FOUND: "did not reach pawaPay, safe to mark as failed"
            visibility_s=900,  # from when on its guide has unanswered payments looked at
            horizon_s=3 * DAY_S,
            signed_callbacks=True,  # where the dashboard's switch is on; else they are hints
        ),
    ),
    client=PawapayProvider,
    config=PawapayConfig,
    build=PawapayProvider,
    simulator=PawapaySimulator,
    recognises=recognises,
    sample=Sample(currency="ZMW", country="ZM", phone="+26097700"),
    source="pawaPay's documentation of API v2 (Deposits, Refunds, Failure codes, Signatures, test"
    " numbers), a callback captured from its sandbox, and public clients, as stored in November"
    " 2026. Fees are the merchant's contract and not published: without one of the account's own"
    " they count as zero.",
)
