"""Use case: run what is due. Each job has its own guard, deadline and lease."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from application.correlation import CORRELATION
from domain.errors import Conflict
from domain.ports.clock import Clock
from domain.ports.jobs import Job, JobKind, JobQueue
from domain.ports.unit_of_work import Units

LEASE_S: Final = 60
TIMEOUT_S: Final = 45.0  # shorter than the lease: a job that overruns is given up before it is lost
MOST_FAILURES: Final = 12  # then it is a dead letter; only raised errors count
LONGEST_S: Final = 3600
NEVER_GIVEN_UP: Final = frozenset({JobKind.INQUIRE, JobKind.SEND_REFUND})  # money hangs on them

Handler = Callable[[Job], Awaitable[datetime | None]]  # when to run again; None is done


class Troubles(Protocol):
    """Where errors of jobs are told."""

    def __call__(self, job: Job, error: BaseException) -> None: ...


class Counted(Protocol):
    """Where runs of jobs are counted: done, again, failed or dead."""

    def __call__(self, kind: JobKind, result: str, /) -> None: ...


def uncounted(kind: JobKind, result: str, /) -> None:
    """The usual Counted."""


@dataclass(frozen=True, slots=True)
class RunJobs:
    """Claims up to `limit` due jobs and runs them side by side. One that fails is tried again
    with backoff, then, unless money hangs on it, buried for a person; it never harms its
    neighbours."""

    queue: JobQueue
    units: Units
    clock: Clock
    handlers: Mapping[JobKind, Handler]
    troubles: Troubles
    counted: Counted = uncounted

    async def __call__(self, limit: int) -> int:
        """Claim and run one batch; how many jobs there were."""
        jobs = await self.claim(limit)
        await asyncio.gather(*(self.run(job) for job in jobs))
        return len(jobs)

    async def claim(self, limit: int) -> Sequence[Job]:
        """Up to `limit` due jobs, ours until the lease ends."""
        return await self.queue.claim(self.clock.now(), LEASE_S, limit)

    async def run(self, job: Job) -> None:
        """Run one claimed job. Raises nothing: trouble is told, and the job tried again."""
        CORRELATION.set(job.id)
        try:
            await self._run(job)
        except Conflict:  # the lease was lost: whoever has it now goes on
            return
        except Exception as error:
            self.troubles(job, error)

    async def _run(self, job: Job) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                again = await self.handlers[job.kind](job)
        except Exception as error:
            self.troubles(job, error)
            await self._failed(job, error)
            return
        async with self.units(job.tenant_id) as unit:
            if again is None:
                unit.jobs.finish(job)
            else:
                unit.jobs.again(job, again)
            await unit.commit()
        self.counted(job.kind, "done" if again is None else "again")

    async def _failed(self, job: Job, error: Exception) -> None:
        told = f"{type(error).__name__}: {error}"[:500]
        is_dead = job.failures + 1 >= MOST_FAILURES and job.kind not in NEVER_GIVEN_UP
        async with self.units(job.tenant_id) as unit:
            if is_dead:
                unit.jobs.bury(job, told)
            else:
                delay = min(2 ** min(job.failures, MOST_FAILURES), LONGEST_S)
                unit.jobs.again(job, self.clock.now() + timedelta(seconds=delay), told)
            await unit.commit()
        self.counted(job.kind, "dead" if is_dead else "failed")
