"""The queue of work: rows on the tenants' shelves, and one heap of their ranks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop

from adapters.memory.database import OPEN_JOBS, MemoryDatabase, Shelf
from adapters.memory.draft import NOTHING, Draft, Expected, Write
from domain.ids import JobId, TenantId
from domain.ports.jobs import (
    FURTHEST,
    PLATFORM,
    SUSPICIOUS,
    Job,
    JobQueue,
    Jobs,
    JobState,
    Priority,
    QueueDepth,
)


class MemoryJobs(Jobs):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def enqueue(self, job: Job) -> None:
        self._put(job, JobState.WAITING, NOTHING)
        if job.standing is Priority.URGENT:
            self._draft.rings = True

    def finish(self, job: Job) -> None:
        self._put(replace(job, version=job.version + 1), JobState.DONE, job.version)

    def again(self, job: Job, run_at: datetime, error: str | None = None) -> None:
        failures = job.failures + (error is not None)
        later = replace(
            job,
            run_at=run_at,
            last_error=error,
            failures=failures,
            crashes=0,
            version=job.version + 1,
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


@dataclass(slots=True)
class MemoryJobQueue(JobQueue):
    database: MemoryDatabase
    _served: str = field(default="", init=False)  # the tenant where the last fair claim ended

    async def claim(
        self,
        now: datetime,
        lease_s: int,
        limit: int,
        *,
        fair: bool = False,
        but: Collection[TenantId] = (),
    ) -> Sequence[Job]:
        until, due = now + timedelta(seconds=lease_s), self._due(now, limit, fair, but)
        return [self._leased(shelf, job, until) for shelf, job in due]

    async def extend(self, job: Job, until: datetime, *, alone: bool = False) -> bool:
        shelf = self.database.shelf(job.tenant_id)
        mine, state = shelf.jobs.get(job.id), shelf.job_states.get(job.id)
        if mine is None or mine.version != job.version or state is not JobState.RUNNING:
            return False
        self._put(shelf, replace(mine, run_at=until, crashes=mine.crashes + alone), state)
        return True

    async def hurry(self, tenant_id: TenantId, job_id: JobId, run_at: datetime) -> None:
        shelf = self.database.shelf(tenant_id)
        job = shelf.jobs.get(job_id)
        waits = shelf.job_states.get(job_id) is JobState.WAITING
        if job is not None and waits and run_at < job.run_at:
            self._put(shelf, replace(job, run_at=run_at), JobState.WAITING)

    async def next_due(self) -> datetime | None:
        return self._first()

    async def last_of(self, prefix: str) -> JobId | None:
        mine = (one for one in self.database.shelf(PLATFORM).jobs if one.startswith(prefix))
        return max(mine, default=None)

    async def depth(self, now: datetime) -> QueueDepth:
        due = [
            shelf.jobs[one].run_at
            for shelf in self.database.shelves.values()
            for one, state in shelf.job_states.items()
            if state is JobState.WAITING and shelf.jobs[one].run_at <= now
        ]
        dead = sum(
            state is JobState.DEAD
            for shelf in self.database.shelves.values()
            for state in shelf.job_states.values()
        )
        oldest_s = (now - min(due)).total_seconds() if due else 0.0
        return QueueDepth(due=len(due), dead=dead, oldest_due_s=oldest_s)

    def _due(
        self, now: datetime, limit: int, fair: bool, but: Collection[TenantId]
    ) -> Sequence[tuple[Shelf, Job]]:
        """What a claim takes, off the heap."""
        if (first := self._first()) is None or first > now:
            return []
        near = self._window(now + FURTHEST)
        due = [one for one in near if one[1].run_at <= now and one[1].tenant_id not in but]
        taken = self._turns(due, limit, fill=not but) if fair or but else due[:limit]
        chosen = {(job.tenant_id, job.id) for _, job in taken}
        for shelf, job in near:
            if (job.tenant_id, job.id) not in chosen:
                self.database.rank(shelf, job)
        return taken

    def _turns(
        self, due: Sequence[tuple[Shelf, Job]], limit: int, *, fill: bool
    ) -> Sequence[tuple[Shelf, Job]]:
        """One of each tenant behind the last one served, then by rank."""
        first: dict[str, tuple[Shelf, Job]] = {}
        for one in due:
            first.setdefault(one[1].tenant_id, one)
        turn = sorted(tenant for tenant in first if tenant > self._served)[:limit]
        self._served = turn[-1] if turn and len(turn) == limit else ""
        taken = [first[tenant] for tenant in turn]
        ids = {(job.tenant_id, job.id) for _, job in taken}
        rest = [one for one in due if (one[1].tenant_id, one[1].id) not in ids]
        return [*taken, *rest[: limit - len(taken)]] if fill else taken

    def _first(self) -> datetime | None:
        """When the earliest open job is due. What no longer holds is dropped on the way."""
        soon = self.database.soon
        while soon:
            run_at, _, shelf, job_id = soon[0]
            job = shelf.jobs.get(job_id)
            if job and job.run_at == run_at and shelf.job_states[job_id] in OPEN_JOBS:
                return run_at
            heappop(soon)
        return None

    def _window(self, until: datetime) -> Sequence[tuple[Shelf, Job]]:
        """Open jobs in the order of their ranks up to `until`, off the heap: whoever does not
        lease one puts it back. What was queued for a moment that no longer holds is dropped on the
        way."""
        due, near = self.database.due, dict[tuple[str, str], tuple[Shelf, Job]]()
        while due and due[0][0] <= until:
            _, _, run_at, shelf, job_id = heappop(due)
            job = shelf.jobs.get(job_id)
            if job and job.run_at == run_at and shelf.job_states[job_id] in OPEN_JOBS:
                near.setdefault((job.tenant_id, job.id), (shelf, job))
        return [*near.values()]

    def _leased(self, shelf: Shelf, job: Job, until: datetime) -> Job:
        lost = shelf.job_states[job.id] is JobState.RUNNING and job.crashes < SUSPICIOUS
        mine = replace(
            job,
            run_at=until,
            tries=job.tries + 1,
            crashes=job.crashes + lost,
            version=job.version + 1,
        )
        self._put(shelf, mine, JobState.RUNNING)
        return mine

    def _put(self, shelf: Shelf, job: Job, state: JobState) -> None:
        shelf.jobs[job.id], shelf.job_states[job.id] = job, state
        self.database.queue(shelf, job)
