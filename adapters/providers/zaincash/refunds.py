"""Pure translation of refunds: a reversal gives back all of a transaction.

A reversal is **not idempotent**: one that is sent again gives back again. So the transaction is
looked at first, and only one that shows SUCCESS is reversed; what became of a lost answer is told
by the transaction too, which is REFUNDED then. (A list of reversals and a partial reversal are
mentioned by a later guide; neither's shape is published, and parts need the merchant's contract.)
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final

import msgspec

from adapters.provider_kit.amounts import exact
from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.zaincash.errors import refused
from adapters.providers.zaincash.wire import Inquiry
from domain.payments.outcome import (
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NotFound,
    Outcome,
    Succeeded,
    Unknown,
)
from domain.ports.providers import RefundOrder

MOST_REASON: Final = 200  # characters
WHOLE: Final = Failure(
    FailureCode.INVALID_REQUEST, "ZainCash gives back whole payments.", FailureKind.INVALID
)
NOT_PAID: Final = Failure(
    FailureCode.PROVIDER_UNAVAILABLE,
    "ZainCash does not show this payment as paid (yet).",
    FailureKind.UNAVAILABLE,
)
ANOTHER: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "ZainCash shows another amount for this payment; give it back by hand.",
    FailureKind.INVALID,
)


class Reversal(msgspec.Struct, frozen=True, rename="camel"):
    status: str
    amount: Decimal
    reversal_reference_id: str | None = None


def body(order: RefundOrder) -> dict[str, str | None]:
    """Our refund's id stands first in the reason, for people who look."""
    reason = f"{order.refund_id} {order.reason}".strip()[:MOST_REASON]
    return {"transactionId": order.provider_reference, "reason": reason}


def before(found: Inquiry, order: RefundOrder) -> Outcome | None:
    """What there is to say without reversing; None: it may be reversed."""
    if found.transaction_details.amount.money() != order.amount:
        return Declined(failure=ANOTHER)
    if found.status == "REFUNDED":
        return Succeeded(amount=order.amount)
    return None if found.status == "SUCCESS" else Declined(failure=NOT_PAID, elsewhere=True)


def reversed_(response: Response, order: RefundOrder) -> Outcome:
    """The answer to a reversal. Only 401 and 403 are passing: the account's, not the payment's."""
    if response.status >= 300:
        said = refused(response)
        passing = response.status in (401, 403)
        return replace(said, elsewhere=passing) if isinstance(said, Declined) else said
    try:
        made = decode(response.body, Reversal)
    except Undecodable as error:
        return unusable(response, str(error))
    amount = exact(made.amount, order.amount.currency.code)
    if made.status != "COMPLETED" or amount is None:
        return Unknown(reason=f"reversal {made.status[:40]}")
    return Succeeded(amount=amount, provider_reference=made.reversal_reference_id)


def afterwards(found: Inquiry, order: RefundOrder) -> Outcome | NotFound:
    """What became of a reversal, by the transaction."""
    if found.transaction_details.amount.money() != order.amount:
        return Unknown(reason="ZainCash shows another amount")
    if found.status == "REFUNDED":
        return Succeeded(amount=order.amount)
    return (
        NotFound("not reversed")
        if found.status == "SUCCESS"
        else Unknown(reason=f"status {found.status[:40]}")
    )
