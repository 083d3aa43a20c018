"""OCTO's callbacks: a hint to ask, whoever signed it.

The signature covers the payment's id and its status, neither our id nor the sum, and there is no
currency at all, so a query decides. Two incompatible recipes are in circulation (SHA-1, in hex):

nested      sha1(HEX(sha1(secret + hash_key)) + octo_payment_UUID + status); the documentation's.
            The case of the inner hex is not said; the published sample is upper case. A public
            client has a constant before the secret: `prefix`.
unique_key  sha1(unique_key + octo_payment_UUID + status), by most recent clients, with a third
            secret that OCTO's support gives.
"""

import hashlib
from typing import Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.signing import same
from adapters.providers.octo.config import OctoConfig
from domain.errors import Forged, Invalid
from domain.ports.providers import Callback, Notice

LONGEST: Final = 80  # characters of what is taken over from a callback


class Told(msgspec.Struct, frozen=True):
    """The fields that every callback has."""

    shop_transaction_id: str
    uuid: str = msgspec.field(name="octo_payment_UUID")
    status: str
    signature: str
    hash_key: str


def receive(callback: Callback, config: OctoConfig) -> Notice:
    """Raises Forged for a signature that is not by this shop's recipe, Invalid for nonsense."""
    try:
        told = decode(callback.body, Told)
    except Undecodable as error:
        raise Invalid(f"not a callback of OCTO: {error}", "body") from None
    if max(map(len, (told.shop_transaction_id, told.uuid, told.status))) > LONGEST:
        raise Invalid("not a callback of OCTO: too long", "body")
    if not same(told.signature.upper(), signature(told, config).upper()):
        raise Forged("the signature is not by this shop's recipe and secret")
    digest = hashlib.sha256(callback.body).hexdigest()[:24]
    return Notice(
        id=f"{told.uuid[:40]}:{told.status[:24]}:{digest}",
        trusted=False,
        attempt_id=told.shop_transaction_id,
        provider_reference=told.uuid,
    )


def signature(told: Told, config: OctoConfig) -> str:
    """What a callback of this shop must be signed with."""
    if config.signature == "unique_key":
        return _sha1(config.unique_key + told.uuid + told.status)
    inner = _sha1(config.prefix + config.secret + told.hash_key)
    inner = inner if config.signature == "nested_lower" else inner.upper()
    return _sha1(inner + told.uuid + told.status)


def recognises(callback: Callback) -> bool:
    """By its body alone: no header is OCTO's own."""
    try:
        decode(callback.body, Told)
    except Undecodable:
        return False
    return True


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
