"""Who hears what happens here: protocols, because siblings don't know each other."""

from dataclasses import dataclass
from typing import Protocol

from adapters.http.exchange import Exchange


class AccessLog(Protocol):
    """Writes a line about each answered request."""

    def __call__(
        self, exchange: Exchange, method: str, path: str, route: str, seconds: float
    ) -> None:
        """`path` holds no secrets any more; `route` is its template."""


class Metrics(Protocol):
    """Counts. Labels come from fixed sets, never from what a client writes."""

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """One answered request."""

    def payment(self, provider: str, status: str) -> None:
        """One payment initiated here, as it stood when it was answered."""

    def callback(self, provider: str, result: str) -> None:
        """One callback: new, repeat, refused, failed (the mistake is ours)."""

    def refused(self, provider: str, reason: str) -> None:
        """Why a callback was refused: forged, stale, unreadable, no_account."""

    async def page(self) -> bytes:
        """All of it in Prometheus' text format, rendered off the loop."""


class Alarm(Protocol):
    """Hears of what should never happen."""

    def __call__(self, error: Exception, exchange: Exchange) -> None:
        """An error that no row of the problem table names."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is None hears nothing and costs nothing."""

    log: AccessLog | None = None
    metrics: Metrics | None = None
    alarm: Alarm | None = None
