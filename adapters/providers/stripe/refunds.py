"""Pure translation of refunds: of an intent, on its own or behind a page. Ours carry our id."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from adapters.provider_kit.transport import Response
from adapters.providers.stripe import amounts
from adapters.providers.stripe.errors import refund_refused
from adapters.providers.stripe.resources import Intent, Refund, Session, resource
from domain.money import Money
from domain.payments.outcome import (
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NotFound,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import RefundOrder

REASONS: Final = {
    "paid twice": "duplicate",  # the platform's own word for a surplus
    **{word: word for word in ("duplicate", "fraudulent", "requested_by_customer")},
}  # Stripe has three; any other reason stands in the metadata
MOST_METADATA: Final = 500
NOT_PAID: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "Stripe does not show this payment as paid (yet).",
    FailureKind.UNAVAILABLE,
)


def paid(found: Session | Intent) -> str | Declined:
    """The intent that can be given back. What is not paid yet may only be late to show."""
    if isinstance(found, Intent):
        if found.status == "succeeded":
            return found.id
    elif found.payment_status == "paid" and found.intent_id is not None:
        return found.intent_id
    return Declined(failure=NOT_PAID, elsewhere=True)


def request(order: RefundOrder, intent_id: str, units: int) -> Mapping[str, Any]:
    reason = order.reason.strip()
    return {
        "payment_intent": intent_id,
        "amount": units,
        "reason": REASONS.get(reason.lower()),
        "metadata": {
            "refund_id": order.refund_id,
            "attempt_id": order.attempt_id,
            "reason": reason[:MOST_METADATA] or None,
        },
    }


def given_back(response: Response, order: RefundOrder) -> Outcome:
    """The answer to our request."""
    if response.status >= 300:
        return refund_refused(response)
    made = resource(response, Refund)
    if isinstance(made, Unknown):
        return made
    if made.refund_id != order.refund_id:
        return Unknown(reason="a refund that is not this one", provider_reference=made.id)
    return outcome(made)


def outcome(refund: Refund) -> Outcome:
    """What one refund says. One that succeeded can still fail days later."""
    amount = amounts.read(refund.amount, refund.currency)
    if refund.status == "succeeded" and amount is not None:
        return Succeeded(amount=amount, provider_reference=refund.id)
    if refund.status in ("pending", "requires_action"):
        return Pending(provider_reference=refund.id)
    if refund.status in ("failed", "canceled"):
        why = (refund.failure_reason or refund.status)[:60]
        words = "The refund did not arrive; the money is with Stripe again."
        failure = Failure(FailureCode.UNKNOWN, words, FailureKind.DECLINED, why)
        return Declined(failure=failure, provider_reference=refund.id)
    return Unknown(reason=f"refund {(refund.status or '')[:40]}", provider_reference=refund.id)


def among(rows: Iterable[Refund], order: RefundOrder) -> Outcome | NotFound:
    """This refund among the intent's. Given back twice, the sum is told: a person looks."""
    said = [outcome(one) for one in rows if one.refund_id == order.refund_id]
    moved = [one for one in said if isinstance(one, Succeeded)]
    if len(moved) > 1:
        total = Money(sum(one.amount.minor for one in moved), moved[0].amount.currency)
        return Succeeded(amount=total, provider_reference=moved[0].provider_reference)
    for kind in (Succeeded, Unknown, Pending, Declined):
        if fitting := [one for one in said if isinstance(one, kind)]:
            return fitting[-1]
    return NotFound("not among the payment's refunds")
