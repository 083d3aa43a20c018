"""Proofs of who is speaking: Basic authentication, HMAC and RSA signatures."""

import base64
import hmac
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key


def basic(user: str, password: str = "") -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def hmac_sha256_hex(secret: str, data: bytes) -> str:
    return hmac.digest(secret.encode(), data, "sha256").hex()


def same(given: str, expected: str) -> bool:
    """Compared in constant time; any text may be given, also none at all."""
    return bool(expected) and hmac.compare_digest(
        given.encode(errors="replace"), expected.encode(errors="replace")
    )


def rsa_sha256_verifies(pem: str, signature: bytes | str, data: bytes) -> bool:
    """PKCS#1 v1.5 over SHA-256. `signature` is raw, or hexadecimal text. Raises ValueError only
    when the key itself is unusable."""
    key = _public_key(pem)
    if isinstance(signature, str):
        try:
            signature = bytes.fromhex(signature)
        except ValueError:
            return False
    try:
        key.verify(signature, data, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=64)  # two keys an environment; parsing one costs more than verifying with it
def _public_key(pem: str) -> RSAPublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except UnsupportedAlgorithm as error:
        raise ValueError("not an RSA public key") from error
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA public key")
    return key
