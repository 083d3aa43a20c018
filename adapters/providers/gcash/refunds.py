"""Pure translation of refunds.

PayMongo takes no key for a refund, so our refund id at the head of `notes` marks it as ours. It is
looked for in the payment's `refunds`: seen in PayMongo's published events, while the documented
list of all refunds has no filter. A refund is of a payment (pay_…), never of an intent.
"""

from typing import Any, Final

from adapters.provider_kit.transport import Response
from adapters.providers.gcash.errors import refund_refused
from adapters.providers.gcash.resources import Intent, Payment, Refund, money, resource
from adapters.providers.gcash.wire import sent
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

MOST_NOTES: Final = 255  # characters
REASONS: Final = {
    "paid twice": "duplicate",  # the platform's own word for a surplus
    **{word: word for word in ("duplicate", "fraudulent", "requested_by_customer")},
}  # PayMongo has four; any other reason stands in the notes
NOT_PAID: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "PayMongo does not show this payment as paid (yet).",
    FailureKind.UNAVAILABLE,
)
SEVERAL: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "PayMongo holds several payments of this intent; give the right one back by hand.",
    FailureKind.INVALID,
)
FELL: Final = Failure(
    FailureCode.UNKNOWN,
    "PayMongo took the refund, and it failed there; nothing was given back.",
    FailureKind.DECLINED,
    "failed",
)


def paid(intent: Intent) -> Payment | Declined:
    """What can be given back. A payment that is not paid yet may only be late to show."""
    match intent.moved:
        case [one]:
            return one
        case []:
            return Declined(failure=NOT_PAID, elsewhere=True)
    return Declined(failure=SEVERAL)


def request(order: RefundOrder, payment_id: str) -> dict[str, Any]:
    return sent(
        {
            "amount": order.amount.minor,
            "payment_id": payment_id,
            "reason": REASONS.get(order.reason.strip().lower(), "others"),
            "notes": f"{order.refund_id} {order.reason}".strip()[:MOST_NOTES],
        }
    )


def ours(refund: Refund) -> str | None:
    """Our id in a refund's notes; None when somebody made it in PayMongo's dashboard."""
    head = (refund.attributes.notes or "").partition(" ")[0]
    return head if head.startswith("rfd_") else None


def given_back(response: Response) -> Outcome:
    """The answer to our request: succeeded at once, or in a day."""
    if response.status >= 300:
        return refund_refused(response)
    found = resource(response, Refund)
    return found if isinstance(found, Unknown) else outcome(found)


def outcome(refund: Refund) -> Outcome:
    """What one refund says. A failed one is final: sending again is another refund, and until
    that one shows, this no would be taken for its."""
    facts = refund.attributes
    amount = money(facts.amount, facts.currency)
    if facts.status == "succeeded" and amount is not None:
        return Succeeded(amount=amount, provider_reference=refund.id)
    if facts.status in ("pending", "processing"):
        return Pending(provider_reference=refund.id)
    if facts.status == "failed":
        return Declined(failure=FELL, provider_reference=refund.id)
    return Unknown(reason=f"refund {facts.status[:40]}", provider_reference=refund.id)


def in_payment(payment: Payment, order: RefundOrder) -> Outcome | NotFound:
    """This refund among the payment's. Given back twice, the sum is told: a person looks."""
    rows = [one for one in payment.attributes.refunds or () if ours(one) == order.refund_id]
    said = [outcome(one) for one in rows]
    moved = [one for one in said if isinstance(one, Succeeded)]
    if len(moved) > 1:
        total = sum(one.amount.minor for one in moved)
        reference = moved[0].provider_reference
        amount = Money(total, moved[0].amount.currency)
        return Succeeded(amount=amount, provider_reference=reference)
    for kind in (Succeeded, Unknown, Pending, Declined):
        if fitting := [one for one in said if isinstance(one, kind)]:
            return fitting[-1]
    return NotFound("not among the payment's refunds")
