"""Stripe's callbacks: who signed, when, in which environment, and what they say.

`Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>][,v0=…]`: HMAC-SHA256 over `t + "." + raw body` with
the whole secret, "whsec_" included. While a secret is rolled there are several v1, and any that
fits one of ours will do; other schemes are ignored. Stripe's library refuses only what is too old;
here also what is from the future, which could be replayed until then.
"""

import re
from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.signing import hmac_sha256_hex, same
from adapters.providers.stripe import intents, refunds, wire
from adapters.providers.stripe.config import StripeConfig
from adapters.providers.stripe.resources import Intent, Refund, Session
from domain.errors import Forged, Invalid, Stale
from domain.payments.outcome import Declined, Outcome, Succeeded, Unknown
from domain.ports.providers import Callback, Notice

SIGNATURE: Final = "stripe-signature"
TOLERANCE_S: Final = 300
MOST_SIGNATURES: Final = 10  # during a roll there are two


class Told(msgspec.Struct, frozen=True):
    object: Any  # as it was when it happened


class Event(msgspec.Struct, frozen=True):
    id: str
    type: str
    livemode: bool
    data: Told


def receive(callback: Callback, now: datetime, config: StripeConfig) -> Notice:
    """Raises Forged for a bad signature or age, Invalid for what was signed and can't be read."""
    verify(callback, now, config)
    try:
        event = decode(callback.body, Event)
    except Undecodable as error:
        raise Invalid(f"not an event of Stripe's: {error}", "body") from None
    if event.livemode != config.live:
        raise Forged("an event of the other environment")
    try:
        return _notice(event)
    except msgspec.ValidationError:
        raise Invalid(f"a {event.type[:40]} event without its object", "body") from None


def verify(callback: Callback, now: datetime, config: StripeConfig) -> None:
    """Raises Forged."""
    if not config.webhook_secrets:
        raise Forged("this account's callbacks are not registered, so nothing can be verified")
    pairs = [part.partition("=") for part in callback.headers.get(SIGNATURE, "").split(",")]
    moments = [value for name, _, value in pairs if name.strip() == "t"]
    given = [value for name, _, value in pairs if name.strip() == "v1"][:MOST_SIGNATURES]
    if len(moments) != 1 or re.fullmatch(r"[0-9]{1,12}", moments[0]) is None or not given:
        raise Forged("the signature is missing or malformed")
    signed = moments[0].encode() + b"." + callback.body
    expected = [hmac_sha256_hex(secret, signed) for secret in config.webhook_secrets]
    if not any(same(one, right) for one in given for right in expected):
        raise Forged("the signature is not Stripe's for this account")
    if abs(int(now.timestamp()) - int(moments[0])) > TOLERANCE_S:
        raise Stale("the callback is too old, or from the future")


def _notice(event: Event) -> Notice:
    """Events overtake each other, so only what can't be otherwise any more is an answer. Raises
    ValidationError when the object is not what the event's name promises."""
    if event.type.startswith("checkout.session."):
        session = msgspec.convert(event.data.object, Session)
        return _charge_notice(event.id, session, wire.outcome(session))
    if event.type.startswith("payment_intent."):
        intent = msgspec.convert(event.data.object, Intent)
        if intent.attempt_id is not None:  # a page's would tell twice, once under another number
            return _charge_notice(event.id, intent, intents.outcome(intent, ""))
    if event.type.startswith("refund.") or event.type == "charge.refund.updated":
        return _refund_notice(event.id, msgspec.convert(event.data.object, Refund))
    return Notice(id=event.id, trusted=True)


def _charge_notice(id_: str, made: Session | Intent, said: Outcome) -> Notice:
    final = isinstance(said, Succeeded | Declined)
    return Notice(
        id=id_,
        trusted=final,  # else it makes us ask
        attempt_id=made.attempt_id,
        provider_reference=made.id,
        answer=said if final else None,
    )


def _refund_notice(id_: str, refund: Refund) -> Notice:
    said = refunds.outcome(refund)
    known = refund.refund_id is not None and not isinstance(said, Unknown)
    return Notice(
        id=id_,
        trusted=True,
        refund_id=refund.refund_id,
        provider_reference=refund.id,
        answer=said if known else None,
    )
