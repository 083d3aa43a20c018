"""ZainCash's callbacks: one JSON Web Token in the body, HS256 with the API key.

That key is not the client secret. The algorithm is pinned (`provider_kit.jwt`). The token that the
payer's browser brings back is signed the same way; it may be posted here too and is no less true.
The guide names the field `webhook_token`, and `token` where it shows how to try one.
"""

from typing import Final

import msgspec

from adapters.provider_kit import jwt
from adapters.provider_kit.http import Undecodable, decode
from adapters.providers.zaincash.wire import Amount, outcome
from domain.errors import Forged, Invalid
from domain.payments.outcome import Unknown
from domain.ports.providers import Callback, Notice

MOST: Final = 100  # characters of an event's id
STATUS: Final = "STATUS_CHANGED"  # others are about refunds, which name none of ours


class Body(msgspec.Struct, frozen=True):
    webhook_token: str = ""
    token: str = ""


class Data(msgspec.Struct, frozen=True, rename="camel"):
    transaction_id: str
    current_status: str = ""
    order_id: str | None = None
    amount: Amount | None = None


class Event(msgspec.Struct, frozen=True, rename="camel"):
    event_type: str
    event_id: str
    data: Data


def receive(callback: Callback, api_key: str) -> Notice:
    """Raises Forged for what the API key did not sign, Invalid for what can't be read."""
    try:
        body = decode(callback.body, Body)
    except Undecodable as error:
        raise Invalid(f"not a callback of ZainCash: {error}", "body") from None
    if not api_key:
        raise Forged("this account has no apiKey, so nothing can be verified")
    if (said := jwt.claims(body.webhook_token or body.token, api_key)) is None:
        raise Forged("the token is not signed with this account's API key")
    try:
        event = decode(said, Event)
    except Undecodable as error:
        raise Invalid(f"not an event of ZainCash: {error}", "body") from None
    if not 1 <= len(event.event_id) <= MOST:
        raise Invalid("an event without its id", "body")
    return _notice(event)


def _notice(event: Event) -> Notice:
    data = event.data
    if event.event_type != STATUS:
        return Notice(id=event.event_id, trusted=True)
    amount = data.amount.money() if data.amount is not None else None
    answer = outcome(data.current_status, amount, data.transaction_id)
    return Notice(
        id=event.event_id,
        trusted=not isinstance(answer, Unknown),  # what we can't read only makes us ask
        attempt_id=data.order_id,
        provider_reference=data.transaction_id,
        answer=None if isinstance(answer, Unknown) else answer,
    )


def recognises(callback: Callback) -> bool:
    """By the name of its field: no header is ZainCash's own."""
    try:
        return bool(decode(callback.body, Body).webhook_token)
    except Undecodable:
        return False
