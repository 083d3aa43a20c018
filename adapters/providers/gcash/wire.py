"""Pure translation: a Charge into PayMongo's words, a payment intent into an Outcome."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.providers.gcash.resources import UNTOUCHED, Intent, IntentFacts, money
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
from domain.ports.providers import Charge

EXPIRES_AFTER: Final = timedelta(hours=4)  # a GCash page, from attach ("E-wallets", expiry windows)
CANCELED: Final = frozenset({"cancelled", "canceled"})

TOO_LATE: Final = Failure(
    FailureCode.EXPIRED, "Nobody paid in time at GCash.", FailureKind.EXPIRED, "CLOSED"
)
FAILED: Final[Mapping[str, tuple[FailureCode, FailureKind, bool, str]]] = {
    "AMOUNT_EXCEED_LIMIT": (
        FailureCode.LIMIT_EXCEEDED,
        FailureKind.DECLINED,
        True,
        "The amount is above what GCash permits.",
    ),
    "PARAM_MISSING": (
        FailureCode.INVALID_REQUEST,
        FailureKind.INVALID,
        True,
        "GCash missed something in the request.",
    ),
    "REPEAT_REQ_INCONSISTENT": (
        FailureCode.PROVIDER_UNAVAILABLE,
        FailureKind.UNAVAILABLE,
        True,
        "GCash took the request for a repeat; it can be tried again in a minute.",
    ),
    "SYSTEM_ERROR": (
        FailureCode.PROVIDER_UNAVAILABLE,
        FailureKind.UNAVAILABLE,
        True,
        "GCash had a fault of its own.",
    ),
}  # what GCash itself is the cause of, another provider may try


def sent(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": {"attributes": attributes}}


def new_intent(charge: Charge) -> dict[str, Any]:
    """Creates what nobody can pay yet."""
    return sent(
        {
            "amount": charge.amount.minor,
            "currency": charge.amount.currency.code,
            "payment_method_allowed": ["gcash"],
            "capture_type": "automatic",
            "description": charge.description or charge.reference,
            "metadata": {"attempt_id": charge.attempt_id, "reference": charge.reference},
        }
    )


def new_method(charge: Charge) -> dict[str, Any]:
    who = charge.customer
    told = {"name": who.name, "email": who.email, "phone": who.phone}
    billing = {key: value for key, value in told.items() if value}
    return sent({"type": "gcash", **({"billing": billing} if billing else {})})


def attachment(method_id: str, return_url: str) -> dict[str, Any]:
    return sent({"payment_method": method_id, "return_url": return_url})


def outcome(intent: Intent, opened_at: datetime, expires_at: datetime) -> Outcome:
    """What an intent says about the money. There is no failed intent: after a failed attempt it
    awaits a payment method again, and `last_payment_error` tells it from a fresh one."""
    facts = intent.attributes
    if facts.status == "succeeded":
        return _succeeded(intent)
    if intent.moved:
        reason = f"paid, and yet {facts.status[:40]}"
        return Unknown(reason=reason, provider_reference=intent.id)
    if facts.status in CANCELED:
        words = "The payment was canceled at PayMongo."
        failure = Failure(FailureCode.CANCELED, words, FailureKind.CANCELED, facts.status)
        return Declined(failure=failure, provider_reference=intent.id)
    if facts.status == UNTOUCHED and (error := intent.error) is not None:
        return failed(error.failed_code, error.failed_message, intent.id)
    if facts.status in (UNTOUCHED, "awaiting_next_action", "processing"):
        action = _action(facts, min(expires_at, opened_at + EXPIRES_AFTER))
        return Pending(provider_reference=intent.id, next_action=action)
    return Unknown(reason=f"status {facts.status[:40]}", provider_reference=intent.id)


def failed(code: str | None, message: str | None, reference: str | None) -> Declined:
    """A failed attempt: PayMongo's definite no. CLOSED is "expired and/or generic"."""
    word = (code or "unknown")[:60]
    if word in FAILED:
        kind_of, kind, elsewhere, words = FAILED[word]
    elif word == "CLOSED" and "expire" in (message or "").lower():
        return Declined(failure=TOO_LATE, provider_reference=reference)
    else:
        kind_of = FailureCode.PAYER_REJECTED if word == "CLOSED" else FailureCode.UNKNOWN
        kind, elsewhere = FailureKind.DECLINED, False
        words = "The payment was not authorized at GCash."
    failure = Failure(kind_of, words, kind, word)
    return Declined(failure=failure, elsewhere=elsewhere, provider_reference=reference)


def _succeeded(intent: Intent) -> Outcome:
    """The amount is what the payments took; if it was taken twice, the sum is told, which is not
    what was asked for: a person looks."""
    facts = intent.attributes
    told = [one.money() for one in intent.moved] or [money(facts.amount, facts.currency)]
    amounts = [one for one in told if one is not None]
    if len(amounts) != len(told) or len({one.currency for one in amounts}) != 1:
        return Unknown(reason="succeeded in no one currency", provider_reference=intent.id)
    total = Money(sum(one.minor for one in amounts), amounts[0].currency)
    return Succeeded(amount=total, provider_reference=intent.id)


def _action(facts: IntentFacts, expires_at: datetime) -> NextAction | None:
    """Where the payer goes; the same answer each time it is asked for."""
    redirect = facts.next_action.redirect if facts.next_action is not None else None
    if redirect is None or not redirect.url.startswith(("https://", "http://")):
        return None
    return NextAction(type=ActionType.REDIRECT, url=redirect.url, expires_at=expires_at)
