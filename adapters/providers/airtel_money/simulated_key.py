"""The key that the simulated Airtel has messages encrypted with: the same in every run, and
nobody's secret.

Derived, so that a run repeats, an account keeps working when the simulator is started again, and
no private key lies in the repository. Worthless outside the simulator. 1024 bits, as Airtel's.
"""

import base64
import binascii
from collections.abc import Mapping
from functools import cache
from hashlib import shake_256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

EXPONENT: Final = 65_537
P_AT, Q_AT = 88, 341  # where the derivation first meets a prime


def matches(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the two headers hold that body, byte for byte."""
    try:
        wrapped = base64.b64decode(headers.get("x-key", ""), validate=True)
        secret, _, iv = _key().decrypt(wrapped, PKCS1v15()).partition(b":")
        sent = base64.b64decode(headers.get("x-signature", ""), validate=True)
        cipher = Cipher(AES(base64.b64decode(secret)), CBC(base64.b64decode(iv))).decryptor()
        unpadder = PKCS7(128).unpadder()
        clear = unpadder.update(cipher.update(sent) + cipher.finalize()) + unpadder.finalize()
    except (ValueError, binascii.Error):
        return False
    return clear == body


@cache
def public_text() -> str:
    """As the company tells it: base64 of DER, in one line."""
    der = _key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


@cache
def _key() -> RSAPrivateKey:
    p, q = _number("p", P_AT), _number("q", Q_AT)
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    public = RSAPublicNumbers(EXPONENT, p * q)
    numbers = RSAPrivateNumbers(
        p, q, d, rsa_crt_dmp1(d, p), rsa_crt_dmq1(d, q), rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key()


def _number(name: str, at: int) -> int:
    """512 bits, odd, the two highest set: the product of two has 1024."""
    digest = shake_256(f"cauri airtel simulator {name} {at}".encode()).digest(64)
    return int.from_bytes(digest, "big") | 3 << 510 | 1
