"""Pure translation of refunds: whole only, and by Airtel's own id of the payment.

A refund has no id of ours and can't be enquired about; what can be is the payment, whose status
becomes TR. So the payment is looked at first, which also tells Airtel's id, and what came back
already is never asked for again.
"""

from typing import Final

import msgspec

from adapters.provider_kit.http import unusable
from adapters.provider_kit.transport import Response
from adapters.providers.airtel_money.errors import OK, refused
from adapters.providers.airtel_money.wire import LIVE, Told, told
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

WHOLE: Final = "Airtel gives back whole payments only."
UNPAID: Final = "Airtel does not hold this payment as paid."
EARLY: Final = "Airtel does not hold this payment as paid yet."


def partial(order: RefundOrder) -> Declined | None:
    """A no of our own; nothing was sent."""
    if order.amount == order.paid:
        return None
    return Declined(failure=Failure(FailureCode.INVALID_REQUEST, WHOLE, FailureKind.INVALID))


def payment(read: Told, order: RefundOrder) -> str | Outcome:
    """Airtel's id of a payment that can be given back, or what there is instead."""
    known, status = read.transaction.airtel_money_id, read.transaction.status
    if status == "TR":
        return Succeeded(amount=order.amount, provider_reference=known)
    if status == "TS" and known:
        return known
    words = EARLY if status in LIVE or status == "TS" else UNPAID
    failure = Failure(FailureCode.INVALID_REQUEST, words, FailureKind.INVALID, status[:4])
    return Declined(failure=failure, elsewhere=words == EARLY)


def body(airtel_money_id: str) -> bytes:
    return msgspec.json.encode({"transaction": {"airtel_money_id": airtel_money_id}})


def given_back(response: Response, order: RefundOrder) -> Outcome:
    """The answer to a refund. Its success flag is false in the published sample, so the status and
    the code decide."""
    read = told(response)
    done = read is not None and read.transaction.status.upper() in ("SUCCESS", "TR")
    if response.status == 200 and read is not None and done:
        if read.verdict.result_code != OK:
            return unusable(response, f"a success with {read.verdict.word}")
        known = read.transaction.airtel_money_id
        return Succeeded(amount=order.amount, provider_reference=known)
    return refused(response)


def found(read: Told | NotFound | Unknown, order: RefundOrder) -> Outcome | NotFound:
    """Whether a payment came back, by its own status."""
    if not isinstance(read, Told):
        return Unknown(reason="the payment is not found") if isinstance(read, NotFound) else read
    if read.transaction.status == "TR":
        known = read.transaction.airtel_money_id
        return Succeeded(amount=order.amount, provider_reference=known)
    if read.transaction.status == "TS":
        return NotFound("Airtel still holds it as paid")
    return Unknown(reason="the payment is neither paid nor given back")
