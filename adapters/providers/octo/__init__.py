"""OCTO, the gateway of Octobank in Uzbekistan: Uzcard, Humo, Visa and Mastercard on its page."""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.octo.client import OctoProvider
from adapters.providers.octo.config import OctoConfig
from adapters.providers.octo.notices import recognises
from adapters.providers.octo.simulator import OctoSimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.providers.deadlines import Deadlines
from domain.providers.profile import DAY_S, Kind, Profile, Promises

CURRENCIES: Final = ("UZS", "USD")

MANIFEST: Final = Manifest(
    profile=Profile(
        code="octo",
        title="OCTO",
        kind=Kind.CARD,
        currencies=frozenset(CURRENCIES),
        countries=frozenset({"UZ"}),
        fees=tuple(FeeSchedule(currency=currency(code)) for code in CURRENCIES),
        promises=Promises(
            takes_keys=False,  # a known id returns the existing payment: told by clients only
            finds_by_our_reference=True,
            strongly_consistent=False,  # what an unknown id is answered is not documented
            visibility_s=900,  # not documented; the platform's default
            horizon_s=3 * DAY_S,  # a page ends within minutes, a hold is not captured by days later
            signed_callbacks=False,  # signed are an id and a status, neither sum nor currency
        ),
        deadlines=Deadlines(connect_s=6),  # from abroad it is reported as slow to connect
    ),
    client=OctoProvider,
    config=OctoConfig,
    build=OctoProvider,
    simulator=OctoSimulator,
    recognises=recognises,
    sample=Sample(
        currency="UZS",
        country="UZ",
        phone="+99890100",
        minors=(123_456_789, 1_000_000, 9_999_999, 5_000_001),
        least_refund=2_000_000,  # OCTO's own is the worth of one dollar
    ),
    source="help.octo.uz (notifications, one-stage, two-stage, check-status, refunds, cancel, and"
    " the older pages of the same), and public clients in PHP, Python, Perl and TypeScript for what"
    " it leaves open, as stored in November 2026. Fees are the merchant's contract and not"
    " published: without one of the account's own they count as zero.",
    settings={
        "nested_lower": {"signature": "nested_lower"},
        "unique_key": {"signature": "unique_key", "uniqueKey": "the-third-secret"},
    },
    deviations={
        "declined_elsewhere": "how an outage looks is not documented: it is never taken for a no",
        "stale_callbacks": "a callback says when it was paid, not when it was sent, and is a hint",
        "callback_amount": "a callback names no currency and its signature covers no sum, so it is"
        " only a hint to ask",
        "one_refund": "only the sum of all refunds can be asked for: it shows a full refund, and"
        " leaves a part that was never answered to a person",
    },
)
