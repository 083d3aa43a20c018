"""Pure translation: a Charge into a customer and a checkout of PayNow's, an order into an Outcome.

An attempt's reference at PayNow is "customer:<flake>" until an order of that customer is known, and
the order's id from then on.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.provider_kit.guard import unavailable
from adapters.provider_kit.http import unusable
from adapters.provider_kit.transport import Response
from adapters.providers.paynow_gg.config import FLAKE, PayNowGgConfig
from adapters.providers.paynow_gg.errors import refused
from adapters.providers.paynow_gg.resources import Customer, Made, Order, resource
from domain.currencies import CURRENCIES
from domain.money import Money
from domain.payments.outcome import (
    ActionType,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NextAction,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Charge, Prepared

CUSTOMER: Final = "customer:"
MOST_WORDS: Final = 100  # characters of a name
MOST_METADATA: Final = 500
MOST_UNITS: Final = 2**31 - 1  # quantities and amounts are int32

OTHER_CURRENCY: Final = Failure(
    FailureCode.INVALID_REQUEST, "The PayNow store has another currency.", FailureKind.INVALID
)
OFF_PRICE: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "The amount is no multiple of the PayNow product's price, or too large.",
    FailureKind.INVALID,
)
CANCELED: Final = Failure(
    FailureCode.CANCELED, "The order was canceled at PayNow.", FailureKind.CANCELED, "canceled"
)
GIVEN_BACK: Final = Failure(
    FailureCode.CANCELED,
    "It was paid at PayNow, and given back there.",
    FailureKind.CANCELED,
    "refunded",
)
CHARGED_BACK: Final = Failure(
    FailureCode.BOUNCED,
    "It was paid at PayNow, and the payer's bank took it back.",
    FailureKind.DECLINED,
    "chargeback",
)
NOES: Final = {"canceled": CANCELED, "refunded": GIVEN_BACK, "chargeback": CHARGED_BACK}


def untaken(amount: Money, config: PayNowGgConfig) -> Declined | None:
    """Why this store can't sell for that amount, if it can't; said before anything is sent."""
    if amount.currency.code != config.currency:
        return Declined(failure=OTHER_CURRENCY, elsewhere=True)
    step = config.product_price or 1
    if amount.minor <= 0 or amount.minor > MOST_UNITS or amount.minor % step:
        return Declined(failure=OFF_PRICE, elsewhere=True)
    return None


def customer(charge: Charge) -> Mapping[str, Any]:
    """Of the payer only the name is told."""
    name = (charge.customer.name or "").strip() or charge.reference.strip() or "Customer"
    return {"name": name[:MOST_WORDS], "metadata": {"attempt_id": charge.attempt_id}}


def prepared(response: Response) -> Prepared | Declined:
    """The answer to a new customer. Without a usable one there may be a customer, and nothing that
    anybody could pay."""
    if response.status >= 300:
        said = refused(response)
        return said if isinstance(said, Declined) else unavailable(said.reason)
    made = resource(response, Customer)
    return unavailable(made.reason) if isinstance(made, Unknown) else Prepared(CUSTOMER + made.id)


def customer_in(reference: str | None) -> str | None:
    """The customer's id in what `prepared` gave."""
    said = reference or ""
    found = said.removeprefix(CUSTOMER)
    return found if said.startswith(CUSTOMER) and FLAKE.fullmatch(found) else None


def slug(charge: Charge) -> str:
    """Of a product made for one attempt: unique in the store, and fit for an address."""
    return charge.attempt_id.lower().replace("_", "-")


def checkout(charge: Charge, customer_id: str, config: PayNowGgConfig) -> Mapping[str, Any]:
    """One line, whose price is the amount. Coupons and gift cards would change it: refused."""
    body: dict[str, Any] = {
        "customer_id": customer_id,
        "lines": [_line(charge, config)],
        "metadata": {
            "attempt_id": charge.attempt_id,
            "reference": charge.reference[:MOST_METADATA],
        },
    }
    if charge.return_url is not None:
        back = {"return_url": charge.return_url, "cancel_url": charge.return_url}
        body |= {**back, "auto_redirect": True}
    return body


def _line(charge: Charge, config: PayNowGgConfig) -> Mapping[str, Any]:
    if config.product_id:
        quantity = charge.amount.minor // config.product_price
        return {"product_id": config.product_id, "quantity": quantity, "subscription": False}
    words = charge.description.strip() or charge.reference.strip() or "Payment"
    product = {
        "slug": slug(charge),
        "name": words[:MOST_WORDS],
        "price": charge.amount.minor,
        "allow_one_time_purchase": True,
        "allow_subscription": False,
        "disable_promo_codes": True,
        "is_gifting_disabled": True,
        "is_hidden": True,
    }
    return {"inline_product": product, "quantity": 1, "subscription": False}


def created(response: Response, charge: Charge) -> Outcome:
    """The answer to a new checkout: neither a status nor an amount."""
    if response.status >= 300:
        return refused(response)
    made = resource(response, Made)
    if isinstance(made, Unknown):
        return made
    if not made.url.startswith(("https://", "http://")):
        return unusable(response, "no address to send the payer to")
    action = NextAction(type=ActionType.REDIRECT, url=made.url, expires_at=charge.expires_at)
    return Pending(provider_reference=charge.provider_reference, next_action=action)


def money(total: int, tax: int, code: str, config: PayNowGgConfig) -> Money | None:
    """What counts as paid or given back; None for what is no amount of a known currency. Tax that
    is added on top is PayNow's to collect, not ours."""
    known = CURRENCIES.get(code.upper())
    minor = total - tax if config.tax_on_top else total
    return Money(minor, known) if known is not None and tax >= 0 and minor >= 0 else None


def outcome(order: Order, config: PayNowGgConfig) -> Outcome:
    """What one order says about the money. One that was refunded or charged back is a no: of what
    we have heard was paid, nobody asks any more."""
    if order.status == "created":
        return Pending(provider_reference=order.id)
    if (failure := NOES.get(order.status)) is not None:
        return Declined(failure=failure, provider_reference=order.id)
    if order.status != "completed":
        return Unknown(reason=f"order {order.status[:40]}", provider_reference=order.id)
    paid = order.total_amount - order.giftcard_usage_amount
    amount = money(paid, order.tax_amount, order.currency, config)
    if amount is None or order.giftcard_usage_amount < 0:
        return Unknown(reason="paid an amount that can't be read", provider_reference=order.id)
    return Succeeded(amount=amount, provider_reference=order.id)


def together(orders: Sequence[Order], config: PayNowGgConfig) -> Outcome:
    """What all orders of an attempt add up to. Paid twice, the sum is told, which is not what was
    asked for: a person looks."""
    said = [outcome(one, config) for one in orders]
    moved = [one for one in said if isinstance(one, Succeeded)]
    if len(moved) > 1:
        if len({one.amount.currency for one in moved}) > 1:
            return Unknown(reason="paid more than once, in different currencies")
        total = Money(sum(one.amount.minor for one in moved), moved[0].amount.currency)
        return Succeeded(amount=total, provider_reference=moved[0].provider_reference)
    for kind in (Succeeded, Unknown, Pending, Declined):
        if fitting := [one for one in said if isinstance(one, kind)]:
            return fitting[-1]
    return Unknown(reason="nothing was said")
