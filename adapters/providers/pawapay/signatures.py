"""Who signed a callback: HTTP message signatures (RFC 9421), as pawaPay makes them.

Signed are the method, our address, and the digest of the body, with one of the keys that pawaPay
publishes. Unlike the RFC, what was captured from pawaPay carries its ECDSA signature in DER, not
as two numbers side by side; both are taken, since neither is easier to forge.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from adapters.provider_kit.signing import same
from domain.errors import Forged, Stale
from domain.ports.providers import Callback

TOLERANCE_S: Final = 300  # on both sides of the minute that a signature is meant to live
LIVES_S: Final = 60
NEEDED: Final = frozenset({"@method", "@authority", "@path", "content-digest"})
INPUT: Final = re.compile(
    r'([a-z0-9_.*-]{1,32})=(\(("[a-z0-9@-]{1,40}"(?: "[a-z0-9@-]{1,40}"){0,15})\)'
    r'((?:;[a-z]{1,10}=(?:"[^"\\]{0,80}"|[0-9]{1,12})){1,8}))'
)
PARAMETER: Final = re.compile(r';([a-z]+)=(?:"([^"\\]*)"|([0-9]+))')
DIGEST: Final = re.compile(r"(sha-256|sha-512)=:([A-Za-z0-9+/=]{1,100}):")
ALGORITHMS: Final[Mapping[str, tuple[str, int, HashAlgorithm]]] = {
    "ecdsa-p256-sha256": ("secp256r1", 32, SHA256()),
    "ecdsa-p384-sha384": ("secp384r1", 48, SHA384()),
}


def verify(callback: Callback, now: datetime, keys: Mapping[str, str], url: str) -> None:
    """`keys` are PEMs by their ids, `url` our address as pawaPay knows it. Raises Forged."""
    _check_digest(callback.headers.get("content-digest", ""), callback.body)
    verify_headers(callback.headers, now, keys, url)


def verify_headers(
    headers: Mapping[str, str], now: datetime, keys: Mapping[str, str], url: str
) -> None:
    """All but the body, of which they hold the digest. Raises Forged."""
    match = INPUT.fullmatch(headers.get("signature-input", ""))
    if match is None:
        raise Forged("the signature is missing or malformed")
    label, signed, listed, tail = match.groups()
    names = re.findall(r'"([^"]*)"', listed)
    if not set(names) >= NEEDED or len(set(names)) != len(names):
        raise Forged("the signature does not cover the request")
    given = {name: text or number for name, text, number in PARAMETER.findall(tail)}
    _check_age(given, now)
    lines = [f'"{name}": {_component(name, url, headers)}' for name in names]
    base = "\n".join([*lines, f'"@signature-params": {signed}'])
    signature = _signature(headers.get("signature", ""), label)
    pem = keys.get(given.get("keyid", ""))
    if pem is None:
        raise Forged("signed with a key that is not among pawaPay's known ones")
    if not _verifies(pem, given.get("alg", ""), signature, base.encode(errors="surrogatepass")):
        raise Forged("the signature is not one of pawaPay's for this address")


def usable(pem: str) -> bool:
    """Whether it is a public key on an elliptic curve."""
    try:
        _key(pem)
    except ValueError:
        return False
    return True


def _component(name: str, url: str, headers: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    match name:
        case "@method":
            return "POST"
        case "@authority":
            usual = {"https": ":443", "http": ":80"}.get(parts.scheme, "")
            return parts.netloc.lower().removesuffix(usual) if usual else parts.netloc.lower()
        case "@path":
            return parts.path or "/"
    if name.startswith("@") or name not in headers:
        raise Forged("what was signed did not all arrive")
    return headers[name].strip()


def _check_digest(text: str, body: bytes) -> None:
    match = DIGEST.fullmatch(text)
    if match is None:
        raise Forged("the digest is missing or malformed")
    made = hashlib.sha256(body) if match[1] == "sha-256" else hashlib.sha512(body)
    if not same(match[2], base64.b64encode(made.digest()).decode()):
        raise Forged("the digest is not the body's")


def _check_age(given: Mapping[str, str], now: datetime) -> None:
    created = int(given["created"]) if given.get("created", "").isdigit() else None
    if created is None:
        raise Forged("the signature does not say when it was made")
    expires = int(given["expires"]) if given.get("expires", "").isdigit() else created + LIVES_S
    latest = min(expires, created + LIVES_S) + TOLERANCE_S
    if not created - TOLERANCE_S <= now.timestamp() <= latest:
        raise Stale("the callback is too old, or from the future")


def _signature(text: str, label: str) -> bytes:
    match = re.fullmatch(rf"{re.escape(label)}=:([A-Za-z0-9+/=]{{1,400}}):", text)
    try:
        return base64.b64decode(match[1], validate=True) if match is not None else b""
    except binascii.Error:
        return b""


def _verifies(pem: str, algorithm: str, signature: bytes, data: bytes) -> bool:
    curve, size, hashed = ALGORITHMS.get(algorithm, ("", 0, SHA256()))
    key = _key(pem)
    if key.curve.name != curve:
        return False
    if len(signature) == 2 * size:  # as the RFC has it
        halves = (signature[:size], signature[size:])
        signature = encode_dss_signature(*(int.from_bytes(one, "big") for one in halves))
    try:
        key.verify(signature, data, ECDSA(hashed))
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=64)
def _key(pem: str) -> EllipticCurvePublicKey:
    """Raises ValueError."""
    try:
        key = load_pem_public_key(pem.encode())
    except UnsupportedAlgorithm as error:
        raise ValueError("not a public key on an elliptic curve") from error
    if not isinstance(key, EllipticCurvePublicKey):
        raise ValueError("not a public key on an elliptic curve")
    return key
