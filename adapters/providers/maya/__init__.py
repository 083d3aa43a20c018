"""Maya (formerly PayMaya): the wallet of the Philippines, through Checkout v1 and Payments v1."""

from typing import Final

from adapters.provider_kit.manifest import Manifest
from adapters.providers.maya.client import MayaProvider
from adapters.providers.maya.config import MayaConfig
from adapters.providers.maya.notices import SIGNATURE
from adapters.providers.maya.simulator import MayaSimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.providers.profile import DAY_S, Kind, Profile, Promises

PHP: Final = currency("PHP")

MANIFEST: Final = Manifest(
    profile=Profile(
        code="maya",
        title="Maya",
        kind=Kind.WALLET,
        currencies=frozenset({"PHP"}),
        countries=frozenset({"PH"}),
        fees=(FeeSchedule(currency=PHP, rate_bps=250, fixed_minor=15_00),),
        promises=Promises(
            takes_keys=False,  # a reference sent twice makes two checkouts
            finds_by_our_reference=True,
            strongly_consistent=False,  # records can lag behind the callback
            visibility_s=900,  # not documented; the platform's default
            horizon_s=3 * DAY_S,  # a checkout ends after an hour, bank statuses follow
            signed_callbacks=True,
        ),
    ),
    client=MayaProvider,
    config=MayaConfig,
    build=MayaProvider,
    simulator=MayaSimulator,
    recognises=lambda callback: SIGNATURE in callback.headers,
    source="Maya Developer Hub: Checkout v1, Payments v1, Webhook Security, Payment Statuses, Voids"
    " and Refunds, Online Payment Errors; Maya's WooCommerce plugin and two public clients for"
    " what the hub leaves open. As stored in November 2026.",
)
