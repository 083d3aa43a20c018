"""PayMongo's callbacks: who signed, when, in which environment, and what they say.

`Paymongo-Signature: t=<unix>,te=<hex>,li=<hex>`: HMAC-SHA256 over `t + "." + raw body`, in `te` for
test events and in `li` for live ones; the other is there, and empty. The environment that we
expect chooses, never what happens to be filled: else a test event, which any sandbox key can
cause, would pay a live payment. (PayMongo's Python library takes `li` whenever it is not None,
which an empty one is not.) One dashboard page says the body alone is signed; the libraries and
the setup guide include the timestamp.
"""

import re
from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.signing import hmac_sha256_hex, same
from adapters.providers.gcash import refunds, wire
from adapters.providers.gcash.config import GcashConfig
from adapters.providers.gcash.resources import Envelope, Payment, PaymentFacts, Refund, owner
from domain.errors import Forged, Invalid, Stale
from domain.payments.outcome import Answer, Succeeded, Unknown
from domain.ports.providers import Callback, Notice

SIGNATURE: Final = "paymongo-signature"
TOLERANCE_S: Final = 300  # none is documented; a public client uses this


class Told(msgspec.Struct, frozen=True):
    type: str
    livemode: bool
    data: Any  # the resource, as it was when it happened


class Event(msgspec.Struct, frozen=True):
    id: str
    attributes: Told


def receive(callback: Callback, now: datetime, config: GcashConfig) -> Notice:
    """Raises Forged for a bad signature or age, Invalid for what was signed and can't be read."""
    verify(callback, now, config)
    try:
        event = decode(callback.body, Envelope[Event]).data
    except Undecodable as error:
        raise Invalid(f"not an event of PayMongo's: {error}", "body") from None
    told = event.attributes
    if told.livemode != config.live:
        raise Forged("an event of the other environment")
    try:
        return _notice(event.id, told)
    except msgspec.ValidationError:
        raise Invalid(f"a {told.type[:40]} event without its resource", "body") from None


def verify(callback: Callback, now: datetime, config: GcashConfig) -> None:
    """Raises Forged."""
    if not config.webhook_secret:
        raise Forged("this account's callbacks are not registered, so nothing can be verified")
    pairs = [part.strip().partition("=") for part in callback.headers.get(SIGNATURE, "").split(",")]
    given = {name: value for name, _, value in pairs}
    moment = given.get("t", "")
    if re.fullmatch(r"[0-9]{1,12}", moment) is None:
        raise Forged("the signature is missing or malformed")
    signed = moment.encode() + b"." + callback.body
    expected = hmac_sha256_hex(config.webhook_secret, signed)
    if not same(given.get("li" if config.live else "te", ""), expected):
        raise Forged("the signature is not PayMongo's for this account and environment")
    if abs(int(now.timestamp()) - int(moment)) > TOLERANCE_S:
        raise Stale("the callback is too old, or from the future")


def _notice(id_: str, told: Told) -> Notice:
    """Names of refund events vary by version of the documents, so the resource decides. Raises
    ValidationError when the resource is not what the event's name promises."""
    if told.type in ("payment.paid", "payment.failed"):
        payment = msgspec.convert(told.data, Payment)
        return _payment_notice(id_, payment, payment.attributes, told.type)
    if told.type == "payment.refunded":
        rows = msgspec.convert(told.data, Payment).attributes.refunds or ()
        mine = [one for one in rows if refunds.ours(one) is not None]
        if not mine:
            return Notice(id=id_, trusted=True)
        return _refund_notice(id_, max(mine, key=lambda one: one.attributes.updated_at))
    if told.type.startswith(("refund.", "payment.refund.")):
        return _refund_notice(id_, msgspec.convert(told.data, Refund))
    return Notice(id=id_, trusted=True)


def _payment_notice(id_: str, payment: Payment, facts: PaymentFacts, type_: str) -> Notice:
    """Named by our attempt in the metadata, else by the intent, else by PayMongo's payment, which
    matches nothing of ours: it is kept."""
    intent = facts.payment_intent_id
    answer: Answer | None = None
    if type_ == "payment.paid" and facts.status == "paid" and (amount := payment.money()):
        answer = Succeeded(amount=amount, provider_reference=intent)
    elif type_ == "payment.failed" and facts.status == "failed":
        answer = wire.failed(facts.failed_code, facts.failed_message, intent)
    return Notice(
        id=id_,
        trusted=answer is not None,  # what contradicts itself only makes us ask
        attempt_id=owner(facts.metadata),
        provider_reference=intent or payment.id,
        answer=answer,
    )


def _refund_notice(id_: str, refund: Refund) -> Notice:
    answer = refunds.outcome(refund)
    known = refunds.ours(refund) is not None and not isinstance(answer, Unknown)
    return Notice(
        id=id_,
        trusted=True,
        refund_id=refunds.ours(refund),
        provider_reference=refund.id,
        answer=answer if known else None,
    )
