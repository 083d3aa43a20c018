"""Port: what time it is, and how long something took."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The only source of time; tests own one that stands still."""

    @abstractmethod
    def now(self) -> datetime:
        """The present instant, aware, in UTC, with microseconds."""

    @abstractmethod
    def monotonic(self) -> float:
        """Seconds from some fixed moment; never goes back."""
