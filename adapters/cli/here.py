"""What the command line knows of where it runs; entrypoints fill it in."""

from abc import abstractmethod
from asyncio import Event
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.ports.post import Post


@dataclass(frozen=True, slots=True)
class Here:
    public_url: str  # where payers and providers reach this installation
    operator: str  # the name of the user at this machine


class OpenPost(Protocol):
    @abstractmethod
    def __call__(self, url: str) -> AbstractAsyncContextManager[Post]:
        """A post to that one address of the developer's own, wherever it leads. Raises Invalid
        for what is no address."""


class Stopping(Protocol):
    @abstractmethod
    def __call__(self) -> AbstractAsyncContextManager[Event]:
        """An event that Ctrl-C sets instead of ending the program."""
