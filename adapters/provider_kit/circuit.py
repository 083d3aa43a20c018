"""One circuit: closed, open, and half-open when its pause is over and a call may try."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.ids import AccountId, TenantId
from domain.providers.circuit import Circuit

FAULTS: Final = 5
RECENT: Final = 20  # calls that are looked at
RECENT_S: Final = 60.0  # and not older than this
PAUSE_S: Final = 10.0  # doubles with each failed probe
LONGEST_PAUSE_S: Final = 160.0
PROBE_S: Final = 60.0  # a probe that never came back is forgotten; longer than any deadline


@dataclass(frozen=True, slots=True)
class Known:
    """Of what a circuit is."""

    account_id: AccountId
    operation: str
    tenant_id: TenantId
    provider: str


class LocalCircuit:
    """Moments are of the monotonic clock, so a clock that is set neither opens nor closes it.

    `opened` is the calendar's word for `opened_at`: an opening is known by it in all processes.
    """

    __slots__ = (
        "era",
        "opened",
        "opened_at",
        "pause_s",
        "probe_until",
        "recent",
        "version",
        "was_open",
    )

    def __init__(self) -> None:
        self.recent: deque[tuple[float, bool]] = deque(maxlen=RECENT)
        self.opened_at: float | None = None
        self.opened: datetime | None = None
        self.probe_until: float | None = None
        self.pause_s = PAUSE_S
        self.era = 0
        self.version = 0  # of what all processes know; 0: nothing
        self.was_open = False  # as they know it

    def state(self, now: float) -> str:
        if self.opened_at is None:
            return "closed"
        probing = self.probe_until is not None and now < self.probe_until
        return "open" if probing or now < self.opened_at + self.pause_s else "half_open"

    def begins(self, now: float) -> bool:
        """Whether the call that begins now is the probe."""
        if probe := self.state(now) == "half_open":
            self.probe_until = now + PROBE_S
        return probe

    def record(self, now: float, at: datetime, fault: bool) -> None:
        """While it is closed."""
        self.recent.append((now, fault))
        if not fault:
            return
        seen = [bad for then, bad in self.recent if then > now - RECENT_S]
        if (faults := sum(seen)) >= FAULTS and faults * 2 >= len(seen):
            self.open(now, at, PAUSE_S)

    def open(self, now: float, at: datetime, pause_s: float) -> None:
        self.opened_at, self.opened, self.probe_until = now, at, None
        self.pause_s = min(pause_s, LONGEST_PAUSE_S)
        self.era += 1
        self.recent.clear()

    def close(self) -> None:
        self.opened_at = self.probe_until = None
        self.pause_s = PAUSE_S
        self.era += 1

    def adopt(self, found: Circuit, now: float, at: datetime) -> None:
        """Become what all processes know. Where our calendar and another's disagree, the pause is
        never longer than from now on, and the probe's time neither."""
        self.version, self.was_open = found.version, found.is_open
        if not found.is_open:
            if self.opened_at is not None:
                self.close()
            return
        if self.opened_at is None or self.opened != found.opened_at:
            elapsed_s = max(0.0, (at - found.opened_at).total_seconds())
            self.open(now - min(elapsed_s, found.pause_s), found.opened_at, found.pause_s)
        left = found.probe_until - at if found.probe_until is not None else timedelta()
        left_s = min(left.total_seconds(), PROBE_S)
        self.probe_until = now + left_s if left_s > 0 else None

    def shown(self, now: float, at: datetime, seen: "Known") -> Circuit | None:
        """As all processes may know it; None when it never opened."""
        if self.opened is None:
            return None
        probing = self.probe_until is not None and now < self.probe_until
        left_s = (self.probe_until or now) - now
        return Circuit(
            account_id=seen.account_id,
            operation=seen.operation,
            tenant_id=seen.tenant_id,
            provider=seen.provider,
            is_open=self.opened_at is not None,
            opened_at=self.opened,
            pause_s=int(self.pause_s),
            probe_until=at + timedelta(seconds=left_s) if probing else None,
            version=self.version,
        )
