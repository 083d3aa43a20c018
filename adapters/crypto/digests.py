"""HMAC-SHA256 under a pepper: a stolen table of digests is of no use without it."""

import hmac
from typing import Final

from domain.ports.digests import Digests

SHORTEST_PEPPER: Final = 32  # bytes: as much as the digest itself


class PepperedDigests(Digests):
    def __init__(self, pepper: bytes) -> None:
        if len(pepper) < SHORTEST_PEPPER:
            raise ValueError(f"the pepper has at least {SHORTEST_PEPPER} bytes")
        self._pepper = pepper

    def digest(self, secret: bytes) -> bytes:
        return hmac.digest(self._pepper, secret, "sha256")

    def matches(self, secret: bytes, digest: bytes) -> bool:
        return hmac.compare_digest(self.digest(secret), digest)
