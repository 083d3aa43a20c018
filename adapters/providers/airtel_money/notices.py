"""Airtel's callbacks: the id and the status, with a hash where that is switched on.

They tell neither amount nor time: an old one can be sent again, and says nothing of what was paid.
So even one whose hash is right is only a hint that makes us ask. A hash keeps strangers from
making us ask.
"""

import base64
import hmac
import re
from hashlib import sha256
from typing import Any, Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.signing import same
from adapters.providers.airtel_money.config import Form
from domain.errors import Forged, Invalid
from domain.ports.providers import Callback, Notice

OURS: Final = re.compile(r"att_[0-9A-Z]{28}")


class _Transaction(msgspec.Struct, frozen=True):
    id: str
    status_code: str


class _Told(msgspec.Struct, frozen=True):
    transaction: _Transaction
    hash: str = ""


def receive(callback: Callback, key: str, form: Form) -> Notice:
    """Raises Forged when there is a key and the hash is not of it, Invalid for nonsense."""
    try:
        read = decode(callback.body, _Told)
        whole = decode(callback.body, dict[str, Any])
    except Undecodable as error:
        raise Invalid(f"not a callback of Airtel Money: {error}", "body") from None
    if key and not same(read.hash, hashed(whole, key, form)):
        raise Forged("the hash is not this application's; is callbackForm the one it uses?")
    digest = sha256(callback.body).hexdigest()[:24]
    about = read.transaction
    return Notice(
        id=f"{about.id[:32]}:{about.status_code[:8]}:{digest}",
        trusted=False,
        attempt_id=about.id,
    )


def hashed(told: dict[str, Any], key: str, form: Form) -> str:
    """The hash of a callback, whose own one is left out, in that form."""
    bare = {name: value for name, value in told.items() if name != "hash"}
    text = msgspec.json.encode(bare["transaction"] if form == "transaction" else bare)
    if form == "pretty":
        text = msgspec.json.format(text, indent=2)
    return base64.b64encode(hmac.digest(key.encode(), text, "sha256")).decode()


def recognises(callback: Callback) -> bool:
    """By its body alone: no header is Airtel's own."""
    try:
        read = decode(callback.body, _Told)
    except Undecodable:
        return False
    return OURS.fullmatch(read.transaction.id) is not None
