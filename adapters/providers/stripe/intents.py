"""Pure translation: a Charge into an intent on its own, whose card form the merchant's page shows,
and an intent into an Outcome."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from adapters.provider_kit.http import unusable
from adapters.provider_kit.transport import Response
from adapters.providers.stripe import amounts, wire
from adapters.providers.stripe.errors import card_failure, charge_refused
from adapters.providers.stripe.resources import MARK, WAITS, Intent, resource
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

CANCELED: Final = Failure(
    FailureCode.CANCELED, "The payment was canceled at Stripe.", FailureKind.CANCELED, "canceled"
)


def intent(charge: Charge, units: int) -> Mapping[str, Any]:
    """Cards only: a method that takes days would outlive the payment. Of the payer nothing is told:
    the form asks for what Stripe needs."""
    return {
        "amount": units,
        "currency": charge.amount.currency.code.lower(),
        "payment_method_types": ["card"],
        "description": wire.words(charge),
        "metadata": {**wire.ours(charge), "form": MARK},
    }


def created(response: Response, charge: Charge, publishable_key: str) -> Outcome:
    """The answer to a new intent."""
    if response.status >= 300:
        return charge_refused(response)
    made = resource(response, Intent)
    if isinstance(made, Unknown):
        return made
    if not made.id.startswith("pi_") or made.attempt_id != charge.attempt_id:
        return unusable(response, "an intent that is not ours")
    if amounts.read(made.amount, made.currency) != charge.amount:
        return Unknown(reason="an intent of another amount", provider_reference=made.id)
    return outcome(made, publishable_key)


def outcome(intent: Intent, publishable_key: str) -> Outcome:
    """What an intent says about the money. A declined card is no end, and time is none either: it
    stays open until somebody cancels it."""
    status, taken = intent.status, intent.amount_received
    if status == "succeeded":
        amount = amounts.read(taken or None, intent.currency)
        if amount is None:
            return _unknown(intent, "paid an amount that can't be read")
        return Succeeded(amount=amount, provider_reference=intent.id)
    if taken:
        return _unknown(intent, f"{status[:40]}, and yet money was received")
    if status in WAITS:
        return Pending(provider_reference=intent.id, next_action=_action(intent, publishable_key))
    if status == "processing":
        return Pending(provider_reference=intent.id)
    if status == "canceled":
        return Declined(failure=_why(intent), provider_reference=intent.id)
    if status == "requires_capture":  # we never ask for it: somebody changed the intent
        return _unknown(intent, "held on the card and not charged: capture or cancel it at Stripe")
    return _unknown(intent, status[:40])


def _why(intent: Intent) -> Failure:
    """The last card that was declined, else that somebody closed it, and why Stripe says it was."""
    if intent.last_payment_error is not None:
        return card_failure(intent.last_payment_error)
    reason = intent.cancellation_reason
    return replace(CANCELED, provider_code=reason[:60]) if reason else CANCELED


def _action(intent: Intent, publishable_key: str) -> NextAction | None:
    """The form of the merchant's page; the same each time it is asked for. None when the account
    has no publishable key any more: what was told first stays."""
    if not intent.client_secret or not publishable_key:
        return None
    return NextAction(
        type=ActionType.SHOW_FORM,
        client_secret=intent.client_secret,
        publishable_key=publishable_key,
    )


def _unknown(intent: Intent, reason: str) -> Unknown:
    return Unknown(reason=reason, provider_reference=intent.id)
