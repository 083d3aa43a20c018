"""Background work: claim what is due, run it side by side, stop gracefully."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from application.work.run_jobs import RunJobs
from domain.ids import TenantId
from domain.ports.bell import Bell
from domain.ports.clock import Clock
from domain.ports.jobs import Job, JobQueue

SHARE: Final = 0.75  # of the slots: more no tenant gets
GRACE_S: Final = 20.0  # running jobs may end; what is left is given back
LAST_WORDS_S: Final = 2.0  # for jobs that were stopped, and for giving them back
LISTEN_S: Final = 60.0  # for the bell, before it is asked anew
TROUBLED_S: Final = 2.0  # pause after the database failed
MOST: Final = 2  # times the slots: jobs that run, and jobs that have run and are being stored

log = structlog.get_logger("cauri.worker")


@dataclass(slots=True)
class Slot:
    """Taken by a job's handler, and free when that has ended: storing the word of it, which many
    jobs do together, keeps no other job waiting."""

    job: Job
    leave: Callable[["Slot"], None]
    taken: bool = True

    def __call__(self) -> None:
        if self.taken:
            self.taken = False
            self.leave(self)


Running = dict[asyncio.Task[None], Slot]


@dataclass(frozen=True, slots=True)
class Worker:
    """`slots` jobs at most run at once, SHARE of them of one tenant; a slow one holds its slot and
    nobody else's. It sleeps until the next job is due or the bell rings, and `poll_s` at most.
    `tick` is called at each look and enqueues what the timetable says."""

    run_jobs: RunJobs
    queue: JobQueue
    clock: Clock
    slots: int
    poll_s: float
    bell: Bell
    tick: Callable[[], Awaitable[None]]
    grace_s: float = GRACE_S
    _running: Running = field(default_factory=dict, init=False)
    _held: Counter[TenantId] = field(default_factory=Counter, init=False)  # slots, by tenant
    _taken: set[int] = field(default_factory=set, init=False)  # slots
    _wake: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def __call__(self, stop: asyncio.Event) -> None:
        """Until `stop` is set, and then until what runs has ended, for `grace_s` at most."""
        watching = [asyncio.create_task(self._heed(stop)), asyncio.create_task(self._listen())]
        try:
            while not stop.is_set():
                self._wake.clear()
                pause_s = await self._look() if self._free else None
                if pause_s != 0.0:
                    await self._sleep(pause_s)
        finally:
            for task in watching:
                task.cancel()
            await self._end()

    async def _look(self) -> float:
        """Begin with what is due; how long to sleep."""
        try:
            await self.tick()
            pause_s = 0.0 if self.run_jobs.pace.is_behind else await self._until_due_s()
            if pause_s:
                return pause_s
            claimed = await self._claim()
        except Exception as error:
            log.warning("worker.database", error=repr(error)[:300])
            return TROUBLED_S
        for job in claimed:
            slot = Slot(job, self._left)
            task = asyncio.create_task(self.run_jobs.run(job, slot), name=job.id)
            self._running[task] = slot
            self._taken.add(id(slot))
            self._held[job.tenant_id] += 1
            task.add_done_callback(self._ended)
        if not claimed:
            return self.poll_s  # another worker was faster
        await asyncio.sleep(0)  # those that are quick leave their slots before the next claim
        return 0.0

    async def _claim(self) -> Sequence[Job]:
        """A tenant who holds its share of the slots gets no more, so that slow work of one leaves
        room for everybody's."""
        free, share = self._free, self._share
        if busy := [tenant_id for tenant_id, many in self._held.items() if many >= share]:
            return await self.run_jobs.claim(free, but=busy)
        return await self.run_jobs.claim(min(free, share - max(self._held.values(), default=0)))

    @property
    def _free(self) -> int:
        """Slots that may be filled now."""
        return min(self.slots - len(self._taken), MOST * self.slots - len(self._running))

    @property
    def _share(self) -> int:
        return max(1, round(self.slots * SHARE))

    async def _until_due_s(self) -> float:
        """A look first: claiming is a write, and most looks find nothing."""
        due = await self.queue.next_due()
        if due is None:
            return self.poll_s
        return min(self.poll_s, max(0.0, (due - self.clock.now()).total_seconds()))

    async def _sleep(self, seconds: float | None) -> None:
        """Until so many seconds passed, the bell rang, a slot got free, or it shall stop."""
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _heed(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _listen(self) -> None:
        while True:
            if await self.bell.wait(LISTEN_S):
                self._wake.set()

    def _left(self, slot: Slot) -> None:
        tenant_id = slot.job.tenant_id
        if self._free <= 0 or self._held[tenant_id] >= self._share:
            self._wake.set()
        self._taken.discard(id(slot))
        self._held[tenant_id] -= 1
        if not self._held[tenant_id]:
            del self._held[tenant_id]

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._free <= 0:
            self._wake.set()
        self._running.pop(task)()

    async def _end(self) -> None:
        """What does not end in time is stopped and given back, so that nobody waits for its
        lease."""
        if self._running:
            await asyncio.wait(self._running, timeout=self.grace_s)
        left: Running = {**self._running}
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=LAST_WORDS_S)
            jobs = [slot.job for slot in left.values()]
            giving = [asyncio.create_task(self.run_jobs.give_back(job)) for job in jobs]
            await asyncio.wait(giving, timeout=LAST_WORDS_S)


def troubled(job: Job, error: BaseException) -> None:
    """Tell of a job that failed; its data holds ids only, so it may be logged."""
    log.warning("job.failed", job=job.id, kind=job.kind, tries=job.tries, error=repr(error)[:300])
