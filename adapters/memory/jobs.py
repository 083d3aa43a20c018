"""The queue of work: rows on the tenants' shelves, and one heap of when each is due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop

from adapters.memory.database import OPEN_JOBS, JobState, MemoryDatabase, Shelf
from adapters.memory.draft import NOTHING, Draft, Expected, Write
from domain.ids import JobId, TenantId
from domain.ports.jobs import Job, JobQueue, Jobs


class MemoryJobs(Jobs):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def enqueue(self, job: Job) -> None:
        self._put(job, JobState.WAITING, NOTHING)

    def finish(self, job: Job) -> None:
        self._put(replace(job, version=job.version + 1), JobState.DONE, job.version)

    def again(self, job: Job, run_at: datetime, error: str | None = None) -> None:
        failures = job.failures + (error is not None)
        later = replace(
            job, run_at=run_at, last_error=error, failures=failures, version=job.version + 1
        )
        self._put(later, JobState.WAITING, job.version)

    def bury(self, job: Job, error: str) -> None:
        dead = replace(job, last_error=error, failures=job.failures + 1, version=job.version + 1)
        self._put(dead, JobState.DEAD, job.version)

    def _put(self, job: Job, state: JobState, expected: int | Expected) -> None:
        if job.tenant_id != self._draft.shelf.tenant_id:
            raise ValueError(f"job {job.id} is another tenant's")
        write = JobWrite(self._draft.shelf.jobs, job.id, job, expected)
        write.draft, write.state = self._draft, state
        self._draft.collect(write)


class JobWrite(Write[Job]):
    __slots__ = ("draft", "state")

    draft: Draft
    state: JobState

    def apply(self) -> None:
        shelf, job = self.draft.shelf, self.value
        self.table[self.key] = job
        shelf.job_states[job.id] = self.state
        if self.state is JobState.WAITING:
            self.draft.database.queue(shelf, job)


@dataclass(frozen=True, slots=True)
class MemoryJobQueue(JobQueue):
    database: MemoryDatabase

    async def claim(self, now: datetime, lease_s: int, limit: int) -> Sequence[Job]:
        claimed: list[Job] = []
        until = now + timedelta(seconds=lease_s)
        while len(claimed) < limit and (first := self._first()) is not None:
            shelf, job = first
            if job.run_at > now:
                break
            heappop(self.database.due)
            mine = replace(job, run_at=until, tries=job.tries + 1, version=job.version + 1)
            self._put(shelf, mine, JobState.LEASED)
            claimed.append(mine)
        return claimed

    async def hurry(self, tenant_id: TenantId, job_id: JobId, run_at: datetime) -> None:
        shelf = self.database.shelf(tenant_id)
        job = shelf.jobs.get(job_id)
        waits = shelf.job_states.get(job_id) is JobState.WAITING
        if job is not None and waits and run_at < job.run_at:
            self._put(shelf, replace(job, run_at=run_at), JobState.WAITING)

    async def next_due(self) -> datetime | None:
        first = self._first()
        return first[1].run_at if first is not None else None

    def _put(self, shelf: Shelf, job: Job, state: JobState) -> None:
        shelf.jobs[job.id], shelf.job_states[job.id] = job, state
        self.database.queue(shelf, job)

    def _first(self) -> tuple[Shelf, Job] | None:
        """The open job that is due first; what was queued for a moment that no longer holds
        is dropped on the way."""
        due = self.database.due
        while due:
            run_at, _, shelf, job_id = due[0]
            job = shelf.jobs[job_id]
            if job.run_at == run_at and shelf.job_states[job_id] in OPEN_JOBS:
                return shelf, job
            heappop(due)
        return None
