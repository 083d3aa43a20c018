"""AES-256-GCM under a ring of keys.

Sealed bytes: version (1), key id (8), nonce (12), ciphertext and tag (16 more than the data).
The version, the key id and the context are authenticated with the data. A nonce is 96 random
bits: two alike are out of reach (2^-57 after a million seals, far more than a key sees).
"""

import os
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import Unreadable
from domain.ports.vault import Vault

VERSION: Final = b"\x01"
KEY_SIZE: Final = 32
KEY_ID_SIZE: Final = 8
NONCE_SIZE: Final = 12
HEAD_SIZE: Final = len(VERSION) + KEY_ID_SIZE


class SealedVault(Vault):
    """The first key seals; every key opens. To rotate, put a new one first, seal everything
    again, then drop the old one. A key's id is derived from it, so the order is free."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_SIZE for key in keys):
            raise ValueError(f"the vault needs at least one key; a key has {KEY_SIZE} bytes")
        self._ring = {_key_id(key): AESGCM(key) for key in keys}
        self._head = VERSION + _key_id(keys[0])

    def seal(self, data: bytes, context: str) -> bytes:
        nonce = os.urandom(NONCE_SIZE)
        cipher = self._ring[self._head[len(VERSION) :]]
        return self._head + nonce + cipher.encrypt(nonce, data, self._head + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        head, nonce = sealed[:HEAD_SIZE], sealed[HEAD_SIZE : HEAD_SIZE + NONCE_SIZE]
        cipher = self._ring.get(head[len(VERSION) :])
        if cipher is None or not head.startswith(VERSION) or len(nonce) != NONCE_SIZE:
            raise Unreadable
        try:
            body = sealed[HEAD_SIZE + NONCE_SIZE :]
            return cipher.decrypt(nonce, body, head + context.encode())
        except InvalidTag as error:
            raise Unreadable from error


def _key_id(key: bytes) -> bytes:
    return sha256(b"cauri vault key id\0" + key).digest()[:KEY_ID_SIZE]
