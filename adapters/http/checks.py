"""Is the service well? Each check asks one thing, within a bound, and at most once a second."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from adapters.http.wire.service import CheckReply, Health, HealthReply, Plain
from domain.ports.clock import Clock

CHECK_S: Final = 2.0  # a database that takes longer to say "1" is not well
FRESH_S: Final = 1.0  # anyone may ask: a flood of probes must not become a flood of queries

Detail = Mapping[str, Plain | Mapping[str, Plain]]


@dataclass(frozen=True, slots=True)
class Finding:
    status: Health
    detail: Detail = field(default_factory=dict)


class Check(Protocol):
    """`name` stands in the reply. `needed`: without it no request can be served."""

    @property
    def name(self) -> str: ...

    @property
    def needed(self) -> bool: ...

    async def __call__(self) -> Finding:
        """What it found. An exception is UNHEALTHY; its words go to nobody."""


class Checkup:
    """All checks of this process."""

    def __init__(self, checks: Sequence[Check], clock: Clock, version: str) -> None:
        self.names = tuple(one.name for one in checks)
        self._checks, self._clock, self._version = checks, clock, version
        self._born = clock.monotonic()
        self._known: dict[str, tuple[float, CheckReply]] = {}

    async def __call__(self, only: Sequence[str] | None = None) -> HealthReply:
        """The state of all checks, or of those named."""
        start = self._clock.monotonic()
        wanted = [one for one in self._checks if only is None or one.name in only]
        found = {one.name: await self._checked(one) for one in wanted}
        return HealthReply(
            status=_worst([(one.needed, found[one.name].status) for one in wanted]),
            checks=found,
            response_time_ms=self._since_ms(start),
            uptime_seconds=int(self._clock.monotonic() - self._born),
            version=self._version,
            checked_at=self._clock.now(),
        )

    @property
    def needed(self) -> tuple[str, ...]:
        """What readiness depends on."""
        return tuple(one.name for one in self._checks if one.needed)

    async def _checked(self, check: Check) -> CheckReply:
        start = self._clock.monotonic()
        at, reply = self._known.get(check.name, (0.0, None))
        if reply is not None and start - at < FRESH_S:
            return reply
        try:
            async with asyncio.timeout(CHECK_S):
                finding = await check()
        except TimeoutError:
            finding = Finding(Health.UNHEALTHY, {"reason": f"no answer within {CHECK_S:g} s"})
        except Exception as error:
            finding = Finding(Health.UNHEALTHY, {"reason": type(error).__name__})
        reply = CheckReply(finding.status, self._since_ms(start), finding.detail)
        self._known[check.name] = (self._clock.monotonic(), reply)
        return reply

    def _since_ms(self, start: float) -> float:
        return round((self._clock.monotonic() - start) * 1000, 3)


def _worst(found: Sequence[tuple[bool, Health]]) -> Health:
    """What is not needed only degrades."""
    if any(needed and status is Health.UNHEALTHY for needed, status in found):
        return Health.UNHEALTHY
    if any(status in (Health.UNHEALTHY, Health.DEGRADED) for _, status in found):
        return Health.DEGRADED
    return Health.HEALTHY
