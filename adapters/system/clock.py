"""The machine's clock: the only place in the platform that asks what time it is."""

import time
from datetime import UTC, datetime

from domain.ports.clock import Clock


class SystemClock(Clock):
    """Wall time for facts, monotonic time for durations."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
