"""How long after its commit a call that moves money may still begin, and be on its way.

A process can be stopped between the commit and the call, and wake when others have given up what
it committed. So a call that did not begin in time never begins, and "not found" proves nothing
before every call that did has ended.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from domain.ports.clock import Clock
from domain.providers.deadlines import LONGEST_S

BEGIN_S: Final = 25.0  # far longer than the steps between the commit and the call
ON_ITS_WAY_S: Final = BEGIN_S + LONGEST_S + 5.0  # with what a client that overruns is given
REQUEST_S: Final = 45.0  # a request's calls to providers together: shorter than its key's lease
LEAST_S: Final = 3.0  # with less a call would mostly leave doubt


@dataclass(frozen=True, slots=True)
class Budget:
    """What one request may wait for providers, over all its attempts."""

    clock: Clock
    ends_at: float  # by the monotonic clock

    @classmethod
    def of_request(cls, clock: Clock) -> Self:
        return cls(clock, clock.monotonic() + REQUEST_S)

    def share(self, deadline_s: float) -> float | None:
        """How long the next call may take; None when it is better not begun."""
        left = self.ends_at - self.clock.monotonic()
        return min(deadline_s, left) if left >= min(deadline_s, LEAST_S) else None


def may_begin(committed_at: datetime, now: datetime) -> bool:
    """Whether the call that was committed then may begin now."""
    return now <= committed_at + timedelta(seconds=BEGIN_S)


def shows_at(committed_at: datetime, visibility_s: int) -> datetime:
    """From when on a provider that does not know the call never received it."""
    return committed_at + timedelta(seconds=ON_ITS_WAY_S + visibility_s)
