"""SyberPay, a hosted payment page of Sudan for the cards of the national switch."""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.syberpay.client import SyberPayProvider
from adapters.providers.syberpay.config import SyberPayConfig
from adapters.providers.syberpay.notices import recognises
from adapters.providers.syberpay.simulator import SyberPaySimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.providers.profile import DAY_S, Kind, Profile, Promises

FIND: Final = "only SyberPay's own number can be asked about, and getUrl's answer alone tells it"

MANIFEST: Final = Manifest(
    profile=Profile(
        code="syberpay",
        title="SyberPay",
        kind=Kind.CARD,
        currencies=frozenset({"SDG"}),
        countries=frozenset({"SD"}),
        fees=(FeeSchedule(currency=currency("SDG")),),
        promises=Promises(
            takes_keys=False,  # what a customerRef used twice does is not known
            finds_by_our_reference=False,
            strongly_consistent=False,
            visibility_s=900,  # not documented; the platform's default
            horizon_s=3 * DAY_S,  # how long a page lives is not known
            signed_callbacks=False,  # hashed are a number and a token: a hint
        ),
    ),
    client=SyberPayProvider,
    config=SyberPayConfig,
    build=SyberPayProvider,
    simulator=SyberPaySimulator,
    recognises=recognises,
    sample=Sample(
        currency="SDG",
        country="SD",
        phone="+24991200",
        minors=(123_457, 10_000, 9_999_900, 50_000_001),
    ),
    source="Public clients in PHP, C#, Dart and JavaScript and one client's stand-in server, as"
    " stored in November 2026; nothing of SyberPay's own is public. Commissions are not published:"
    " without a price list of the account's own they count as zero.",
    settings={"numbers": {"amountFormat": "number"}},
    deviations={
        "probe": "how a wrong key or hash is answered is not known, so nothing proves a right one",
        "not_found": FIND,
        "lost_charge": FIND,
        "declined_elsewhere": "how an outage looks is not known: it is never taken for a no",
        "stale_callbacks": "a notification tells no time, and is a hint whenever it comes",
        "callback_amount": "a notification tells a number and a token, neither status nor amount",
    },
)
