"""A running job keeps its lease, a lost one is dropped, and what kills workers is kept apart."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.work.run_jobs import GiveUp, Handler, RunJobs
from application.work.terms import LEASE_S, MOST_CRASHES, TERMS, terms_of
from domain.errors import Invalid
from domain.ids import JobId, TenantId
from domain.ports.jobs import Job, JobKind, JobQueue, JobState, QueueDepth
from tests.builders import ACME, NOW, OTHER, a_job, later
from tests.storages import Storage, memory_storage

pytestmark = pytest.mark.anyio

SHORT_S = 1  # a lease whose first beat comes after a third of a second
BATCH = 20


@dataclass
class Watched(JobQueue):
    """A queue that tells when a lease was extended."""

    inner: JobQueue
    extended: asyncio.Event = field(default_factory=asyncio.Event)
    until: list[datetime] = field(default_factory=list)

    async def claim(
        self,
        now: datetime,
        lease_s: int,
        limit: int,
        *,
        fair: bool = False,
        but: Collection[TenantId] = (),
    ) -> list[Job]:
        return list(await self.inner.claim(now, lease_s, limit, fair=fair, but=but))

    async def extend(self, job: Job, until: datetime, *, alone: bool = False) -> bool:
        kept = await self.inner.extend(job, until, alone=alone)
        self.until.append(until)
        self.extended.set()
        return kept

    async def hurry(self, tenant_id: object, job_id: object, run_at: datetime) -> None:
        raise NotImplementedError

    async def next_due(self) -> datetime | None:
        return await self.inner.next_due()

    async def last_of(self, prefix: str) -> JobId | None:
        return await self.inner.last_of(prefix)

    async def depth(self, now: datetime) -> QueueDepth:
        return await self.inner.depth(now)


@dataclass
class Shop:
    storage: Storage
    queue: Watched
    run: RunJobs
    counted: list[str]

    async def state(self, name: str) -> JobState:
        return (await self.storage.book.get(ACME, JobId(name))).state


async def a_shop(
    storage: Storage, handlers: Mapping[JobKind, Handler], *jobs: Job, lease_s: int = LEASE_S
) -> Shop:
    queue, counted = Watched(storage.queue), list[str]()
    run = RunJobs(
        queue,
        storage.units,
        storage.clock,
        handlers,
        lambda job, error: None,
        lambda kind, result: counted.append(result),
        lease_s=lease_s,
    )
    for job in jobs:
        async with storage.units(ACME) as unit:
            unit.jobs.enqueue(job)
            await unit.commit()
    return Shop(storage, queue, run, counted)


def only(handler: Callable[[Job], Awaitable[datetime | None]]) -> Mapping[JobKind, Handler]:
    return dict.fromkeys(JobKind, handler)


async def test_a_job_that_outlives_its_lease_keeps_it(storage: Storage) -> None:
    async def slow(job: Job) -> None:
        for _ in range(2):
            storage.clock.advance(SHORT_S * 0.9)
            shop.queue.extended.clear()
            await shop.queue.extended.wait()
        assert await storage.queue.claim(storage.clock.now(), 60, 10) == []

    shop = await a_shop(storage, only(slow), a_job(), lease_s=SHORT_S)
    await shop.run(1)
    assert shop.counted == ["done"]
    assert await shop.state(a_job().id) is JobState.DONE


async def test_a_job_whose_lease_is_lost_is_stopped_and_not_heard(storage: Storage) -> None:
    stopped = list[str]()

    async def paused(job: Job) -> None:
        storage.clock.advance(SHORT_S)
        stolen.extend(await storage.queue.claim(storage.clock.now(), 60, 1))
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(job.id)

    stolen = list[Job]()
    shop = await a_shop(storage, only(paused), a_job(), lease_s=SHORT_S)
    await shop.run(1)
    assert stopped == [a_job().id]
    assert shop.counted == []
    async with storage.units(ACME) as unit:
        unit.jobs.finish(stolen[0])
        await unit.commit()


async def test_a_cancelled_run_stays_cancelled(storage: Storage) -> None:
    async def forever(job: Job) -> None:
        began.set()
        await asyncio.Event().wait()

    began = asyncio.Event()
    shop = await a_shop(storage, only(forever), a_job())
    (job,) = await shop.run.claim(1)
    task = asyncio.create_task(shop.run.run(job))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await shop.state(job.id) is JobState.RUNNING


async def test_what_is_given_back_is_due_at_once_and_did_not_fail(storage: Storage) -> None:
    shop = await a_shop(storage, {}, a_job())
    (job,) = await shop.run.claim(1)
    await shop.run.give_back(job)
    (again,) = await storage.queue.claim(NOW, 60, 1)
    assert (again.id, again.failures, again.crashes) == (job.id, 0, 0)
    await shop.run.give_back(job)
    assert await storage.queue.claim(NOW, 60, 1) == [], "a late word takes nothing away"


async def die(shop: Shop, dead: asyncio.Event) -> bool:
    """One worker's batch, which ends like the process when a job kills it. Whether it died."""
    batch = asyncio.create_task(shop.run(BATCH))
    death = asyncio.create_task(dead.wait())
    await asyncio.wait({batch, death}, return_when=asyncio.FIRST_COMPLETED)
    died = dead.is_set()
    dead.clear()
    for task in (batch, death):
        task.cancel()
    await asyncio.gather(batch, death, return_exceptions=True)
    return died


@dataclass
class Poison:
    """A job that kills its process, and neighbours that die with it when they run beside it."""

    dead: asyncio.Event = field(default_factory=asyncio.Event)
    runs: int = 0
    is_running: bool = False

    async def __call__(self, job: Job) -> None:
        if job.id == "poison":
            self.runs += 1
            self.is_running = True
            self.dead.set()
        if self.is_running:
            try:
                await asyncio.Event().wait()
            finally:
                self.is_running = False


async def test_what_kills_its_process_is_buried_and_its_neighbours_are_done() -> None:
    poison, storage = Poison(), memory_storage()
    names = [f"job:{n}" for n in range(9)]
    jobs = [a_job(name, kind=JobKind.READ_NOTICE) for name in ("poison", *names)]
    shop = await a_shop(storage, only(poison), *jobs)
    for _ in range(40):
        await die(shop, poison.dead)
        storage.clock.advance(LEASE_S + 1)
    assert poison.runs == MOST_CRASHES
    assert await shop.state("poison") is JobState.DEAD
    kept = await storage.book.get(ACME, JobId("poison"))
    assert kept.job.last_error == f"{MOST_CRASHES} workers died of it"
    assert {await shop.state(name) for name in names} == {JobState.DONE}


async def test_what_money_hangs_on_is_tried_at_ever_longer_intervals() -> None:
    poison, storage = Poison(), memory_storage()
    shop = await a_shop(storage, only(poison), a_job("poison", kind=JobKind.SEND_REFUND))
    died_at = list[datetime]()
    for _ in range(400):
        if await die(shop, poison.dead):
            died_at.append(storage.clock.now())
        storage.clock.advance(LEASE_S + 1)
    assert await shop.state("poison") is JobState.RUNNING
    pauses = [(after - before).total_seconds() for before, after in pairwise(died_at)]
    assert len(died_at) > MOST_CRASHES
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 1000


async def test_the_suspicious_run_one_at_a_time(storage: Storage) -> None:
    together, most = 0, 0

    async def counting(job: Job) -> None:
        nonlocal together, most
        together += 1
        most = max(most, together)
        for _ in range(3):
            await asyncio.sleep(0)
        together -= 1

    jobs = [a_job(f"job:{n}") for n in range(5)]
    shop = await a_shop(storage, only(counting), *jobs)
    for _ in range(3):
        await shop.run.claim(10)
        storage.clock.advance(LEASE_S)
    await shop.run(10)
    assert most == 1
    assert shop.counted == ["done"] * 5
    assert len(shop.queue.until) == 5, "each was counted before it ran"


async def test_a_worker_that_was_killed_twice_harms_nobody(storage: Storage) -> None:
    """Two deploys with kill -9 in a row: nothing is buried, all of it is done."""
    seen = list[str]()

    async def work(job: Job) -> None:
        seen.append(job.id)

    shop = await a_shop(storage, only(work), *(a_job(f"{n}") for n in range(3)))
    for _ in range(2):
        await shop.run.claim(10)
        storage.clock.advance(LEASE_S)
    await shop.run(10)
    assert sorted(seen) == ["0", "1", "2"]
    assert shop.counted == ["done"] * 3


async def test_giving_up_is_final_at_the_first_time(storage: Storage) -> None:
    async def hopeless(job: Job) -> None:
        raise GiveUp("nothing here is meant by it")

    shop = await a_shop(storage, only(hopeless), a_job(kind=JobKind.INQUIRE))
    await shop.run(1)
    assert shop.counted == ["dead"]
    kept = await storage.book.get(ACME, a_job().id)
    assert kept.job.last_error == "GiveUp: nothing here is meant by it"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Invalid("the account is gone"), "Invalid: the account is gone"),
        (KeyError("postgresql://cauri:secret@db"), "KeyError"),
    ],
)
async def test_the_words_of_others_are_not_kept(error: Exception, told: str) -> None:
    async def fails(job: Job) -> None:
        raise error

    storage = memory_storage()
    shop = await a_shop(storage, only(fails), a_job())
    await shop.run(1)
    assert (await storage.book.get(ACME, a_job().id)).job.last_error == told


async def test_a_pause_after_a_failure_is_chance_below_a_bound_that_doubles(
    storage: Storage,
) -> None:
    async def fails(job: Job) -> None:
        raise ConnectionError

    shop = await a_shop(storage, only(fails), a_job(kind=JobKind.READ_NOTICE))
    run = replace(shop.run, chance=lambda: 0.25)
    pauses = list[float]()
    for _ in range(4):
        await run(1)
        due = await storage.queue.next_due()
        assert due is not None
        pauses.append((due - storage.clock.now()).total_seconds())
        storage.clock.advance(pauses[-1])
    assert pauses == [0.25, 0.5, 1.0, 2.0]


@given(
    kind=st.sampled_from(JobKind),
    failed=st.integers(1, 10_000),
    luck=st.floats(0, 1, exclude_max=True),
)
def test_no_pause_is_longer_than_its_kind_allows(kind: JobKind, failed: int, luck: float) -> None:
    terms = terms_of(kind)
    assert 0 <= terms.pause_s(failed, lambda: luck) <= terms.longest_s
    assert terms.pause_s(failed, lambda: luck) <= terms.pause_s(failed + 1, lambda: luck)


def test_what_money_hangs_on_is_never_given_up() -> None:
    for kind in (JobKind.INQUIRE, JobKind.SEND_REFUND):
        assert TERMS[kind].failures is None


async def test_tenants_take_turns_once_a_claim_comes_back_full(storage: Storage) -> None:
    """A crowd of one tenant delays nobody's job beyond one batch."""
    seen = list[str]()

    async def work(job: Job) -> None:
        seen.append(job.id)

    crowd = [a_job(f"crowd:{n:02d}", run_at=later(-60)) for n in range(30)]
    shop = await a_shop(storage, only(work), *crowd)
    async with storage.units(OTHER) as unit:
        unit.jobs.enqueue(a_job("lone", OTHER))
        await unit.commit()
    for _ in range(2):
        await shop.run(5)
    assert "lone" in seen
