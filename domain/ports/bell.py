"""Port: a bell that wakes workers. Work never depends on it: they look at the clock as well."""

from abc import abstractmethod
from typing import Protocol


class Bell(Protocol):
    """One for all workers of an installation, as far as it reaches."""

    @abstractmethod
    def ring(self) -> None:
        """There is urgent work. Returns at once and never raises; rings close to each other are
        one."""

    @abstractmethod
    async def wait(self, timeout_s: float) -> bool:
        """Whether it rang before so many seconds were over, or since the last wait."""
