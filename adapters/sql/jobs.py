"""A unit's share of the queue: rows that commit with the state that asks for the work."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.job import job_row
from adapters.sql.rows.values import us
from adapters.sql.writes import GuardedUpdate, Insert, Row
from domain.errors import Conflict, DuplicateKey
from domain.ports.jobs import Job, Jobs, Priority
from domain.values import replace

IN_USE: Final[dict[str, type[Conflict]]] = {"pk_jobs": DuplicateKey}
_, DONE, DEAD = t.JOB_STATES


@dataclass(frozen=True, slots=True)
class SqlJobs(Jobs):
    """Done jobs stay, so that the same work is not enqueued again; retention removes them."""

    draft: Draft

    def enqueue(self, job: Job) -> None:
        if job.tenant_id != self.draft.tenant_id:
            raise ValueError(f"job {job.id} is another tenant's")
        self.draft.collect(Insert(t.jobs, job_row(job), IN_USE))
        if job.standing is Priority.URGENT:
            self.draft.rings = True

    def finish(self, job: Job) -> None:
        self._guarded(job, {"state": DONE})

    def again(self, job: Job, run_at: datetime, error: str | None = None) -> None:
        self._guarded(
            job,
            {
                "run_at": us(run_at),
                "rank_at": us(replace(job, run_at=run_at).rank_at),
                "failures": job.failures + (error is not None),
                "crashes": 0,
                "last_error": error,
            },
        )

    def bury(self, job: Job, error: str) -> None:
        values: Row = {"state": DEAD, "failures": job.failures + 1, "last_error": error}
        self._guarded(job, values)

    def _guarded(self, job: Job, values: Row) -> None:
        """The version is the fence: it rose when another worker claimed the job."""
        self.draft.collect(
            GuardedUpdate(t.jobs, {"id": job.id}, job.version, {**values, "leased": False})
        )
