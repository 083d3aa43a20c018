"""Pure translation of refunds: our refund's id is the key, and what a query asks about."""

from typing import Any, Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.gcash_alipayplus.config import AlipayPlusConfig
from adapters.providers.gcash_alipayplus.errors import ABSENT, not_refunded
from adapters.providers.gcash_alipayplus.wire import Amount, Result, units
from domain.payments.outcome import (
    Answer,
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

MOST_REASON: Final = 256  # characters
OURS: Final = "rfd"
IN_PROCESS: Final = "REFUND_IN_PROCESS"
FAILED: Final = Failure(
    FailureCode.UNKNOWN, "The refund failed at GCash.", FailureKind.DECLINED, "FAIL"
)


class Refunded(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to refund and to inquiryRefund; the latter tells `refund_status`."""

    result: Result
    refund_status: str = ""
    refund_id: str | None = None
    refund_request_id: str | None = None
    refund_amount: Amount | None = None


def key(refund_id: str) -> str:
    """Special characters are not supported here, so our id goes without its underscore."""
    return refund_id.replace("_", "", 1)


def refund_of(key_: str) -> str:
    """Our id of that key."""
    return f"{OURS}_{key_.removeprefix(OURS)}"


def body(order: RefundOrder, payment_id: str, config: AlipayPlusConfig) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "refundRequestId": key(order.refund_id),
        "paymentId": payment_id,
        "refundAmount": units(order.amount),
    }
    if order.reason:
        asked["refundReason"] = order.reason[:MOST_REASON]
    if config.notify_url:
        asked["refundNotifyUrl"] = config.notify_url
    return asked


def given_back(response: Response, order: RefundOrder) -> Outcome:
    """The answer to a refund: S has given it back, U has it under way if its code says so."""
    said = _read(response, order)
    if not isinstance(said, Refunded):
        return said
    match said.result.result_status:
        case "S":
            return _moved(said)
        case "F":
            return not_refunded(said.result.result_code)
        case "U" if said.result.result_code == IN_PROCESS:
            return Pending(provider_reference=said.refund_id)
    return Unknown(reason=said.result.words, provider_reference=said.refund_id)


def found(response: Response, order: RefundOrder) -> Answer:
    """What a query says. The query's own F is no refusal of the refund."""
    said = _read(response, order)
    if not isinstance(said, Refunded):
        return said
    if said.result.result_status == "F" and said.result.result_code == ABSENT:
        return NotFound("no such refund")
    if said.result.result_status != "S" or said.refund_request_id is None:
        return unusable(response, said.result.words)
    return outcome(said)


def outcome(said: Refunded) -> Outcome:
    """What a status says of the money, in a query and in a notification."""
    match said.refund_status:
        case "SUCCESS":
            return _moved(said)
        case "PROCESSING":
            return Pending(provider_reference=said.refund_id)
        case "FAIL":
            return Declined(failure=FAILED, provider_reference=said.refund_id)
    reason = f"refund status {said.refund_status[:40]}"
    return Unknown(reason=reason, provider_reference=said.refund_id)


def _moved(said: Refunded) -> Outcome:
    amount = said.refund_amount.money() if said.refund_amount is not None else None
    if amount is None:
        return Unknown(reason="a refund without its amount", provider_reference=said.refund_id)
    return Succeeded(amount=amount, provider_reference=said.refund_id)


def _read(response: Response, order: RefundOrder) -> Refunded | Unknown:
    if response.status != 200:
        return unusable(response)
    try:
        said = decode(response.body, Refunded)
    except Undecodable as error:
        return unusable(response, str(error))
    if said.refund_request_id not in (None, key(order.refund_id)):
        return unusable(response, "another refund")
    return said
