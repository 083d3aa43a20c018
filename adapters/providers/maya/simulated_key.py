"""The key that the simulator signs callbacks with."""

from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.provider_kit.derived_key import derived_key

OWNER: Final = ("maya simulator", 301, 64, 1024)


def sign(text: str) -> str:
    """RSA PKCS#1 v1.5 over SHA-256, in hexadecimal."""
    return derived_key(*OWNER).sign(text.encode(), PKCS1v15(), SHA256()).hex()


@cache
def public_pem() -> str:
    key = derived_key(*OWNER).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
