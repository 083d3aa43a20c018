"""The queue of work: rows on the tenants' shelves, and one heap of their ranks."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import islice

from adapters.memory.database import OPEN_JOBS, MemoryDatabase, Shelf
from adapters.memory.draft import NOTHING, Draft, Expected, Write
from domain.ids import JobId, TenantId
from domain.ports.jobs import (
    PLATFORM,
    SUSPICIOUS,
    Job,
    JobQueue,
    Jobs,
    JobState,
    Priority,
    QueueDepth,
)
from domain.values import replace


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
        self._ripen(now)
        if not (fair or but):
            return [*islice(self._ranked(), limit)]
        ranked = [*self._ranked()]
        due = [one for one in ranked if one[1].tenant_id not in but]
        taken = self._turns(due, limit, fill=not but)
        chosen = {(job.tenant_id, job.id) for _, job in taken}
        for shelf, job in ranked:
            if (job.tenant_id, job.id) not in chosen:
                self.database.queue(shelf, job)
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
        while soon and _open(soon[0][2], soon[0][3], soon[0][0]) is None:
            heappop(soon)
        first = soon[0][0] if soon else None
        for _, _, run_at, shelf, job_id in self.database.due:  # what the last claim left
            if (first is None or run_at < first) and _open(shelf, job_id, run_at) is not None:
                first = run_at
        return first

    def _ripen(self, now: datetime) -> None:
        """What is due by now gets its rank."""
        soon, due = self.database.soon, self.database.due
        while soon and soon[0][0] <= now:
            run_at, number, shelf, job_id = heappop(soon)
            if (job := _open(shelf, job_id, run_at)) is not None:
                heappush(due, (job.rank_at, number, run_at, shelf, job_id))

    def _ranked(self) -> Iterator[tuple[Shelf, Job]]:
        """What is due in the order of the ranks, off the heap: whoever does not lease one puts it
        back."""
        due, seen = self.database.due, set[tuple[str, str]]()
        while due:
            _, _, run_at, shelf, job_id = heappop(due)
            job = _open(shelf, job_id, run_at)
            if job is not None and (job.tenant_id, job_id) not in seen:
                seen.add((job.tenant_id, job_id))
                yield shelf, job

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


def _open(shelf: Shelf, job_id: JobId, run_at: datetime) -> Job | None:
    """The job, when it is still to be run at that time."""
    job = shelf.jobs.get(job_id)
    if job and job.run_at == run_at and shelf.job_states[job_id] in OPEN_JOBS:
        return job
    return None
