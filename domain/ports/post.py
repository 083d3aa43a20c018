"""Port: carries a signed event to a merchant's address, and nowhere else."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Posted:
    """The endpoint answered. `answer` is the first 2 KB of its body."""

    status: int  # HTTP
    ms: int  # from the call to the answer
    answer: bytes = b""
    retry_after_s: int | None = None  # as it asked for


@dataclass(frozen=True, slots=True)
class NotPosted:
    """No answer. `refused`: the address may not be called (not https, not public)."""

    reason: str
    ms: int
    refused: bool = False


class Post(Protocol):
    @abstractmethod
    async def check(self, url: str) -> None:
        """Raises Invalid, field `url`, for an address that may not be called: said when it is
        saved, so that nobody waits for events that never come."""

    @abstractmethod
    async def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, *, timeout_s: float
    ) -> Posted | NotPosted:
        """One POST. The address is checked again when it connects; redirects are not followed;
        ends within `timeout_s` whatever the other side does. Never raises."""
