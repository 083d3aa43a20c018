"""Port: how attempts at accounts went, by hour, over all processes. It outlives them; it steers
and informs, and money never depends on it."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, Self

from domain.ids import AccountId, TenantId
from domain.values import replace

HOUR_S: Final = 3600
HOURS: Final = 24  # kept of an account: an hour takes the row of the same hour yesterday


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What became of an account's attempts in one hour. `answers` are calls that move money and
    were answered, `waited_ms` how long that took in all."""

    account_id: AccountId
    tenant_id: TenantId
    provider: str
    number: int  # hours since 1970
    finished: int = 0
    successes: int = 0
    answers: int = 0
    waited_ms: int = 0
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    changed_at: datetime
    version: int = 0  # of its row, whichever hour that held; 0: not stored yet

    @property
    def slot(self) -> int:
        """Where it stands among the account's rows."""
        return self.number % HOURS

    def plus(self, more: "Hour") -> Self:
        """Both together."""
        return replace(
            self,
            finished=self.finished + more.finished,
            successes=self.successes + more.successes,
            answers=self.answers + more.answers,
            waited_ms=self.waited_ms + more.waited_ms,
            last_success_at=later_of(self.last_success_at, more.last_success_at),
            last_failure_at=later_of(self.last_failure_at, more.last_failure_at),
            changed_at=max(self.changed_at, more.changed_at),
        )


def later_of(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two moments of which each may be missing."""
    return max((at for at in (one, other) if at is not None), default=None)


class TrackRecords(Protocol):
    """The tenant's accounts, in a unit of work."""

    @abstractmethod
    async def slot(self, account_id: AccountId, slot: int) -> Hour | None:
        """What stands there, of whichever hour."""

    @abstractmethod
    def put(self, hour: Hour) -> None:
        """Into its slot. StaleVersion at commit (for version 0 DuplicateKey) when another process
        was first."""


class TrackBoard(Protocol):
    """The look over all tenants."""

    @abstractmethod
    async def changed(self, since: datetime, limit: int) -> Sequence[Hour]:
        """What changed then or later, longest ago first, `limit` at most. Raises Unavailable."""
