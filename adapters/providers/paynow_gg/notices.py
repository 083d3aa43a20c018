"""PayNow's events: who signed, when, and what they say.

`PayNow-Signature` is the Base64 of HMAC-SHA256 over `PayNow-Timestamp + "." + raw body`; several
digests stand beside each other, with commas, while a secret is replaced. Each event that a store
subscribes to has a secret of its own. The time is in milliseconds. An event that is sent again,
also days later, has the same event_id and a fresh signature.
"""

import base64
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.signing import same
from adapters.providers.paynow_gg import refunds, wire
from adapters.providers.paynow_gg.config import PayNowGgConfig
from adapters.providers.paynow_gg.resources import Customer, Flake, Order, Refund, ours
from domain.errors import Forged, Invalid, Stale
from domain.payments.outcome import Declined, Succeeded, Unknown
from domain.ports.providers import Callback, Notice

SIGNATURE: Final = "paynow-signature"
TIMESTAMP: Final = "paynow-timestamp"
TOLERANCE: Final = timedelta(minutes=5)
MOST_DIGESTS: Final = 10  # while a secret is replaced there are two
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")


class Event(msgspec.Struct, frozen=True):
    event_type: str
    event_id: Flake
    body: Any


class Checkout(msgspec.Struct, frozen=True):
    metadata: Any = None


class Completed(Order, frozen=True):
    """The body of ON_ORDER_COMPLETED."""

    checkout: Checkout | None = None
    customer: Customer | None = None


class Returned(Refund, frozen=True):
    """Of ON_REFUND."""

    order_id: Flake | None = None
    customer: Customer | None = None


class Disputed(msgspec.Struct, frozen=True):
    """Of ON_CHARGEBACK and ON_CHARGEBACK_CLOSED: the payment that is charged back."""

    id: Flake
    order_id: Flake
    chargeback_status: str = "pending"  # none, pending, won, lost
    customer: Customer | None = None


class Delivered(msgspec.Struct, frozen=True):
    """Of ON_DELIVERY_ITEM_ADDED, which tells a second time that an order was paid, and no amount.
    We do not subscribe to it; a merchant may, at the same address."""

    id: Flake
    order_id: Flake | None = None
    customer: Customer | None = None


def receive(callback: Callback, now: datetime, config: PayNowGgConfig) -> Notice:
    """Raises Forged for a bad signature or age, Invalid for what was signed and can't be read."""
    verify(callback, now, config)
    try:
        event = decode(callback.body, Event)
    except Undecodable as error:
        raise Invalid(f"not an event of PayNow's: {error}", "body") from None
    try:
        return _notice(event, config)
    except msgspec.ValidationError:
        raise Invalid(f"a {event.event_type[:40]} event without its object", "body") from None


def digest(secret: str, timestamp: str, body: bytes) -> str:
    signed = timestamp.encode(errors="replace") + b"." + body
    return base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()


def verify(callback: Callback, now: datetime, config: PayNowGgConfig) -> None:
    """Raises Forged."""
    if not config.secrets:
        raise Forged("this account's callbacks are not registered, so nothing can be verified")
    moment = callback.headers.get(TIMESTAMP, "")
    given = callback.headers.get(SIGNATURE, "").split(",")[:MOST_DIGESTS]
    if re.fullmatch(r"[0-9]{10,14}", moment) is None or not any(given):
        raise Forged("the signature or its time is missing or malformed")
    expected = [digest(secret, moment, callback.body) for secret in config.secrets]
    if not any(same(one.strip(), right) for one in given for right in expected):
        raise Forged("the signature is not PayNow's for this store")
    if abs(now - (EPOCH + timedelta(milliseconds=int(moment)))) > TOLERANCE:
        raise Stale("the callback is too old, or from the future")


def _notice(event: Event, config: PayNowGgConfig) -> Notice:
    """Raises ValidationError when the body is not what the event's name promises."""
    id_, body = event.event_id, event.body
    match event.event_type:
        case "ON_ORDER_COMPLETED":
            return _completed(id_, msgspec.convert(body, Completed), config)
        case "ON_REFUND":
            return _refund(id_, msgspec.convert(body, Returned), config)
        case "ON_CHARGEBACK" | "ON_CHARGEBACK_CLOSED":
            return _chargeback(id_, msgspec.convert(body, Disputed))
        case "ON_DELIVERY_ITEM_ADDED":
            delivered = msgspec.convert(body, Delivered)
            return _hint(id_, delivered.order_id, delivered.customer)
    return Notice(id=id_, trusted=True)


def _completed(id_: str, order: Completed, config: PayNowGgConfig) -> Notice:
    """Only a payment that names our attempt and its amount is believed; else it makes us ask."""
    noted = ours(order.checkout.metadata, "attempt_id", "att_") if order.checkout else None
    attempt_id = noted or (order.customer.attempt_id if order.customer else None)
    if attempt_id is None:  # the store sells other things too
        return Notice(id=id_, trusted=True)
    said = wire.outcome(order, config)
    believed = isinstance(said, Succeeded)
    return Notice(
        id=id_,
        trusted=believed,
        attempt_id=attempt_id,
        provider_reference=order.id,
        answer=said if believed else None,
    )


def _refund(id_: str, refund: Returned, config: PayNowGgConfig) -> Notice:
    """Ours, by what we noted at the customer before; or somebody's in PayNow's dashboard, which
    denies what was paid: a person decides."""
    said = refunds.outcome(refund, config)
    by = refund.customer
    if by is None:  # nothing tells whose it is
        return _hint(id_, refund.order_id, None)
    if by.refund_id is not None:
        known = not isinstance(said, Unknown)
        return Notice(
            id=id_,
            trusted=True,
            refund_id=by.refund_id,
            provider_reference=refund.id,
            answer=said if known else None,
        )
    if not isinstance(said, Succeeded):
        return Notice(id=id_, trusted=True)
    denied = Declined(failure=wire.GIVEN_BACK, provider_reference=refund.order_id)
    return _denied(id_, refund.order_id, by, denied)


def _chargeback(id_: str, payment: Disputed) -> Notice:
    """One that the store has won changes nothing: what was paid is still there."""
    if payment.chargeback_status in ("won", "none"):
        return Notice(id=id_, trusted=True)
    denied = Declined(failure=wire.CHARGED_BACK, provider_reference=payment.order_id)
    return _denied(id_, payment.order_id, payment.customer, denied)


def _denied(id_: str, order_id: str | None, customer: Customer | None, said: Declined) -> Notice:
    if customer is not None and customer.attempt_id is None:
        return Notice(id=id_, trusted=True)  # of another sale
    attempt_id = customer.attempt_id if customer is not None else None
    return Notice(
        id=id_, trusted=True, attempt_id=attempt_id, provider_reference=order_id, answer=said
    )


def _hint(id_: str, order_id: str | None, customer: Customer | None) -> Notice:
    if customer is not None and customer.attempt_id is None:
        return Notice(id=id_, trusted=True)  # of another sale
    attempt_id = customer.attempt_id if customer is not None else None
    return Notice(id=id_, trusted=False, attempt_id=attempt_id, provider_reference=order_id)
