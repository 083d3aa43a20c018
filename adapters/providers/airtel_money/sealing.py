"""Airtel's message signing (version 2): the body once more, encrypted, in two headers.

`x-signature` is the body under a fresh AES-256-CBC key; `x-key` is that key and its IV under the
RSA key that Airtel gave us. RSA PKCS#1 v1.5 and a 1024 bit key are Airtel's choice; they hide
nothing that does not stand in the body beside them.
"""

import base64
import binascii
from functools import lru_cache
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import load_der_public_key

KEY_BITS, IV_BITS = 256, 128
BLOCK_BITS: Final = 128
LEAST_BITS: Final = 1024
HEAD: Final = "-----BEGIN PUBLIC KEY-----"


def sealed(body: bytes, key: str) -> dict[str, str]:
    """The two headers. `key` is Airtel's, as it told it. Raises ValueError when that is none."""
    secret, iv = AESGCM.generate_key(KEY_BITS), AESGCM.generate_key(IV_BITS)  # plain random bytes
    padder = PKCS7(BLOCK_BITS).padder()
    padded = padder.update(body) + padder.finalize()
    encryptor = Cipher(AES(secret), CBC(iv)).encryptor()
    signature = encryptor.update(padded) + encryptor.finalize()
    pair = base64.b64encode(secret) + b":" + base64.b64encode(iv)
    return {
        "x-signature": base64.b64encode(signature).decode(),
        "x-key": base64.b64encode(public_key(key).encrypt(pair, PKCS1v15())).decode(),
    }


@lru_cache(maxsize=64)
def public_key(text: str) -> RSAPublicKey:
    """From base64 of DER, or PEM. Raises ValueError."""
    bare = text.replace(HEAD, "").replace(HEAD.replace("BEGIN", "END"), "")
    try:
        key = load_der_public_key(base64.b64decode("".join(bare.split()), validate=True))
    except (binascii.Error, UnsupportedAlgorithm) as error:
        raise ValueError("not an RSA public key") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        raise ValueError("not an RSA public key that the other one fits in")
    return key
