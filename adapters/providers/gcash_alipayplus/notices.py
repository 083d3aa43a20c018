"""What Alipay+ tells us: notifyPayment and notifyRefund, signed like an answer of theirs.

They sign the path of our own address, so a notification to another address, also of this
installation, is not believed. They go on for a day until they hear ACK; whether a later try is
signed anew is not documented, so one may be that old.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.providers.gcash_alipayplus import refunds, signatures
from adapters.providers.gcash_alipayplus.errors import failed
from adapters.providers.gcash_alipayplus.wire import Amount, Result
from domain.errors import Forged, Invalid, Stale
from domain.payments.outcome import Answer, Pending, Succeeded
from domain.ports.providers import Callback, Notice

SIGNATURE, CLIENT, TIME = "signature", "client-id", "request-time"
OLDEST: Final = timedelta(hours=24)  # they send again within a day of the first
EARLIEST: Final = timedelta(minutes=5)  # before our own clock
ACK: Final = '{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}'


class Told(msgspec.Struct, frozen=True, rename="camel"):
    """A notification; which fields it has follows from its type."""

    notify_type: str
    result: Result
    payment_request_id: str | None = None
    payment_id: str | None = None
    payment_amount: Amount | None = None


def receive(callback: Callback, now: datetime, client_id: str, path: str, pem: str) -> Notice:
    """Raises Forged for what they did not sign for this account and address, Invalid for what they
    signed and we can't read."""
    headers = callback.headers
    if not path:
        raise Forged("this account has no notifyUrl, whose path is signed: register it")
    if headers.get(CLIENT) != client_id:
        raise Forged("it is for another client id")
    _check_age(headers.get(TIME, ""), now)
    data = signatures.signed_string(path, client_id, headers[TIME], callback.body)
    if not signatures.verifies(pem, headers.get(SIGNATURE, ""), data):
        raise Forged("the signature is not theirs, or not for this address")
    try:
        told = decode(callback.body, Told)
        refund = decode(callback.body, refunds.Refunded)
    except Undecodable as error:
        raise Invalid(f"not a notification that we know: {error}", "body") from None
    return _refund(refund) if told.notify_type == "REFUND_RESULT" else _payment(told)


def recognises(callback: Callback) -> bool:
    """By its headers; the signature names its algorithm."""
    headers = callback.headers
    return CLIENT in headers and headers.get(SIGNATURE, "").startswith("algorithm=")


def _payment(told: Told) -> Notice:
    answer = _outcome(told)
    of = told.payment_id or told.payment_request_id
    if of is None:
        raise Invalid("a notification about nothing", "body")
    return Notice(
        id=f"{of}:{told.notify_type}:{told.result.result_status}"[:200],
        trusted=answer is not None,  # what says nothing certain makes us ask
        attempt_id=told.payment_request_id,
        provider_reference=told.payment_id,
        answer=answer,
    )


def _outcome(told: Told) -> Answer | None:
    amount = told.payment_amount.money() if told.payment_amount is not None else None
    match told.notify_type, told.result.result_status:
        case "PAYMENT_RESULT", "S" if amount is not None:
            return Succeeded(amount=amount, provider_reference=told.payment_id)
        case "PAYMENT_RESULT", "F":
            return failed(told.result.result_code, told.payment_id)
        case "PAYMENT_PENDING", _:
            return Pending(provider_reference=told.payment_id)
    return None


def _refund(told: refunds.Refunded) -> Notice:
    if told.refund_request_id is None:
        raise Invalid("a refund without its refundRequestId", "body")
    return Notice(
        id=f"{told.refund_request_id}:{told.refund_status}"[:200],
        trusted=True,
        refund_id=refunds.refund_of(told.refund_request_id),
        provider_reference=told.refund_id,
        answer=refunds.outcome(told),
    )


def _check_age(text: str, now: datetime) -> None:
    try:
        sent = datetime.fromisoformat(text)
    except ValueError:
        raise Forged("the Request-Time is missing or no time") from None
    if sent.tzinfo is None or not -EARLIEST <= now - sent < OLDEST:
        raise Stale("the notification is too old, or from the future")
