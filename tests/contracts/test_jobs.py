"""The contract of Jobs and JobQueue: leased to one worker, finished by its holder, never lost."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.errors import DuplicateKey, NotStored, StaleVersion
from domain.ids import JobId, TenantId
from domain.ports.jobs import Job, JobKind
from tests.builders import ACME, NOW, OTHER, a_job, a_key_record, later
from tests.storages import Storage

pytestmark = pytest.mark.anyio

LEASE_S = 60


async def enqueue(storage: Storage, *jobs: Job) -> None:
    for job in jobs:
        async with storage.units(job.tenant_id) as unit:
            unit.jobs.enqueue(job)
            await unit.commit()


async def claim(storage: Storage, at: datetime = NOW, limit: int = 10) -> list[Job]:
    return list(await storage.queue.claim(at, LEASE_S, limit))


async def claim_one(storage: Storage, at: datetime = NOW) -> Job:
    (job,) = await claim(storage, at)
    return job


async def finish(storage: Storage, job: Job) -> None:
    async with storage.units(job.tenant_id) as unit:
        unit.jobs.finish(job)
        await unit.commit()


async def again(storage: Storage, job: Job, at: datetime, error: str | None = None) -> None:
    async with storage.units(job.tenant_id) as unit:
        unit.jobs.again(job, at, error)
        await unit.commit()


async def bury(storage: Storage, job: Job, error: str) -> None:
    async with storage.units(job.tenant_id) as unit:
        unit.jobs.bury(job, error)
        await unit.commit()


async def test_a_job_is_claimed_with_every_field(storage: Storage) -> None:
    job = a_job(
        "notice:acc_1:evt/ü %_'",
        kind=JobKind.READ_NOTICE,
        run_at=later(-0.000001),
        about={"notice": 'évt \\ "', "": ""},
    )
    await enqueue(storage, job)
    claimed = await claim_one(storage)
    leased_until = NOW + timedelta(seconds=LEASE_S)
    assert claimed.version > job.version
    assert claimed == replace(job, run_at=leased_until, tries=1, version=claimed.version)


async def test_a_job_about_nothing_is_a_job(storage: Storage) -> None:
    await enqueue(storage, a_job(about={}))
    assert (await claim_one(storage)).about == {}


async def test_only_what_is_due_is_claimed(storage: Storage) -> None:
    await enqueue(storage, a_job("past", run_at=later(-60)), a_job("now"))
    await enqueue(storage, a_job("future", run_at=later(0.000001)))
    assert {job.id for job in await claim(storage)} == {"past", "now"}
    assert (await claim_one(storage, later(1))).id == "future"


async def test_the_longest_due_are_claimed_first(storage: Storage) -> None:
    for number in (3, 1, 4, 2, 5):
        await enqueue(storage, a_job(f"{number}", run_at=later(number)))
    claims = [await claim(storage, later(10), 2) for _ in range(3)]
    assert [{job.id for job in one} for one in claims] == [{"1", "2"}, {"3", "4"}, {"5"}]


async def test_a_claimed_job_is_nobody_elses(storage: Storage) -> None:
    await enqueue(storage, a_job())
    await claim_one(storage)
    assert await claim(storage) == []
    assert await claim(storage, later(LEASE_S - 0.000001)) == []


async def test_a_job_is_leased_to_one_of_many_claimers(storage: Storage) -> None:
    await enqueue(storage, *(a_job(f"job:{number}") for number in range(30)))
    claims = await asyncio.gather(*(claim(storage, limit=4) for _ in range(10)))
    claimed = [job.id for one in claims for job in one]
    assert len(claimed) == len(set(claimed)) == 30
    assert max(map(len, claims)) <= 4


async def test_an_expired_lease_is_claimed_again_and_the_late_holder_is_refused(
    storage: Storage,
) -> None:
    await enqueue(storage, a_job())
    late = await claim_one(storage)
    mine = await claim_one(storage, later(LEASE_S))
    assert mine.version > late.version
    assert mine.tries == 2
    for give_up in (
        finish(storage, late),
        again(storage, late, NOW),
        bury(storage, late, "too late"),
    ):
        with pytest.raises(StaleVersion):
            await give_up
    await finish(storage, mine)


async def test_what_the_late_holder_did_vanishes_with_its_unit(storage: Storage) -> None:
    await enqueue(storage, a_job())
    late = await claim_one(storage)
    await claim_one(storage, later(LEASE_S))
    async with storage.units(ACME) as unit:
        unit.keys.add(a_key_record())
        unit.jobs.finish(late)
        with pytest.raises(StaleVersion):
            await unit.commit()
    async with storage.units(ACME) as unit:
        assert await unit.keys.with_key("initiate", "k1") is None


async def test_a_finished_job_never_runs_again(storage: Storage) -> None:
    await enqueue(storage, a_job())
    job = await claim_one(storage)
    await finish(storage, job)
    assert await claim(storage, later(10**6)) == []
    assert await storage.queue.next_due() is None
    with pytest.raises(StaleVersion):
        await finish(storage, job)


async def test_a_job_runs_again_when_it_is_told_to(storage: Storage) -> None:
    await enqueue(storage, a_job())
    first = await claim_one(storage)
    await again(storage, first, later(300))
    assert await claim(storage, later(299)) == []
    second = await claim_one(storage, later(300))
    assert (second.tries, second.failures, second.last_error) == (2, 0, None)
    assert second.version > first.version


async def test_an_error_is_remembered_and_counted(storage: Storage) -> None:
    await enqueue(storage, a_job())
    await again(storage, await claim_one(storage), later(1), 'Überlast: "quota"')
    second = await claim_one(storage, later(1))
    assert (second.failures, second.last_error) == (1, 'Überlast: "quota"')
    await again(storage, second, later(2), "twice")
    assert (await claim_one(storage, later(2))).failures == 2


async def test_a_buried_job_never_runs_again(storage: Storage) -> None:
    await enqueue(storage, a_job())
    await bury(storage, await claim_one(storage), "a person must look")
    assert await claim(storage, later(10**6)) == []
    assert await storage.queue.next_due() is None


async def test_the_same_work_is_enqueued_once(storage: Storage) -> None:
    await enqueue(storage, a_job())
    with pytest.raises(DuplicateKey):
        await enqueue(storage, a_job(run_at=later(60)))
    await finish(storage, await claim_one(storage))
    with pytest.raises(DuplicateKey):
        await enqueue(storage, a_job())


async def test_what_is_enqueued_vanishes_with_its_unit(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        unit.jobs.enqueue(a_job("never"))
    await enqueue(storage, a_job("taken"))
    async with storage.units(ACME) as unit:
        unit.jobs.enqueue(a_job("new"))
        unit.jobs.enqueue(a_job("taken"))
        with pytest.raises(NotStored):
            await unit.commit()
    assert {job.id for job in await claim(storage)} == {"taken"}


async def test_what_is_finished_comes_back_when_its_unit_fails(storage: Storage) -> None:
    await enqueue(storage, a_job())
    job = await claim_one(storage)
    async with storage.units(ACME) as unit:
        unit.jobs.finish(job)
    assert (await claim_one(storage, later(LEASE_S))).id == job.id


async def test_jobs_of_all_tenants_are_claimed_and_each_says_whose_it_is(storage: Storage) -> None:
    await enqueue(storage, a_job("same"), a_job("same", OTHER))
    assert {(job.id, job.tenant_id) for job in await claim(storage)} == {
        ("same", ACME),
        ("same", OTHER),
    }


async def test_a_tenant_cannot_touch_anothers_job(storage: Storage) -> None:
    await enqueue(storage, a_job())
    stolen = replace(await claim_one(storage), tenant_id=OTHER)
    with pytest.raises(StaleVersion):
        await finish(storage, stolen)
    async with storage.units(OTHER) as unit:
        with pytest.raises(ValueError, match="another tenant"):
            unit.jobs.enqueue(a_job())


async def hurry(storage: Storage, at: datetime, name: str = "inquire:att_1") -> None:
    await storage.queue.hurry(ACME, JobId(name), at)


async def test_a_waiting_job_can_be_pulled_forward(storage: Storage) -> None:
    await enqueue(storage, a_job(run_at=later(3600)))
    await hurry(storage, later(5))
    assert await storage.queue.next_due() == later(5)
    assert await claim(storage, later(4)) == []
    await finish(storage, await claim_one(storage, later(5)))


async def test_a_job_is_never_pushed_back(storage: Storage) -> None:
    await enqueue(storage, a_job(run_at=later(5)))
    await hurry(storage, later(60))
    assert await storage.queue.next_due() == later(5)


async def test_a_lease_is_not_cut_short(storage: Storage) -> None:
    """Else two would run the same job."""
    await enqueue(storage, a_job())
    job = await claim_one(storage)
    await hurry(storage, later(1))
    assert await claim(storage, later(2)) == []
    await again(storage, job, later(600))
    await hurry(storage, later(3))
    assert (await claim_one(storage, later(3))).id == job.id


@pytest.mark.parametrize("tenant", [ACME, OTHER])
async def test_hurrying_what_is_not_there_does_nothing(storage: Storage, tenant: TenantId) -> None:
    await enqueue(storage, a_job("done"), a_job("mine", run_at=later(50)))
    await finish(storage, await claim_one(storage))
    for name in ("done", "never", "mine" if tenant == OTHER else "other"):
        await storage.queue.hurry(tenant, JobId(name), later(1))
    assert await storage.queue.next_due() == later(50)


async def test_the_next_due_is_the_earliest_open(storage: Storage) -> None:
    assert await storage.queue.next_due() is None
    await enqueue(storage, a_job("late", run_at=later(95)), a_job("soon", OTHER, run_at=later(30)))
    assert await storage.queue.next_due() == later(30)
    await claim_one(storage, later(30))
    assert await storage.queue.next_due() == later(30 + LEASE_S)
    await finish(storage, await claim_one(storage, later(30 + LEASE_S)))
    assert await storage.queue.next_due() == later(95)
