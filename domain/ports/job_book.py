"""Port: the queue as people see it: what waits, what died, and another try."""

from abc import abstractmethod
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from domain.errors import Invalid
from domain.ids import JobId, TenantId
from domain.ports.jobs import Job, JobKind, JobState

OPEN: Final = (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a list ended."""

    tenant_id: TenantId
    at: datetime  # rank_at of what waits or runs, run_at of what ended
    id: JobId

    @property
    def cursor(self) -> str:
        """As text that stands in an address: letters, digits, - and _."""
        text = f"{self.at.isoformat()} {self.tenant_id} {self.id}"
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def of_cursor(cls, cursor: str) -> "Place":
        """Raises Invalid for what is no cursor."""
        try:
            text = urlsafe_b64decode(f"{cursor}{'=' * (-len(cursor) % 4)}").decode()
            at, tenant_id, job_id = text.split(" ", 2)
            return cls(
                TenantId(tenant_id), datetime.fromisoformat(at).astimezone(UTC), JobId(job_id)
            )
        except ValueError as error:
            raise Invalid("must be the nextCursor of the page before", "cursor") from error


@dataclass(frozen=True, slots=True)
class KeptJob:
    """A job and what became of it. Of one that ended, `run_at` is when its last lease would have
    run out, about the moment it ended."""

    job: Job
    state: JobState

    @property
    def place(self) -> Place:
        """In the list of its state."""
        at = self.job.rank_at if self.state in OPEN else self.job.run_at
        return Place(self.job.tenant_id, at, self.job.id)


@dataclass(frozen=True, slots=True)
class JobPage:
    """`next_after` is None at the end."""

    jobs: Sequence[KeptJob]
    next_after: Place | None

    @classmethod
    def of(cls, found: Sequence[KeptJob], limit: int) -> "JobPage":
        """A page of what was found, of which one more than `limit` was asked for."""
        page = found[:limit]
        return cls(page, page[-1].place if len(found) > limit else None)


class JobBook(Protocol):
    """Open jobs by tenant and then in the order of the queue; those that ended the other way
    round, the newest of a tenant first. Kinds this version does not know are not here."""

    @abstractmethod
    async def list(
        self,
        state: JobState,
        after: Place | None,
        limit: int,
        *,
        tenant_id: TenantId | None = None,
        kind: JobKind | None = None,
    ) -> JobPage:
        """A page of a tenant's jobs in that state, or of everybody's."""

    @abstractmethod
    async def get(self, tenant_id: TenantId, job_id: JobId) -> KeptJob:
        """Raises NotFound."""

    @abstractmethod
    async def retry(self, tenant_id: TenantId, job_id: JobId, at: datetime) -> bool:
        """Have one that is dead or waits run then, as if it had never failed; False when it is
        neither."""

    @abstractmethod
    async def drop(self, tenant_id: TenantId, job_id: JobId) -> bool:
        """Remove a dead one; False when it is not dead."""
