"""Pure translation of refunds. PayNow gives back an order, or one of its lines; ours have one line,
so a refund is of all that was paid, and an order goes back once, whoever asks for it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.provider_kit.transport import Response
from adapters.providers.paynow_gg import wire
from adapters.providers.paynow_gg.config import PayNowGgConfig
from adapters.providers.paynow_gg.errors import refused
from adapters.providers.paynow_gg.resources import Order, Payment, Refund, resource
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

WAITING: Final = frozenset({"created", "approved", "processing"})
OVER: Final = frozenset({"canceled", "failed"})
PAID: Final = frozenset({"completed", "refunded", "chargeback"})  # or it was, once
WHOLE_ONLY: Final = Failure(
    FailureCode.INVALID_REQUEST, "PayNow refunds whole orders only.", FailureKind.INVALID
)
NOT_PAID: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "PayNow does not show this order as paid (yet).",
    FailureKind.UNAVAILABLE,
)


def paid(orders: Sequence[Order]) -> Order | Declined:
    """The order that can be given back. What is not paid yet may only be late to show."""
    found = [one for one in orders if one.status in PAID]
    return found[0] if len(found) == 1 else Declined(failure=NOT_PAID, elsewhere=True)


def mark(order: RefundOrder) -> Mapping[str, Any]:
    """What is noted at the customer before the refund is asked for: PayNow takes no reference with
    a refund, and tells of each with its customer."""
    return {"metadata": {"attempt_id": order.attempt_id, "refund_id": order.refund_id}}


def given_back(response: Response, config: PayNowGgConfig) -> Outcome:
    """The answer to our request."""
    if response.status >= 300:
        return refused(response, elsewhere=False)
    made = resource(response, Refund)
    return made if isinstance(made, Unknown) else outcome(made, config)


def outcome(refund: Refund, config: PayNowGgConfig) -> Outcome:
    """What one refund says."""
    if refund.status in WAITING:
        return Pending(provider_reference=refund.id)
    if refund.status in OVER:
        words = "PayNow did not give it back."
        failure = Failure(FailureCode.UNKNOWN, words, FailureKind.DECLINED, refund.status)
        return Declined(failure=failure, provider_reference=refund.id)
    code = refund.currency or config.currency
    amount = wire.money(refund.amount, refund.tax_amount, code, config)
    if refund.status != "completed" or amount is None:
        return Unknown(reason=f"refund {refund.status[:40]}", provider_reference=refund.id)
    return Succeeded(amount=amount, provider_reference=refund.id)


def among(
    payments: Sequence[Payment], found: Order, order: RefundOrder, config: PayNowGgConfig
) -> Outcome | NotFound:
    """What has become of giving this order back. One that failed and is not known to be this one
    may be an earlier one's: it says nothing."""
    rows = [row for one in payments for row in one.refunds or ()]
    if known := [row for row in rows if row.id == order.refund_reference]:
        return outcome(known[0], config)
    said = [outcome(row, config) for row in rows]
    moved = [one for one in said if isinstance(one, Succeeded)]
    if moved:
        total = Money(sum(one.amount.minor for one in moved), moved[0].amount.currency)
        return Succeeded(amount=total, provider_reference=moved[-1].provider_reference)
    for one in said:
        if isinstance(one, Pending | Unknown):
            return one
    if found.status == "refunded":
        return Succeeded(amount=order.paid)
    if found.status == "chargeback":
        return Declined(failure=wire.CHARGED_BACK)
    return NotFound("the order was not given back")
