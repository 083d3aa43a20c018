"""Pure translation: a Charge into a page of Stripe's, a page into an Outcome."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.provider_kit.http import unusable
from adapters.provider_kit.transport import Response
from adapters.providers.stripe import amounts
from adapters.providers.stripe.config import StripeConfig
from adapters.providers.stripe.errors import card_failure, charge_refused
from adapters.providers.stripe.resources import Intent, Session, resource
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
from domain.ports.providers import Charge

SHORTEST: Final = timedelta(minutes=34)  # 30 from when Stripe makes it, minutes after opening
LONGEST: Final = timedelta(hours=23, minutes=55)  # 24 h at most
MOST_WORDS: Final = 250  # characters of a product's name
MOST_METADATA: Final = 500
MAIL: Final = re.compile(r"[^@\s,<>\"()]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
MOVING: Final = frozenset({"processing", "requires_capture", "succeeded"})  # of an intent

TOO_LATE: Final = Failure(
    FailureCode.EXPIRED, "Nobody paid in time at Stripe.", FailureKind.EXPIRED, "expired"
)
CANCELED: Final = Failure(
    FailureCode.CANCELED, "The payment was canceled at Stripe.", FailureKind.CANCELED, "expired"
)


def closes_at(charge: Charge) -> datetime:
    """When the page closes by itself. A function of the charge alone: under one key Stripe takes
    one set of words, and a page lives 30 minutes at least."""
    least, most = charge.opened_at + SHORTEST, charge.opened_at + LONGEST
    return min(max(charge.expires_at, least), most)


def page(charge: Charge, units: int, config: StripeConfig) -> Mapping[str, Any]:
    """Cards only, in the merchant's currency only: with Adaptive Pricing Stripe would choose
    another. Of the payer only the e-mail is told, where it looks like one."""
    back = charge.return_url or config.return_url
    email = charge.customer.email or ""
    metadata = ours(charge)
    return {
        "mode": "payment",
        "client_reference_id": charge.attempt_id,
        "success_url": back,
        "cancel_url": back,
        "expires_at": int(closes_at(charge).timestamp()),
        "payment_method_types": ["card"],
        "adaptive_pricing": {"enabled": False},
        "customer_email": email if MAIL.fullmatch(email) else None,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": charge.amount.currency.code.lower(),
                    "unit_amount": units,
                    "product_data": {"name": words(charge)},
                },
            }
        ],
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
    }


def words(charge: Charge) -> str:
    """What it is for, as a payer reads it."""
    said = charge.description.strip() or charge.reference.strip() or "Payment"
    return said[:MOST_WORDS]


def ours(charge: Charge) -> Mapping[str, str | None]:
    """What stands in the metadata of each object that a charge makes."""
    return {"attempt_id": charge.attempt_id, "reference": charge.reference[:MOST_METADATA] or None}


def created(response: Response, charge: Charge) -> Outcome:
    """The answer to a new page."""
    if response.status >= 300:
        return charge_refused(response)
    made = resource(response, Session)
    if isinstance(made, Unknown):
        return made
    if not made.id.startswith("cs_") or made.client_reference_id != charge.attempt_id:
        return unusable(response, "a page that is not ours")
    if amounts.read(made.amount_total, made.currency) != charge.amount:
        return Unknown(reason="a page for another amount", provider_reference=made.id)
    return outcome(made)


def outcome(session: Session) -> Outcome:
    """What a page says about the money. A declined card is no end: the payer may use another
    until the page has closed."""
    match session.status, session.payment_status:
        case "complete", "paid":
            amount = amounts.read(session.amount_total, session.currency)
            if amount is None:
                return _unknown(session, "paid an amount that can't be read")
            return Succeeded(amount=amount, provider_reference=session.id)
        case "open", "unpaid":
            return Pending(provider_reference=session.id, next_action=_action(session))
        case "complete", "unpaid":  # not with cards; then it is under way for days
            return Pending(provider_reference=session.id)
        case "expired", "unpaid":
            return _closed(session)
    return _unknown(session, f"{(session.status or '')[:40]}, {session.payment_status[:40]}")


def _closed(session: Session) -> Outcome:
    """Nobody can pay on it any more. Why: the last card that was declined, else nobody came."""
    intent = session.payment_intent
    if isinstance(intent, Intent):
        if intent.status in MOVING:
            return _unknown(session, f"closed, and yet {intent.status}")
        if intent.last_payment_error is not None:
            failure = card_failure(intent.last_payment_error)
            return Declined(failure=failure, provider_reference=session.id)
    return Declined(failure=TOO_LATE, provider_reference=session.id)


def _action(session: Session) -> NextAction | None:
    """Where the payer goes; the same answer each time it is asked for."""
    url = session.url or ""
    if not url.startswith(("https://", "http://")):
        return None
    at = min(max(session.expires_at, 0), 10**11)
    return NextAction(type=ActionType.REDIRECT, url=url, expires_at=datetime.fromtimestamp(at, UTC))


def _unknown(session: Session, reason: str) -> Unknown:
    return Unknown(reason=reason, provider_reference=session.id)
