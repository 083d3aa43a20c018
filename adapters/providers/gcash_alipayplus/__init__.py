"""GCash of the Philippines through Alipay+: the open API that Antom and its wallets share."""

from typing import Final

from adapters.provider_kit.manifest import Manifest
from adapters.providers.gcash_alipayplus.client import GcashAlipayPlusProvider
from adapters.providers.gcash_alipayplus.config import AlipayPlusConfig
from adapters.providers.gcash_alipayplus.notices import ACK, recognises
from adapters.providers.gcash_alipayplus.simulator import GcashAlipayPlusSimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.providers.profile import DAY_S, Kind, Profile, Promises

PHP: Final = currency("PHP")

MANIFEST: Final = Manifest(
    profile=Profile(
        code="gcash_alipayplus",
        title="GCash (Alipay+)",
        kind=Kind.WALLET,
        currencies=frozenset({"PHP"}),
        countries=frozenset({"PH"}),
        fees=(FeeSchedule(currency=PHP),),
        ack=ACK,
        promises=Promises(
            takes_keys=True,  # for how long is not documented
            finds_by_our_reference=True,
            strongly_consistent=False,
            visibility_s=900,  # not documented; the platform's default
            horizon_s=3 * DAY_S,
            signed_callbacks=True,
        ),
    ),
    client=GcashAlipayPlusProvider,
    config=AlipayPlusConfig,
    build=GcashAlipayPlusProvider,
    simulator=GcashAlipayPlusSimulator,
    recognises=recognises,
    source="Antom's documentation (api_fund, signatures, pay, inquiryPayment, cancel, refund,"
    " inquiryRefund, notifyPayment, notifyRefund) and its public SDK for Python, as stored in"
    " November 2026. Fees are negotiated and not published: without one of the account's own they"
    " count as zero.",
    deviations={
        "declined_elsewhere": "how an outage looks is not documented, and what is not signed is"
        " never taken for a no",
    },
)
