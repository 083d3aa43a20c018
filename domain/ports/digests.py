"""Port: recognises a secret without keeping it."""

from abc import abstractmethod
from typing import Protocol


class Digests(Protocol):
    """For secrets of high entropy (API keys); a person's password needs a slow hash instead."""

    @abstractmethod
    def digest(self, secret: bytes) -> bytes:
        """32 bytes, the same each time."""

    @abstractmethod
    def matches(self, secret: bytes, digest: bytes) -> bool:
        """Whether `digest` is the secret's; takes as long for a near miss as for a far one."""
