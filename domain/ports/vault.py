"""Port: keeps secrets readable by us alone, wherever they are stored."""

from abc import abstractmethod
from typing import Protocol


class Vault(Protocol):
    """`context` says what the data is and whose, for example "account:acc_…": bytes that were
    sealed for one place open at no other."""

    @abstractmethod
    def seal(self, data: bytes, context: str) -> bytes:
        """Twice the same data gives different bytes."""

    @abstractmethod
    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises Unreadable: altered, cut, from another context, or of a key we don't have."""
