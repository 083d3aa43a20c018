"""RSA keys as dashboards show them: in PEM, or as one line of Base64 without its frame."""

import base64
import binascii
from functools import lru_cache
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

FRAME: Final = "-----"
LEAST_BITS: Final = 2048


@lru_cache(maxsize=64)
def private(text: str) -> RSAPrivateKey:
    """PKCS#8 or PKCS#1, without a password. Checking a key takes a tenth of a second of the CPU,
    so those of late are kept. Raises ValueError."""
    try:
        if _is_pem(text):
            key = load_pem_private_key(text.encode(), None)
        else:
            key = load_der_private_key(_der(text), None)
    except (TypeError, UnsupportedAlgorithm) as error:  # TypeError: it has a password
        raise ValueError("not an RSA private key") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise ValueError("not an RSA private key")
    return key


@lru_cache(maxsize=64)
def public_pem(text: str) -> str:
    """The same key in PEM. Raises ValueError."""
    try:
        pem = _is_pem(text)
        key = load_pem_public_key(text.encode()) if pem else load_der_public_key(_der(text))
    except UnsupportedAlgorithm as error:
        raise ValueError("not an RSA public key") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        raise ValueError("not an RSA public key")
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _is_pem(text: str) -> bool:
    return text.strip().startswith(FRAME) and text.strip().endswith(FRAME)


def _der(text: str) -> bytes:
    """Raises ValueError."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error
