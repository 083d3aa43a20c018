"""What was read within the last second, so that requests need not read it again."""

from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from domain.ports.clock import Clock

KEEP_S: Final = 1.0  # how long a revoked key still works in another process
FOUND: Final = 10_000  # values kept; the oldest go first
MISSING: Final = 1_000  # misses kept apart: whoever guesses keys pushes out only other guesses

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Reads through. What is kept is as old as the start of its read."""

    def __init__(self, clock: Clock, read: Callable[[K], Awaitable[V | None]]) -> None:
        self._clock, self._read = clock, read
        self._found: dict[K, tuple[float, V]] = {}
        self._missing: dict[K, float] = {}
        self._changes = 0

    async def of(self, key: K) -> V | None:
        """The value, or None when there is no such thing."""
        now = self._clock.monotonic()
        if (known := self._found.get(key)) is not None and now < known[0]:
            return known[1]
        if now < self._missing.get(key, now):
            return None
        changes = self._changes
        value = await self._read(key)
        if changes == self._changes:  # else it may be older than a write of ours
            self._keep(key, value, now + KEEP_S)
        return value

    def forget(self, key: K) -> None:
        """It was just changed here."""
        self._changes += 1
        self._found.pop(key, None)
        self._missing.pop(key, None)

    def _keep(self, key: K, value: V | None, until: float) -> None:
        self._found.pop(key, None)  # to the end of the line: the front is the oldest
        self._missing.pop(key, None)
        if value is None:
            if len(self._missing) >= MISSING:
                del self._missing[next(iter(self._missing))]
            self._missing[key] = until
        else:
            if len(self._found) >= FOUND:
                del self._found[next(iter(self._found))]
            self._found[key] = (until, value)
