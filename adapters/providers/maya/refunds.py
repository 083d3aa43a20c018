"""Pure translation of refunds and voids, and which of the two Maya takes now.

Maya takes no key for a refund: our refund id at the head of `reason` marks it as ours in the list.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.maya.errors import Sort, later, problem, refused, sort_of
from adapters.providers.maya.wire import Record, Total, exact, held, number, summed
from domain.money import Currency, Money
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

NOT_PAID: Final = Failure(
    FailureCode.PROVIDER_UNAVAILABLE,
    "Maya does not show this payment as paid (yet).",
    FailureKind.UNAVAILABLE,
)
SEVERAL: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "Maya holds several payments under this reference; give the right one back by hand.",
    FailureKind.INVALID,
    "PY0104",
)


class GivenBack(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a refund or a void."""

    status: str
    transaction_amount: Total | None = None
    refunded_amount: Total | None = None
    refund_transaction_reference_no: str | None = None
    void_transaction_reference_no: str | None = None


class RefundRow(msgspec.Struct, frozen=True):
    id: str
    status: str
    amount: Decimal
    reason: str | None = None
    currency: str | None = None


def paid(rows: Sequence[Record], order: RefundOrder) -> Record | Declined:
    """The payment to give back from. A payment that is not paid yet may only be late to show."""
    kept = held(rows)
    if not kept:
        return Declined(failure=NOT_PAID, elsewhere=True)
    if len(kept) == 1:
        return kept[0]
    named = [row for row in kept if row.id == order.provider_reference]
    return named[0] if named else Declined(failure=SEVERAL)


def step(payment: Record, order: RefundOrder) -> tuple[str, dict[str, Any]] | Declined:
    """The path below the payment and the body. Maya's flags decide, not our clock: on the day of
    the payment (Manila) it can only be voided whole, from the next day it is refunded."""
    words = {"reason": f"{order.refund_id} {order.reason}".strip()}
    if payment.can_void and not payment.can_refund:
        return ("voids", words) if order.amount == payment.money() else later("PY0072")
    total = {"amount": number(order.amount), "currency": order.amount.currency.code}
    return "refunds", {"totalAmount": total, **words}


def given_back(response: Response, order: RefundOrder) -> Outcome:
    """The answer to a refund or a void: synchronous and final, but for the rare 202."""
    if problem(response) is not None or response.status >= 300:
        return refused(response)
    try:
        read = decode(response.body, GivenBack)
    except Undecodable as error:
        return unusable(response, str(error))
    if response.status == 202 or read.status == "ONGOING":
        return Pending()
    if read.status != "SUCCESS":
        return unusable(response, f"status {read.status[:40]}")
    reference = read.refund_transaction_reference_no or read.void_transaction_reference_no
    if not reference:  # a word is quickly said; asking finds a refund that was made
        return unusable(response, "no reference")
    amount = _refunded(read, order.amount)
    if amount is None:
        return unusable(response, "no readable amount")
    return Succeeded(amount=amount, provider_reference=reference)


def _refunded(read: GivenBack, expected: Money) -> Money | None:
    """Two amounts are told; whether one is cumulative is not documented. The expected one if
    either is it, else the first: a mismatch that a person sees."""
    said = [total for total in (read.refunded_amount, read.transaction_amount) if total is not None]
    if not said:
        return expected  # a void gives all of it back and tells no amount
    amounts = [_of(total, expected.currency) for total in said]
    return expected if expected in amounts else amounts[0]


def _of(total: Total, default: Currency) -> Money | None:
    said = total.value if total.value is not None else total.amount
    return None if said is None else exact(said, total.currency or default.code)


def in_list(response: Response, order: RefundOrder) -> Outcome | NotFound:
    """This refund among a payment's refunds. Never a refusal: a query says nothing about money."""
    found = problem(response)
    if found is not None or response.status >= 300:
        if sort_of(response) is Sort.ABSENT:
            return NotFound("no refunds")
        return unusable(response, found.word if found else "")
    try:
        rows = decode(response.body, list[RefundRow])
    except Undecodable as error:
        return unusable(response, str(error))
    ours = [row for row in rows if (row.reason or "").split(" ")[0] == order.refund_id]
    said = [_row(row, order) for row in ours]
    moved = [one for one in said if isinstance(one, Succeeded)]
    if not said:
        return NotFound("not among the refunds")
    return summed(moved) if moved else said[-1]


def voided(payment: Record, order: RefundOrder) -> Outcome | NotFound:
    """A void is in no list: the payment itself says that all of it was given back."""
    if payment.word == "VOIDED" and order.amount == payment.money():
        return Succeeded(amount=order.amount, provider_reference=payment.id)
    return NotFound("not among the refunds")


def _row(row: RefundRow, order: RefundOrder) -> Outcome:
    if row.status == "ONGOING":
        return Pending(provider_reference=row.id)
    amount = exact(row.amount, row.currency or order.amount.currency.code)
    if row.status != "SUCCESS" or amount is None:  # no other word is documented
        return Unknown(reason=f"refund {row.status[:40]}", provider_reference=row.id)
    return Succeeded(amount=amount, provider_reference=row.id)
