"""CashiPay: payments from the wallet Cashi of Sudan, by QR code."""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.cashipay.client import CashiPayProvider
from adapters.providers.cashipay.config import CashiPayConfig
from adapters.providers.cashipay.notices import recognises
from adapters.providers.cashipay.simulator import CashiPaySimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.providers.profile import DAY_S, Kind, Profile, Promises

FIND: Final = "only CashiPay's own reference can be asked about, and its answer alone tells it"

MANIFEST: Final = Manifest(
    profile=Profile(
        code="cashipay",
        title="CashiPay",
        kind=Kind.WALLET,
        currencies=frozenset({"SDG"}),
        countries=frozenset({"SD"}),
        fees=(FeeSchedule(currency=currency("SDG")),),
        promises=Promises(
            takes_keys=False,  # what a merchantOrderId used twice does is not known
            finds_by_our_reference=False,
            strongly_consistent=False,
            visibility_s=900,  # not documented; the platform's default
            horizon_s=3 * DAY_S,  # a request ends after a day by default
            signed_callbacks=False,
        ),
    ),
    client=CashiPayProvider,
    config=CashiPayConfig,
    build=CashiPayProvider,
    simulator=CashiPaySimulator,
    recognises=recognises,
    sample=Sample(
        currency="SDG",
        country="SD",
        phone="+24991200",
        minors=(123_457, 10_000, 9_999_900, 50_000_001),
    ),
    source="Public clients (a Laravel package, a WordPress plugin, a Perfex module), as stored in"
    " November 2026; nothing of CashiPay's own is public. Commissions are not published: without a"
    " price list of the account's own they count as zero.",
    deviations={
        "not_found": FIND,
        "lost_charge": FIND,
        "declined_elsewhere": "how an outage looks is not known: it is never taken for a no",
        "stale_callbacks": "a callback tells no time, and is a hint whenever it comes",
        "callback_amount": "a callback tells references and a status, and no amount",
    },
)
