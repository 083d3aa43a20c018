"""Background work: claim what is due, run it side by side, stop gracefully."""

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog

from application.work.run_jobs import RunJobs
from domain.ports.clock import Clock
from domain.ports.jobs import Job, JobQueue

GRACE_S: Final = 20.0  # running jobs may end; what is left is claimed again after its lease
TROUBLED_S: Final = 2.0  # pause after the database failed

log = structlog.get_logger("cauri.worker")


@dataclass(frozen=True, slots=True)
class Worker:
    """`slots` jobs at most run at once; a slow one holds its slot and nobody else's."""

    run_jobs: RunJobs
    queue: JobQueue
    clock: Clock
    slots: int
    poll_s: float

    async def __call__(self, stop: asyncio.Event) -> None:
        """Until `stop` is set, and then until what runs has ended, for GRACE_S at most."""
        running: set[asyncio.Task[None]] = set()
        while not stop.is_set():
            try:
                claimed = await self._claim(self.slots - len(running))
                pause_s = 0.0 if claimed else await self._pause_s()
            except Exception as error:
                log.warning("worker.database", error=repr(error)[:300])
                claimed, pause_s = [], TROUBLED_S
            for job in claimed:
                task = asyncio.create_task(self.run_jobs.run(job))
                running.add(task)
                task.add_done_callback(running.discard)
            if len(running) >= self.slots:
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            elif pause_s:
                await _wait(stop, pause_s)
        if running:
            await asyncio.wait(running, timeout=GRACE_S)
        for task in running:
            task.cancel()

    async def _claim(self, free: int) -> list[Job]:
        """A look first: claiming is a write, and most looks find nothing."""
        due = await self.queue.next_due()
        if due is None or due > self.clock.now():
            return []
        return list(await self.run_jobs.claim(free))

    async def _pause_s(self) -> float:
        due = await self.queue.next_due()
        if due is None:
            return self.poll_s
        return min(self.poll_s, max(0.01, (due - self.clock.now()).total_seconds()))


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


def troubled(job: Job, error: BaseException) -> None:
    """Tell of a job that failed; its data holds ids only, so it may be logged."""
    log.warning("job.failed", job=job.id, kind=job.kind, tries=job.tries, error=repr(error)[:300])
