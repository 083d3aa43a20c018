"""Paynow (Zimbabwe): a hosted page, and prompts on the phones of EcoCash and OneMoney."""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.paynow_zw.client import PaynowProvider
from adapters.providers.paynow_zw.config import CURRENCIES, PaynowConfig
from adapters.providers.paynow_zw.notices import recognises
from adapters.providers.paynow_zw.simulator import PaynowSimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.providers.profile import DAY_S, Kind, Profile, Promises

MANIFEST: Final = Manifest(
    profile=Profile(
        code="paynow_zw",
        title="Paynow",
        kind=Kind.MOBILE_MONEY,
        currencies=frozenset(CURRENCIES),
        countries=frozenset({"ZW"}),
        fees=tuple(FeeSchedule(currency=currency(code)) for code in CURRENCIES),
        promises=Promises(
            takes_keys=False,  # how a merchanttrace used twice is answered is not documented
            finds_by_our_reference=True,  # by merchanttrace
            strongly_consistent=False,  # "NotFound" is documented, how soon it is true is not
            visibility_s=900,  # not documented; the platform's default
            horizon_s=3 * DAY_S,  # how long a transaction can be paid is not documented
            signed_callbacks=False,  # the hash leaves too much open: `notices`
        ),
    ),
    client=PaynowProvider,
    config=PaynowConfig,
    build=PaynowProvider,
    simulator=PaynowSimulator,
    recognises=recognises,
    sample=Sample(currency="USD", country="ZW", phone="+26377200"),
    source="Paynow's developer documentation (repository paynow/docs) and its own libraries for"
    " Python, Node.js, PHP and Java, as stored in November 2026. Fees are not in them: without a"
    " price list of the account's own they count as zero.",
    deviations={
        "stale_callbacks": "a status update tells no time; it is a hint whenever it comes",
        "declined_elsewhere": "how an outage looks is not documented: it is never taken for a no",
    },
)
