"""What becomes of a job's run is counted, and told to nobody twice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from application.work.run_jobs import RunJobs
from application.work.terms import TERMS
from domain.ports.jobs import Job, JobKind
from tests.builders import ACME, NOW, a_job
from tests.storages import Storage

pytestmark = pytest.mark.anyio


@dataclass
class Shop:
    """A worker whose handler the test writes, and what it counted."""

    storage: Storage
    run: RunJobs
    counted: list[tuple[JobKind, str]]

    async def work(self, seconds: float = 0) -> None:
        self.storage.clock.advance(seconds)
        await self.run(10)


async def a_shop(
    storage: Storage, handler: Callable[[Job], Awaitable[datetime | None]], kind: JobKind
) -> Shop:
    counted: list[tuple[JobKind, str]] = []
    run = RunJobs(
        storage.queue,
        storage.units,
        storage.clock,
        {kind: handler},
        lambda job, error: None,
        lambda kind, result: counted.append((kind, result)),
    )
    async with storage.units(ACME) as unit:
        unit.jobs.enqueue(replace(a_job("work:1"), kind=kind, run_at=NOW))
        await unit.commit()
    return Shop(storage, run, counted)


async def test_again_and_done_are_counted(storage: Storage) -> None:
    later = [NOW + timedelta(seconds=5)]

    async def twice(job: Job) -> datetime | None:
        return later.pop() if later else None

    shop = await a_shop(storage, twice, JobKind.READ_NOTICE)
    await shop.work()
    await shop.work(1)
    await shop.work(5)
    await shop.work(5)
    assert shop.counted == [(JobKind.READ_NOTICE, "again"), (JobKind.READ_NOTICE, "done")]


@pytest.mark.parametrize(
    ("kind", "last"), [(JobKind.READ_NOTICE, "dead"), (JobKind.INQUIRE, "failed")]
)
async def test_failures_are_counted_to_the_last(storage: Storage, kind: JobKind, last: str) -> None:
    async def fails(job: Job) -> datetime | None:
        raise ConnectionError

    shop = await a_shop(storage, fails, kind)
    most = TERMS[JobKind.READ_NOTICE].failures or 0
    for _ in range(most):
        await shop.work(7200)
    assert [one for _, one in shop.counted] == ["failed"] * (most - 1) + [last]


async def test_a_run_whose_lease_was_lost_is_not_counted(storage: Storage) -> None:
    """Somebody else has the job, and counts it."""

    async def slow(job: Job) -> datetime | None:
        storage.clock.advance(3600)
        (taken,) = await storage.queue.claim(storage.clock.now(), 60, 1)
        async with storage.units(ACME) as unit:
            unit.jobs.finish(taken)
            await unit.commit()
        return None

    shop = await a_shop(storage, slow, JobKind.INQUIRE)
    await shop.work()
    assert shop.counted == []
