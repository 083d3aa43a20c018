"""YallaPay's callbacks: who signed, how old. They tell no amount, so a query decides.

timestamped  hex of HMAC-SHA256 over "<timestamp>.<raw body>", as YallaPay's own library checks it.
body         the same over the raw body alone, as one public client does; its age is then not
             signed. For an account whose genuine callbacks are refused.
"""

import re
from datetime import datetime
from typing import Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.signing import hmac_sha256_hex, same
from adapters.providers.yallapay.config import YallaPayConfig
from domain.errors import Forged, Invalid, Stale
from domain.ports.providers import Callback, Notice

SIGNATURE: Final = "yallapay-signature"
TIMESTAMP: Final = "yallapay-timestamp"
TOLERANCE_MS: Final = 300_000
LONGEST: Final = 80  # characters of what is taken over from a callback


class Told(msgspec.Struct, frozen=True, rename="camel"):
    client_reference_id: str
    status: str
    payment_reference_id: str | None = None
    timestamp: int | None = None


def receive(callback: Callback, now: datetime, config: YallaPayConfig) -> Notice:
    """Raises Forged for a bad signature or age, Invalid for what was signed and can't be read."""
    stamp = callback.headers.get(TIMESTAMP, "")
    _check_age(stamp, now)
    data = callback.body
    if config.signature == "timestamped":
        data = stamp.encode() + b"." + data
    expected = hmac_sha256_hex(config.webhook_secret, data) if config.webhook_secret else ""
    if not same(callback.headers.get(SIGNATURE, "").lower(), expected):
        raise Forged("the signature is not by this account's webhook secret")
    try:
        told = decode(callback.body, Told)
    except Undecodable as error:
        raise Invalid(f"not a callback of YallaPay: {error}", "body") from None
    reference = told.payment_reference_id or ""
    if max(map(len, (told.client_reference_id, told.status, reference))) > LONGEST:
        raise Invalid("not a callback of YallaPay: too long", "body")
    return Notice(
        id=f"{told.client_reference_id}:{told.status}:{told.timestamp}",
        trusted=False,
        attempt_id=told.client_reference_id,
        provider_reference=reference or None,
    )


def _check_age(text: str, now: datetime) -> None:
    """Milliseconds."""
    if re.fullmatch(r"[0-9]{1,15}", text) is None:
        raise Forged("the timestamp is missing or not in milliseconds")
    if abs(int(now.timestamp() * 1000) - int(text)) > TOLERANCE_MS:
        raise Stale("the callback is too old, or from the future")
