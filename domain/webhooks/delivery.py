"""One event on its way to one endpoint, and each try to bring it there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from zlib import crc32

from domain.ids import EndpointId, EventId, JobId, PaymentId
from domain.values import replace

SCHEDULE_S: Final = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
LONGEST_WAIT_S: Final = 86_400  # an endpoint that asks for more patience gets this much
JITTER_PERCENT: Final = 10  # either way, lest all that failed together comes back together


class DeliveryState(StrEnum):
    WAITING = "waiting"  # to be tried, at `next_at`
    DELIVERED = "delivered"  # the endpoint answered 2xx
    FAILED = "failed"  # given up, after the last try or with its endpoint: can be replayed
    DROPPED = "dropped"  # its endpoint was deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """At least once: an answer that was lost is a failure, and the same bytes are sent again."""

    endpoint_id: EndpointId
    event_id: EventId
    number: int  # the event's
    payment_id: PaymentId | None
    next_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    tries: int = 0  # of this round; the schedule counts them
    sends: int = 0  # of all rounds
    replays: int = 0  # how often somebody asked for a new round
    last_status: int | None = None  # HTTP; None when nobody answered
    last_error: str | None = None
    delivered_at: datetime | None = None
    version: int = 0

    @property
    def job_id(self) -> JobId:
        """Of the work of this round."""
        name = f"deliver:{self.endpoint_id}:{self.event_id}"
        return JobId(f"{name}:{self.replays}" if self.replays else name)

    @property
    def is_waiting(self) -> bool:
        return self.state is DeliveryState.WAITING

    def taken(self, status: int, now: datetime) -> Self:
        """The endpoint took it."""
        return replace(self._tried(status, None), state=DeliveryState.DELIVERED, delivered_at=now)

    def missed(
        self, status: int | None, error: str, now: datetime, *, retry_after_s: int | None = None
    ) -> Self:
        """The endpoint did not take it: wait for the next try, or give up after the last."""
        tried = self._tried(status, error)
        if tried.tries >= len(SCHEDULE_S):
            return replace(tried, state=DeliveryState.FAILED)
        wait = timedelta(milliseconds=self._wait_ms(tried.tries))
        if retry_after_s is not None:
            wait = max(wait, timedelta(seconds=min(max(retry_after_s, 0), LONGEST_WAIT_S)))
        return replace(tried, next_at=now + wait)

    def give_up(self, error: str) -> Self:
        """No try now will help; a replay begins again."""
        return replace(self, state=DeliveryState.FAILED, last_error=error)

    def drop(self) -> Self:
        """Its endpoint is deleted."""
        return replace(self, state=DeliveryState.DROPPED, last_error="the endpoint was deleted")

    def replay(self, now: datetime) -> Self:
        """A new round from the first try, whatever became of the last."""
        return replace(
            self,
            state=DeliveryState.WAITING,
            tries=0,
            replays=self.replays + 1,
            next_at=now,
        )

    def _tried(self, status: int | None, error: str | None) -> Self:
        return replace(
            self,
            tries=self.tries + 1,
            sends=self.sends + 1,
            last_status=status,
            last_error=error,
        )

    def _wait_ms(self, tries: int) -> int:
        """Chance that can be replayed: from what is tried, and how often it was."""
        chance = crc32(f"{self.job_id}:{tries}".encode()) % (2 * JITTER_PERCENT + 1)
        return SCHEDULE_S[tries] * 10 * (100 - JITTER_PERCENT + chance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One call to an endpoint, for the log."""

    endpoint_id: EndpointId
    event_id: EventId
    number: int  # 1, 2, … over all rounds
    at: datetime
    status: int | None  # HTTP; None when nobody answered
    error: str | None  # why it does not count as taken
    ms: int
    answer: str  # the first 2 KB of it as text, secrets masked
