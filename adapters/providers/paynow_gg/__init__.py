"""PayNow.gg: checkouts of game stores. It sells as the merchant of record, and adds the tax."""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.paynow_gg.client import PayNowGgProvider
from adapters.providers.paynow_gg.config import CODES, PayNowGgConfig
from adapters.providers.paynow_gg.notices import SIGNATURE, TIMESTAMP
from adapters.providers.paynow_gg.simulator import PayNowGgSimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.providers.profile import DAY_S, Kind, Profile, Promises

RATE_BPS: Final = 399  # PayNow's own, as MineStoreCMS tells it; the gateways' fees come on top

MANIFEST: Final = Manifest(
    profile=Profile(
        code="paynow_gg",
        title="PayNow.gg",
        kind=Kind.CARD,
        currencies=frozenset(CODES),
        countries=frozenset(),
        bounces=True,  # a payer's bank charges it back; a person says so
        fees=tuple(FeeSchedule(currency=currency(code), rate_bps=RATE_BPS) for code in CODES),
        promises=Promises(
            takes_keys=False,  # none is documented
            finds_by_our_reference=False,  # by the customer, who is committed before the checkout
            strongly_consistent=False,  # while nobody has paid there may be no order
            visibility_s=900,  # not documented; the platform's default
            horizon_s=3 * DAY_S,  # not documented
            refund_horizon_s=30 * DAY_S,  # a refund may wait to be approved
            signed_callbacks=True,
        ),
    ),
    client=PayNowGgProvider,
    config=PayNowGgConfig,
    build=PayNowGgProvider,
    simulator=PayNowGgSimulator,
    recognises=lambda callback: SIGNATURE in callback.headers and TIMESTAMP in callback.headers,
    partial_refunds=False,  # by the order or its line, and ours have one line
    sample=Sample(currency="USD", country="US", phone="+1202555", tells_phone=False),
    source="docs.paynow.gg as stored in November 2026 (Validating Incoming Webhooks, Webhooks"
    " Introduction, Webhook Events, Management API), the generated types of PayNow's TypeScript"
    " SDK, and a public plugin and service for what they leave open. The price is PayNow's own rate"
    " of 3.99 %; the gateways' fees differ by method and come on top, so an account should say its"
    " own.",
    deviations={
        "final_decline": "after a declined card the page stays open and the payer may use another:"
        " it is over when PayNow cancels the order",
    },
)
