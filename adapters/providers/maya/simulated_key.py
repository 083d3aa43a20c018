"""The key that the simulator signs callbacks with: the same in every run, and nobody's secret.

Derived, so that a run repeats byte for byte, an account keeps working when the simulator is
started again, and no private key lies in the repository. Worthless outside the simulator.
"""

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
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

EXPONENT: Final = 65_537
P_AT, Q_AT = 150, 17  # where the derivation first meets a prime


def sign(text: str) -> str:
    """RSA PKCS#1 v1.5 over SHA-256, in hexadecimal."""
    return _key().sign(text.encode(), PKCS1v15(), SHA256()).hex()


@cache
def public_pem() -> str:
    pem = _key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


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
    """1024 bits, odd, the two highest set: the product of two has 2048."""
    digest = shake_256(f"cauri maya simulator {name} {at}".encode()).digest(128)
    return int.from_bytes(digest, "big") | 3 << 1022 | 1
