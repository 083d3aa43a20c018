"""Access tokens of an account: fetched when one is needed, kept until shortly before its end.

tokens = Tokens(clock, fetch)
token = await tokens.get(left)
if not isinstance(token, str):
    return uncharged(token)  # nothing was asked for yet, so nothing was charged
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from adapters.provider_kit.guard import unavailable
from domain.payments.outcome import Declined, NotSent, Unknown
from domain.ports.clock import Clock

MARGIN_S: Final = 60.0  # renewed so long before its end; at most a tenth of its life
Left = Callable[[], float]  # seconds that remain for calls sharing one deadline


@dataclass(frozen=True, slots=True)
class Grant:
    """A token as a provider gave it, and the seconds that it lives."""

    token: str = field(repr=False)
    lifetime_s: float


Missing = NotSent | Unknown | Declined  # why there is no token
Fetch = Callable[[Left], Awaitable[Grant | Missing]]


class Tokens:
    """One account's token for one product. When many calls need a new one, one of them fetches
    it, and each waits within its own deadline."""

    def __init__(self, clock: Clock, fetch: Fetch) -> None:
        self._clock = clock
        self._fetch = fetch
        self._token = ""
        self._until = 0.0  # by the monotonic clock
        self._turn = asyncio.Lock()

    async def get(self, left: Left) -> str | Missing:
        """The kept one, or a new one. Nothing but a token is ever asked for here."""
        if (known := self._kept()) is not None:
            return known
        try:
            async with asyncio.timeout(left()):
                await self._turn.acquire()
        except TimeoutError:
            return NotSent("no token in time")
        try:
            return self._kept() or await self._new(left)
        finally:
            self._turn.release()

    def drop(self, token: str) -> None:
        """The provider no longer takes it."""
        if token == self._token:
            self._token = ""

    def _kept(self) -> str | None:
        return self._token if self._token and self._clock.monotonic() < self._until else None

    async def _new(self, left: Left) -> str | Missing:
        given = await self._fetch(left)
        if not isinstance(given, Grant):
            return given
        kept_s = given.lifetime_s - min(MARGIN_S, given.lifetime_s / 10)
        self._token, self._until = given.token, self._clock.monotonic() + kept_s
        return given.token


def uncharged(missing: Missing) -> NotSent | Declined:
    """Why a charge or refund was not asked for: whatever became of the token, no money moved."""
    return unavailable(missing.reason) if isinstance(missing, Unknown) else missing


def unasked(missing: Missing) -> Unknown:
    """The same for a query: it says nothing about the money."""
    if isinstance(missing, Unknown):
        return missing
    return Unknown(reason=missing.reason if isinstance(missing, NotSent) else "no token was given")
