"""A unit's share of the queue: rows that commit with the state that asks for the work."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.values import json, us
from adapters.sql.writes import GuardedUpdate, Insert, Row
from domain.errors import Conflict, DuplicateKey
from domain.ports.jobs import Job, Jobs

IN_USE: Final[dict[str, type[Conflict]]] = {"pk_jobs": DuplicateKey}
READY, DONE, DEAD = t.JOB_STATES


@dataclass(frozen=True, slots=True)
class SqlJobs(Jobs):
    """Done jobs stay, so that the same work is not enqueued again; retention removes them."""

    draft: Draft

    def enqueue(self, job: Job) -> None:
        if job.tenant_id != self.draft.tenant_id:
            raise ValueError(f"job {job.id} is another tenant's")
        row: Row = {
            "id": job.id,
            "kind": job.kind,
            "state": READY,
            "leased": False,
            "run_at": us(job.run_at),
            "about": json(dict(job.about)),
            "tries": job.tries,
            "failures": job.failures,
            "last_error": job.last_error,
            "version": job.version,
        }
        self.draft.collect(Insert(t.jobs, row, IN_USE))

    def finish(self, job: Job) -> None:
        self._guarded(job, {"state": DONE})

    def again(self, job: Job, run_at: datetime, error: str | None = None) -> None:
        failures = job.failures + (error is not None)
        values: Row = {"run_at": us(run_at), "failures": failures, "last_error": error}
        self._guarded(job, values)

    def bury(self, job: Job, error: str) -> None:
        values: Row = {"state": DEAD, "failures": job.failures + 1, "last_error": error}
        self._guarded(job, values)

    def _guarded(self, job: Job, values: Row) -> None:
        """The version is the fence: it rose when another worker claimed the job."""
        self.draft.collect(
            GuardedUpdate(t.jobs, {"id": job.id}, job.version, {**values, "leased": False})
        )
