"""CashiPay's callbacks: a reference and a status, for all we know unsigned. A hint to ask.

One public client checks `X-CashiPay-Signature`, the hex of HMAC-SHA256 over the raw body, when it
was given a secret; no other knows of it. With `webhookSecret` it is required here, too.
"""

from typing import Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.signing import hmac_sha256_hex, same
from adapters.providers.cashipay.config import CashiPayConfig
from adapters.providers.cashipay.wire import LONGEST
from domain.errors import Forged, Invalid
from domain.ports.providers import Callback, Notice

SIGNATURE: Final = "x-cashipay-signature"


class Told(msgspec.Struct, frozen=True, rename="camel"):
    reference_number: str
    status: str
    merchant_order_id: str

    @property
    def fits(self) -> bool:
        texts = (self.reference_number, self.status, self.merchant_order_id)
        return all(0 < len(text) <= LONGEST for text in texts)


def receive(callback: Callback, config: CashiPayConfig) -> Notice:
    """Raises Forged for a signature that is missing or wrong where there must be one, Invalid for
    nonsense."""
    if config.webhook_secret:
        expected = hmac_sha256_hex(config.webhook_secret, callback.body)
        if not same(callback.headers.get(SIGNATURE, "").lower(), expected):
            raise Forged("the signature is not by this account's webhook secret")
    try:
        told = decode(callback.body, Told)
    except Undecodable as error:
        raise Invalid(f"not a callback of CashiPay: {error}", "body") from None
    if not told.fits:
        raise Invalid("not a callback of CashiPay: too long, or empty", "body")
    return Notice(
        id=f"{told.reference_number}:{told.merchant_order_id}:{told.status}",
        trusted=False,
        attempt_id=told.merchant_order_id,
        provider_reference=told.reference_number,
    )


def recognises(callback: Callback) -> bool:
    """By its body: the header is there for some accounts only."""
    try:
        return decode(callback.body, Told).fits
    except Undecodable:
        return False
