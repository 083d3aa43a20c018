"""The worker: woken by the bell or the clock, bounded, and gone without a trace."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from adapters.bell.local import LocalBell
from adapters.memory.database import MemoryDatabase
from adapters.memory.unit_of_work import MemoryUnitOfWork, MemoryUnits
from application.work.run_jobs import RunJobs
from domain.errors import Unavailable
from domain.ids import JobId, TenantId
from domain.ports.bell import Bell
from domain.ports.jobs import Job, JobKind, JobState
from domain.ports.unit_of_work import Units
from entrypoints import worker as worker_module
from entrypoints.worker import Worker
from tests.builders import ACME, NOW, OTHER, a_job, later
from tests.storages import Storage, memory_storage

pytestmark = pytest.mark.anyio

LONG_S, SHORT_S = 30.0, 0.01  # polls: one that no test waits for, one that it does


@dataclass
class Work:
    """A handler whose jobs wait until they are let go."""

    done: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    running: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    ticks: int = 0

    async def __call__(self, job: Job) -> datetime | None:
        self.running.put_nowait(job.id)
        await self.held.wait()
        self.done.put_nowait(job.id)
        return None

    async def tick(self) -> None:
        self.ticks += 1


class Deaf(Bell):
    """A bell that nobody hears."""

    def ring(self) -> None:
        return

    async def wait(self, timeout_s: float) -> bool:
        await asyncio.Event().wait()
        return False


class SlowUnit(MemoryUnitOfWork):
    """Its commit waits for a flush that somebody else holds up."""

    def __init__(self, database: MemoryDatabase, tenant_id: TenantId, flush: asyncio.Event) -> None:
        super().__init__(database, tenant_id)
        self._flush = flush

    async def commit(self) -> None:
        await self._flush.wait()
        await super().commit()


@dataclass
class SlowUnits(Units):
    database: MemoryDatabase
    flush: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, tenant_id: TenantId) -> SlowUnit:
        return SlowUnit(self.database, tenant_id, self.flush)


async def enqueue(units: Units, *jobs: Job) -> None:
    for job in jobs:
        async with units(ACME) as unit:
            unit.jobs.enqueue(job)
            await unit.commit()


def urgent(name: str) -> Job:
    return a_job(name, kind=JobKind.READ_NOTICE)


def a_worker(storage: Storage, work: Work, bell: Bell, poll_s: float, slots: int = 10) -> Worker:
    run_jobs = RunJobs(
        storage.queue,
        storage.units,
        storage.clock,
        dict.fromkeys(JobKind, work),
        lambda job, error: None,
    )
    return Worker(run_jobs, storage.queue, storage.clock, slots, poll_s, bell, work.tick)


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[asyncio.Event]:
    """Stopped at the end of the block."""
    stop = asyncio.Event()
    task = asyncio.create_task(worker(stop))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def next_of(queue: asyncio.Queue[str]) -> str:
    async with asyncio.timeout(5):
        return await queue.get()


async def test_the_bell_wakes_it_at_once() -> None:
    storage, work, bell = memory_storage(), Work(), LocalBell()
    work.held.set()
    assert isinstance(storage.units, MemoryUnits)
    units = MemoryUnits(storage.units.database, bell)
    async with running(a_worker(storage, work, bell, LONG_S)):
        while not work.ticks:  # noqa: ASYNC110 - it looked, and will sleep for long
            await asyncio.sleep(0)
        await enqueue(units, urgent("notice:1"))
        assert await next_of(work.done) == "notice:1"


async def test_what_is_not_urgent_rings_no_bell() -> None:
    storage, bell = memory_storage(), LocalBell()
    assert isinstance(storage.units, MemoryUnits)
    units = MemoryUnits(storage.units.database, bell)
    await enqueue(units, a_job())
    async with units(ACME) as unit:
        unit.jobs.enqueue(urgent("rolled back"))
    assert not await bell.wait(0)
    await enqueue(units, urgent("notice:1"))
    assert await bell.wait(0)


async def test_without_a_bell_the_clock_finds_the_work() -> None:
    storage, work = memory_storage(), Work()
    work.held.set()
    async with running(a_worker(storage, work, Deaf(), SHORT_S)):
        await enqueue(storage.units, urgent("notice:1"))
        assert await next_of(work.done) == "notice:1"


async def test_it_runs_as_many_as_it_has_slots() -> None:
    storage, work = memory_storage(), Work()
    await enqueue(storage.units, *(a_job(f"{n}", run_at=later(-9 + n)) for n in range(5)))
    async with running(a_worker(storage, work, Deaf(), SHORT_S, slots=3)):
        first = [await next_of(work.running) for _ in range(2)]
        for _ in range(50):
            await asyncio.sleep(0)
        assert (first, work.running.empty()) == (["0", "1"], True)
        work.held.set()
        assert sorted([await next_of(work.done) for _ in range(5)]) == list("01234")


async def test_a_slot_is_free_when_the_handler_has_ended_but_what_is_not_stored_is_bounded() -> (
    None
):
    storage, work = memory_storage(), Work()
    work.held.set()
    assert isinstance(storage.units, MemoryUnits)
    slow = SlowUnits(storage.units.database)
    await enqueue(storage.units, *(a_job(f"{n}", run_at=later(-9 + n)) for n in range(9)))
    worker = a_worker(storage, work, Deaf(), SHORT_S, slots=3)
    worker = replace(worker, run_jobs=replace(worker.run_jobs, units=slow))
    async with running(worker):
        ran = [await next_of(work.running) for _ in range(6)]
        await asyncio.sleep(5 * SHORT_S)  # several looks
        assert (ran, work.running.empty()) == (list("012345"), True)
        assert (await storage.book.get(ACME, JobId("0"))).state is JobState.RUNNING
        slow.flush.set()
        assert [await next_of(work.running) for _ in range(3)] == list("678")
    assert (await storage.book.get(ACME, JobId("8"))).state is JobState.DONE


async def test_told_to_stop_it_lets_jobs_end() -> None:
    storage, work = memory_storage(), Work()
    await enqueue(storage.units, a_job("last"))
    async with running(a_worker(storage, work, Deaf(), LONG_S)) as stop:
        await next_of(work.running)
        stop.set()
        await asyncio.sleep(0)
        await enqueue(storage.units, a_job("late"))
        work.held.set()
    assert (await storage.book.get(ACME, JobId("last"))).state is JobState.DONE
    assert (await storage.book.get(ACME, JobId("late"))).state is JobState.WAITING


async def test_what_does_not_end_in_time_is_given_back(storage: Storage) -> None:
    work = Work()
    await enqueue(storage.units, a_job("endless"))
    worker = replace(a_worker(storage, work, Deaf(), LONG_S), grace_s=0.0)
    async with running(worker):
        await next_of(work.running)
    (again,) = await storage.queue.claim(NOW, 60, 10)
    assert (again.id, again.failures, again.crashes) == ("endless", 0, 0)


async def test_it_survives_its_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "TROUBLED_S", 0.01)
    storage, work = memory_storage(), Work()
    work.held.set()
    lost = [Unavailable("gone"), RuntimeError("a bug")]

    async def tick() -> None:
        if lost:
            raise lost.pop()

    await enqueue(storage.units, a_job("1"))
    worker = replace(a_worker(storage, work, Deaf(), SHORT_S), tick=tick)
    async with running(worker):
        assert await next_of(work.done) == "1"
    assert not lost


async def test_slow_work_of_one_tenant_leaves_room_for_others(storage: Storage) -> None:
    work = Work()
    await enqueue(storage.units, *(a_job(f"slow:{n}", run_at=later(-60)) for n in range(30)))
    async with running(a_worker(storage, work, Deaf(), SHORT_S, slots=8)):
        slow = [await next_of(work.running) for _ in range(6)]
        async with storage.units(OTHER) as unit:
            unit.jobs.enqueue(a_job("quick", OTHER))
            await unit.commit()
        assert await next_of(work.running) == "quick"
        assert work.running.empty()
        work.held.set()
        done = [await next_of(work.done) for _ in range(31)]
    assert sorted(slow) == sorted(done[:6])
