"""Airtel Money: mobile money in fourteen countries of Africa, through Airtel's Open API."""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.airtel_money.client import AirtelMoneyProvider
from adapters.providers.airtel_money.config import AirtelMoneyConfig
from adapters.providers.airtel_money.markets import MARKETS
from adapters.providers.airtel_money.notices import recognises
from adapters.providers.airtel_money.simulator import AirtelMoneySimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.providers.profile import DAY_S, Kind, Profile, Promises

CURRENCIES: Final = frozenset(one.currency for one in MARKETS.values())

MANIFEST: Final = Manifest(
    profile=Profile(
        code="airtel_money",
        title="Airtel Money",
        kind=Kind.MOBILE_MONEY,
        currencies=CURRENCIES,
        countries=frozenset(MARKETS),
        networks=tuple(one.network for one in MARKETS.values()),
        fees=tuple(FeeSchedule(currency=currency(code)) for code in sorted(CURRENCIES)),
        ladder_s=(60, 120, 180, 300, 600, 3600),  # "at least one", "at least three minutes"
        promises=Promises(
            takes_keys=True,  # the transaction's id: a second one is ESB000041
            key_lifetime_s=DAY_S,  # not documented
            finds_by_our_reference=True,
            strongly_consistent=False,  # "not found" is documented, how soon it is true is not
            visibility_s=900,  # not documented; the platform's default
            horizon_s=3 * DAY_S,
            signed_callbacks=False,
        ),
    ),
    client=AirtelMoneyProvider,
    config=AirtelMoneyConfig,
    build=AirtelMoneyProvider,
    simulator=AirtelMoneySimulator,
    recognises=recognises,
    partial_refunds=False,
    sample=Sample(currency="ZMW", country="ZM", phone="+26097700"),
    source="Public transcripts of Airtel's developer portal (one of them Zambia's, June 2025), a"
    " Congolese matrix of its codes, and public clients, as stored in November 2026. Fees are the"
    " merchant's contract and not published: without one of the account's own they count as zero.",
    settings={"v1": {"version": "v1"}},
    deviations={
        "callback_amount": "a callback tells id and status only; it is a hint to ask",
        "stale_callbacks": "a callback says no time, so it is only a hint to ask",
        "named_credential": "its token desk refuses an unknown id and a wrong secret alike",
    },
)
