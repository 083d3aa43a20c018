"""Pure translation of refunds.

`shop_refund_id` is OCTO's filter of duplicates, so it is our refund's id and never another. There
is no query of a refund: a payment tells the sum of all of them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.amounts import exact
from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.octo import wire
from adapters.providers.octo.config import OctoConfig
from adapters.providers.octo.errors import DONE, refund_refused
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

MOST_SOM: Final = 10_000_000_00  # tiyin in one refund; their number is not limited
UNDER_WAY: Final = frozenset({"pending", "new"})
FELL: Final = frozenset({"failed", "canceled"})
NOT_PAID: Final = Failure(
    FailureCode.PROVIDER_UNAVAILABLE,
    "OCTO does not show this payment as paid (yet).",
    FailureKind.UNAVAILABLE,
)
TOO_MUCH: Final = Failure(
    FailureCode.LIMIT_EXCEEDED,
    "OCTO gives back at most UZS 10,000,000.00 at once; ask for several refunds.",
    FailureKind.INVALID,
)
FAILED: Final = Failure(
    FailureCode.UNKNOWN,
    "OCTO took the refund, and it failed there; nothing was given back.",
    FailureKind.DECLINED,
    "failed",
)


class Refund(msgspec.Struct, frozen=True):
    uuid: str | None = msgspec.field(default=None, name="octo_payment_UUID")
    refund_id: str | None = None
    status: str | None = None


class RefundEnvelope(Refund, frozen=True, kw_only=True):
    error: int
    data: Refund | None = None


def too_much(order: RefundOrder) -> Declined | None:
    """Above the documented limit of one refund; nothing was sent."""
    above = order.amount.currency.code == "UZS" and order.amount.minor > MOST_SOM
    return Declined(failure=TOO_MUCH) if above else None


def body(order: RefundOrder, uuid: str, config: OctoConfig) -> Mapping[str, Any]:
    return {
        **wire.keys(config),
        "octo_payment_UUID": uuid,
        "shop_refund_id": order.refund_id,
        "amount": wire.number(order.amount),
    }


def given_back(response: Response, order: RefundOrder, uuid: str) -> Outcome:
    """The answer to a refund: `error` 0 only means that it was accepted, `status` says the rest.
    It tells no sum: it is the one that was asked for."""
    if response.status != 200:
        return unusable(response)
    try:
        envelope = decode(response.body, RefundEnvelope)
    except Undecodable as error:
        return unusable(response, str(error))
    if envelope.error != DONE:
        return refund_refused(response, envelope.error)
    made = envelope.data or envelope
    if made.uuid not in (None, uuid):
        return unusable(response, "another payment")
    if made.status == "succeeded":
        return Succeeded(amount=order.amount, provider_reference=made.refund_id)
    if made.status in UNDER_WAY:
        return Pending(provider_reference=made.refund_id)
    if made.status in FELL:
        return Declined(failure=FAILED, provider_reference=made.refund_id)
    reason = f"refund {(made.status or '')[:40]}"
    return Unknown(reason=reason, provider_reference=made.refund_id)


def in_sum(known: wire.Payment, order: RefundOrder) -> Outcome | NotFound:
    """This refund in the sum of all: nothing was given back, or everything was, so this too. In
    between nobody can tell one refund from another."""
    code = order.amount.currency.code
    back = exact(known.refunded_sum or Decimal(0), code)
    paid = known.money(code)
    if back is None or paid is None:
        return Unknown(reason="no readable sum of refunds")
    if back.minor == 0:
        return NotFound("nothing was given back")
    if back == paid:
        return Succeeded(amount=order.amount)
    return Unknown(reason=f"{back.major} of {paid.major} given back, by whichever refunds")
