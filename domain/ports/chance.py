"""Port: chance."""

from abc import abstractmethod
from typing import Protocol


class Chance(Protocol):
    """The only source of randomness besides ids; a simulation hands in a seeded one."""

    @abstractmethod
    def __call__(self) -> float:
        """From 0 up to, but not including, 1."""
