"""Pure translation: a charge to bytes, bytes to an outcome. Nothing is sent from here.

Only the company's own, documented no is Declined. What has not that shape is Unknown.
"""

from typing import Any, Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money
from domain.payments.outcome import (
    UNREACHED,
    ActionType,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NextAction,
    NotFound,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Charge

DOWN: Final = Failure(FailureCode.PROVIDER_UNAVAILABLE, UNREACHED, FailureKind.UNAVAILABLE, "down")
NOES: Final = {
    "rejected": (FailureCode.PAYER_REJECTED, "The payer said no."),
    "no_funds": (FailureCode.INSUFFICIENT_FUNDS, "The payer has not enough money."),
}
ON_PHONE: Final = NextAction(
    type=ActionType.APPROVE_ON_PHONE, message="Approve the payment on your phone."
)


class Record(msgspec.Struct, frozen=True):
    """A charge as the company tells it; amounts in major units, as text."""

    id: str
    reference: str
    status: str  # pending, paid, failed
    amount: str
    currency: str
    reason: str | None = None


class Refusal(msgspec.Struct, frozen=True):
    error: str


def charge_body(charge: Charge) -> dict[str, Any]:
    """What is asked for."""
    return {
        "reference": charge.attempt_id,
        "amount": charge.amount.major,
        "currency": charge.amount.currency.code,
        "phone": charge.customer.phone,
    }


def charged(answer: Response) -> Succeeded | Pending | Declined | Unknown:
    """The answer to a charge."""
    if answer.status == 503 and _error(answer) == "down":
        return Declined(failure=DOWN, elsewhere=True)
    return _outcome(answer) if answer.status == 201 else unusable(answer)


def found(answer: Response) -> Succeeded | Pending | Declined | Unknown | NotFound:
    """The answer to a query."""
    if answer.status == 404 and _error(answer) == "not_found":
        return NotFound()
    return _outcome(answer) if answer.status == 200 else unusable(answer)


def _outcome(answer: Response) -> Succeeded | Pending | Declined | Unknown:
    try:
        record = decode(answer.body, Record)
        amount = Money.parse(record.amount, currency(record.currency))
    except (Undecodable, Invalid):
        return unusable(answer)
    if record.status == "paid":
        return Succeeded(amount=amount, provider_reference=record.id)
    if record.status == "pending":
        return Pending(provider_reference=record.id, next_action=ON_PHONE)
    if record.status == "failed" and record.reason in NOES:
        code, words = NOES[record.reason]
        failure = Failure(code, words, FailureKind.DECLINED, record.reason)
        return Declined(failure=failure, provider_reference=record.id)
    return unusable(answer, "a status that is not documented")


def _error(answer: Response) -> str | None:
    try:
        return decode(answer.body, Refusal).error
    except Undecodable:
        return None
