"""Ability of a provider: it tells where its callbacks are registered."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class CallbackAddress:
    """What a provider was told to call: `url`, when `event` happens. The provider's own words."""

    event: str
    url: str


@runtime_checkable
class ListsCallbacks(Protocol):
    """A provider that can be asked where it calls."""

    @abstractmethod
    async def callback_addresses(self, *, timeout_s: float) -> Sequence[CallbackAddress]:
        """All that are registered, other addresses than ours too.

        Raises Invalid with the provider's words when it refuses or can't be reached.
        """
