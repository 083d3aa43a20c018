"""Stripe: Visa and Mastercard, on its Checkout page or in a form in the merchant's own."""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.stripe.amounts import PLACES, step
from adapters.providers.stripe.client import StripeProvider
from adapters.providers.stripe.config import StripeConfig
from adapters.providers.stripe.notices import SIGNATURE
from adapters.providers.stripe.simulator import StripeSimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.money import Money
from domain.providers.profile import DAY_S, Kind, Profile, Promises

CODES: Final = sorted(PLACES)
DOLLARS: Final = (290, 30)  # published for accounts in the United States: 2.9 % and 30 cents
ELSEWHERE: Final = (290 + 150 + 100, 0)  # theirs too: a foreign card, in another currency
LEAST: Final = {"USD": 50, "EUR": 50, "GBP": 30}  # elsewhere Stripe itself refuses
MOST: Final = {"USD": 99_999_999, "EUR": 99_999_999, "GBP": 99_999_999}  # eight digits


def _price(code: str) -> FeeSchedule:
    rate, fixed = DOLLARS if code == "USD" else ELSEWHERE
    return FeeSchedule(currency=currency(code), rate_bps=rate, fixed_minor=fixed)


MANIFEST: Final = Manifest(
    profile=Profile(
        code="stripe",
        title="Card (Stripe)",
        kind=Kind.CARD,
        currencies=frozenset(CODES),
        countries=frozenset(),  # a card may be from anywhere
        minimum=tuple(Money(minor, currency(code)) for code, minor in LEAST.items()),
        maximum=tuple(Money(minor, currency(code)) for code, minor in MOST.items()),
        step=tuple(Money(step(code), currency(code)) for code in CODES if step(code) > 1),
        fees=tuple(_price(code) for code in CODES),
        promises=Promises(
            takes_keys=True,
            key_lifetime_s=DAY_S,  # "at least 24 hours"
            finds_by_our_reference=True,  # among the pages and intents of its minutes
            strongly_consistent=False,  # how soon a list shows what was made is not documented
            visibility_s=900,  # not documented; the platform's default
            horizon_s=3 * DAY_S,  # a page lives a day at most; an intent until we close it
            refund_horizon_s=30 * DAY_S,  # a refund waits for the account's balance
            signed_callbacks=True,
        ),
    ),
    client=StripeProvider,
    config=StripeConfig,
    build=StripeProvider,
    simulator=StripeSimulator,
    recognises=lambda callback: SIGNATURE in callback.headers,
    sample=Sample(currency="USD", country="US", phone="+1202555", tells_phone=False),
    source="docs.stripe.com as stored in November 2026 (Idempotent requests, Errors, Currencies,"
    " Refunds, Expire a Checkout Session, Cancel a PaymentIntent), Stripe's Python library 16.1.0"
    " (parameters, webhook signatures), and common knowledge of statuses and events."
    " The price is that published for accounts in the United States: in USD as for their own cards,"
    " in every other currency as for foreign cards with conversion, which is more than an account"
    " elsewhere pays, so that nothing is sent here for a price that nobody knows.",
    deviations={
        "declined_elsewhere": "every 5xx may have been executed, by Stripe's own documents, so an"
        " outage is never taken for a no",
        "final_decline": "after a declined card the payer may use another, on a page or in the form"
        " in the merchant's: it is over when the page, or the intent, has been closed",
    },
    settings={"own_page": {"cardForm": "own_page", "publishableKey": "pk_test_sim_demo"}},
)
