"""JSON Web Tokens as payment companies use them: HS256 with a shared secret, nothing else.

The algorithm is pinned: a token that names another one, or none, is no token. What the claims say
(also about time) is the caller's to judge.
"""

import base64
import binascii
import hmac
from typing import Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode

MOST_TOKEN: Final = 16_384  # characters; companies' are below two thousand


class _Header(msgspec.Struct, frozen=True):
    alg: str
    crit: list[str] | None = None


def signed(claims: object, secret: str) -> str:
    """A token that says `claims`."""
    head = _text(msgspec.json.encode({"typ": "JWT", "alg": "HS256"}))
    signing = f"{head}.{_text(msgspec.json.encode(claims))}"
    return f"{signing}.{_text(_mac(signing, secret))}"


def claims(token: str, secret: str) -> bytes | None:
    """The claims as JSON, once the signature is that of `secret`; None for anything else."""
    parts = token.split(".") if secret and len(token) <= MOST_TOKEN else []
    if len(parts) != 3 or not token.isascii():
        return None
    try:
        head = decode(_bytes(parts[0]), _Header)
        body, mac = _bytes(parts[1]), _bytes(parts[2])
    except (Undecodable, binascii.Error, ValueError):
        return None
    if head.alg != "HS256" or head.crit is not None:
        return None
    return body if hmac.compare_digest(mac, _mac(f"{parts[0]}.{parts[1]}", secret)) else None


def _mac(signing: str, secret: str) -> bytes:
    return hmac.digest(secret.encode(), signing.encode(), "sha256")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    padded = text + "=" * (-len(text) % 4)
    return base64.b64decode(padded.encode(), altchars=b"-_", validate=True)
