"""Use case: run what is due. Each job has its own guard, deadline and lease."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from application.correlation import CORRELATION
from application.work.lease import Lease
from application.work.terms import LEASE_S, MOST_CRASHES, Terms, terms_of
from domain.errors import CauriError, Conflict, Unavailable
from domain.ids import TenantId
from domain.ports.chance import Chance
from domain.ports.clock import Clock
from domain.ports.jobs import SUSPICIOUS, Job, JobKind, JobQueue
from domain.ports.unit_of_work import Units

LONGEST_ERROR: Final = 500

Handler = Callable[[Job], Awaitable[datetime | None]]  # when to run again; None is done


class GiveUp(Exception):
    """Trying again won't help: the job is a dead letter now, for a person."""


class Troubles(Protocol):
    """Where errors of jobs are told."""

    def __call__(self, job: Job, error: BaseException) -> None: ...


class Counted(Protocol):
    """Where runs of jobs are counted: done, again, failed or dead."""

    def __call__(self, kind: JobKind, result: str, /) -> None: ...


def uncounted(kind: JobKind, result: str, /) -> None:
    """The usual Counted."""


def unheeded() -> None:
    """Nobody waits for a handler to end."""


def unlucky() -> float:
    """The usual Chance: every pause is as long as it may be."""
    return 1.0


@dataclass(slots=True)
class Pace:
    """What one claim tells the next, and the turnstile for jobs that may kill the process."""

    is_behind: bool = False  # the last claim came back full: others may wait
    alone: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class RunJobs:
    """Claims up to `limit` due jobs and runs them side by side. One that fails is tried again
    with backoff, then, unless money hangs on it, buried for a person; it never harms its
    neighbours. One that was running whenever its worker died is run alone, and in the end buried
    too, or tried at ever longer intervals."""

    queue: JobQueue
    units: Units
    clock: Clock
    handlers: Mapping[JobKind, Handler]
    troubles: Troubles
    counted: Counted = uncounted
    chance: Chance = unlucky
    pace: Pace = field(default_factory=Pace)
    lease_s: int = LEASE_S

    async def __call__(self, limit: int) -> int:
        """Claim and run one batch; how many jobs there were."""
        jobs = await self.claim(limit)
        await asyncio.gather(*(self.run(job) for job in jobs))
        return len(jobs)

    async def claim(self, limit: int, *, but: Collection[TenantId] = ()) -> Sequence[Job]:
        """Up to `limit` due jobs, ours until the lease ends. Tenants take turns while there is
        more to do than one claim takes; `but` are those who get none now."""
        now, fair = self.clock.now(), self.pace.is_behind
        jobs = await self.queue.claim(now, self.lease_s, limit, fair=fair, but=but)
        self.pace.is_behind = len(jobs) >= limit
        return jobs

    async def run(self, job: Job, handled: Callable[[], None] = unheeded) -> None:
        """Run one claimed job. Raises nothing: trouble is told, and the job tried again. When the
        lease is lost the job is somebody else's: it is stopped, and no word is said of it.
        `handled` is called when its handler has ended and only the word of it is to be stored."""
        CORRELATION.set(job.id)
        async with Lease(job, self.queue, self.clock, self.lease_s) as lease:
            try:
                if job.crashes < SUSPICIOUS:
                    await self._run(job, handled)
                else:
                    await self._run_alone(lease, job, handled)
            except Conflict:  # whoever has it now goes on
                return
            except Exception as error:
                self.troubles(job, error)

    async def give_back(self, job: Job) -> None:
        """For a job that was stopped half way: anybody may have it now. No failure is counted."""
        try:
            async with self.units(job.tenant_id) as unit:
                unit.jobs.again(job, self.clock.now())
                await unit.commit()
        except Conflict:  # it had ended, or was lost
            return
        except Exception as error:  # then the lease runs out, and all is as well
            self.troubles(job, error)

    async def _run_alone(self, lease: Lease, job: Job, handled: Callable[[], None]) -> None:
        """The crash is counted before it can happen, and the lease says when to try after it."""
        terms, crashes = terms_of(job.kind), job.crashes + 1
        async with self.pace.alone:
            if crashes > MOST_CRASHES and terms.failures is not None:
                await self._end(job, f"{job.crashes} workers died of it", is_dead=True)
                return
            if await lease.brace(max(self.lease_s, terms.pause_s(crashes, unlucky))):
                await self._run(job, handled)

    async def _run(self, job: Job, handled: Callable[[], None]) -> None:
        terms = terms_of(job.kind)
        try:
            async with asyncio.timeout(terms.timeout_s):
                again = await self.handlers[job.kind](job)
        except Exception as error:
            handled()
            self.troubles(job, error)
            await self._failed(job, error, terms)
            return
        handled()
        async with self.units(job.tenant_id) as unit:
            if again is None:
                unit.jobs.finish(job)
            else:
                unit.jobs.again(job, again)
            await unit.commit()
        self.counted(job.kind, "done" if again is None else "again")

    async def _failed(self, job: Job, error: Exception, terms: Terms) -> None:
        told = told_of(error)
        given_up = isinstance(error, GiveUp)
        worn_out = terms.failures is not None and job.failures + 1 >= terms.failures
        is_away = isinstance(error, Unavailable)  # the database, which is no fault of the job
        await self._end(job, told, is_dead=given_up or (worn_out and not is_away))

    async def _end(self, job: Job, told: str, *, is_dead: bool) -> None:
        pause_s = terms_of(job.kind).pause_s(job.failures + 1, self.chance)
        async with self.units(job.tenant_id) as unit:
            if is_dead:
                unit.jobs.bury(job, told)
            else:
                unit.jobs.again(job, self.clock.now() + timedelta(seconds=pause_s), told)
            await unit.commit()
        self.counted(job.kind, "dead" if is_dead else "failed")


def told_of(error: Exception) -> str:
    """What is kept of an error and shown to the tenant. Our own words are for people; those of
    others may tell what is nobody's business, and stand in the log."""
    ours = isinstance(error, CauriError | GiveUp | TimeoutError)
    return (f"{type(error).__name__}: {error}" if ours else type(error).__name__)[:LONGEST_ERROR]
