"""Port: background work, in the same database as the state that asks for it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.ids import JobId, TenantId


class JobKind(StrEnum):
    INQUIRE = "inquire"  # ask about an attempt
    READ_NOTICE = "read_notice"  # turn a stored callback into evidence
    SEND_REFUND = "send_refund"  # send, or ask about, a refund
    DELIVER = "deliver"  # tell a merchant's endpoint of an event
    REWARD = "reward"  # credit a customer's wallet for a payment, or take it back
    CARE = "care"  # what is done regularly: retention, the doctor's round


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
    tries: int = 0  # claims so far, this one included
    failures: int = 0  # how many of them raised
    version: int = 0
    last_error: str | None = None


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


class JobQueue(Protocol):
    """The worker's side, over all tenants."""

    @abstractmethod
    async def claim(self, now: datetime, lease_s: int, limit: int) -> Sequence[Job]:
        """Up to `limit` due jobs, leased until now + lease_s; `run_at` doubles as lease expiry."""

    @abstractmethod
    async def hurry(self, tenant_id: TenantId, job_id: JobId, run_at: datetime) -> None:
        """Pull a waiting job forward; nothing when it is not waiting or due sooner."""

    @abstractmethod
    async def next_due(self) -> datetime | None:
        """When the earliest open job is due."""
