"""Port: background work, in the same database as the state that asks for it."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from domain.ids import JobId, TenantId


class JobKind(StrEnum):
    INQUIRE = "inquire"  # ask about an attempt
    READ_NOTICE = "read_notice"  # turn a stored callback into evidence
    SEND_REFUND = "send_refund"  # send, or ask about, a refund
    DELIVER = "deliver"  # tell a merchant's endpoint of an event
    REWARD = "reward"  # credit a customer's wallet for a payment, or take it back
    CARE = "care"  # what is done regularly: retention, the doctor's round


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"  # leased, at least: whoever leased it may be dead
    DONE = "done"
    DEAD = "dead"  # given up; a person may have it run again


class Priority(StrEnum):
    """How long a job stands behind others that are due. A head start, not a right of way: what
    waited longer than the difference goes first, so nothing starves."""

    URGENT = "urgent"
    NORMAL = "normal"
    LOW = "low"

    @property
    def behind(self) -> timedelta:
        """0, 5 or 60 seconds."""
        return BEHIND[self]


BEHIND: Final[Mapping[Priority, timedelta]] = {
    Priority.URGENT: timedelta(0),
    Priority.NORMAL: timedelta(seconds=5),
    Priority.LOW: timedelta(seconds=60),
}
FURTHEST: Final = max(BEHIND.values())
USUAL: Final[Mapping[JobKind, Priority]] = {  # the others are normal
    JobKind.READ_NOTICE: Priority.URGENT,  # a payer waits for the shop to hear of it
    JobKind.CARE: Priority.LOW,
}

PLATFORM: Final = TenantId("platform")  # whose jobs are nobody's: schedules
SUSPICIOUS: Final = 2  # leases lost in a row: from then on a job is run alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`id` says what it is about, so the same work is enqueued once: "inquire:att_…".

    `version` is the fence: it rises with each claim, and only its holder can finish.
    """

    id: JobId
    tenant_id: TenantId
    kind: JobKind
    run_at: datetime
    about: Mapping[str, str] = field(default_factory=dict)
    priority: Priority | None = None  # its kind's, unless another is named
    tries: int = 0  # claims so far, this one included
    failures: int = 0  # how many of them raised
    crashes: int = 0  # leases lost in a row; beyond SUSPICIOUS only those it was run alone in
    version: int = 0
    last_error: str | None = None

    @property
    def standing(self) -> Priority:
        """The priority it is queued with."""
        return self.priority or USUAL.get(self.kind, Priority.NORMAL)

    @property
    def rank_at(self) -> datetime:
        """Its place in the queue: due jobs are taken in this order."""
        return self.run_at + self.standing.behind


class Jobs(Protocol):
    """A unit's share of the queue: what is enqueued or finished here commits with the state."""

    @abstractmethod
    def enqueue(self, job: Job) -> None:
        """DuplicateKey at commit when a job of this id is stored already."""

    @abstractmethod
    def finish(self, job: Job) -> None:
        """It is done. StaleVersion at commit when the lease was lost."""

    @abstractmethod
    def again(self, job: Job, run_at: datetime, error: str | None = None) -> None:
        """Run it again then; with an error it counts as a failure. StaleVersion at commit when
        the lease was lost."""

    @abstractmethod
    def bury(self, job: Job, error: str) -> None:
        """Give up: a dead letter for a person. StaleVersion at commit when the lease was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """How much work there is. Counts end at 100 000: more is told as that many."""

    due: int  # nobody has begun with it
    dead: int
    oldest_due_s: float  # how long the longest due one waits; 0 when none is


class JobQueue(Protocol):
    """The worker's side, over all tenants. Kinds this version does not know are left alone."""

    @abstractmethod
    async def claim(
        self,
        now: datetime,
        lease_s: int,
        limit: int,
        *,
        fair: bool = False,
        but: Collection[TenantId] = (),
    ) -> Sequence[Job]:
        """Up to `limit` due jobs by their rank, leased until now + lease_s; `run_at` doubles as
        lease expiry.

        `fair` takes one of each tenant first, beginning behind the tenant where the last fair
        claim of this process ended, and then fills up by rank. `but` names tenants who get none
        this time: then it is fair, and nothing is filled up.
        """

    @abstractmethod
    async def extend(self, job: Job, until: datetime, *, alone: bool = False) -> bool:
        """Keep a claimed job until then; False when the lease was lost. The fence stays as it is.
        `alone` counts a crash before the job begins, so that it need not live to tell."""

    @abstractmethod
    async def hurry(self, tenant_id: TenantId, job_id: JobId, run_at: datetime) -> None:
        """Pull a waiting job forward; nothing when it is not waiting or due sooner."""

    @abstractmethod
    async def next_due(self) -> datetime | None:
        """When the earliest open job is due."""

    @abstractmethod
    async def last_of(self, prefix: str) -> JobId | None:
        """The platform's job with the greatest id that begins so, in whatever state; `prefix`
        ends with a colon."""

    @abstractmethod
    async def depth(self, now: datetime) -> QueueDepth:
        """For gauges."""
