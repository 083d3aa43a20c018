"""The contract of JobQueue among priorities, tenants, leases and crashes."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from domain.errors import StaleVersion
from domain.ids import JobId, TenantId
from domain.ports.jobs import PLATFORM, SUSPICIOUS, Job, JobKind, Priority
from tests.builders import ACME, NOW, OTHER, a_job, later
from tests.storages import Storage

pytestmark = pytest.mark.anyio

LEASE_S = 30
CROWD = 2000


async def enqueue(storage: Storage, *jobs: Job) -> None:
    async def one(job: Job) -> None:
        async with storage.units(job.tenant_id) as unit:
            unit.jobs.enqueue(job)
            await unit.commit()

    for first in range(0, len(jobs), 100):
        await asyncio.gather(*(one(job) for job in jobs[first : first + 100]))


async def claim(
    storage: Storage, at: datetime = NOW, limit: int = 10, *, fair: bool = False
) -> list[Job]:
    return list(await storage.queue.claim(at, LEASE_S, limit, fair=fair))


async def claim_one(storage: Storage, at: datetime = NOW) -> Job:
    (job,) = await claim(storage, at)
    return job


async def again(storage: Storage, job: Job, at: datetime) -> None:
    async with storage.units(job.tenant_id) as unit:
        unit.jobs.again(job, at)
        await unit.commit()


async def finish(storage: Storage, job: Job) -> None:
    async with storage.units(job.tenant_id) as unit:
        unit.jobs.finish(job)
        await unit.commit()


def urgent(name: str, at: datetime = NOW, tenant_id: TenantId = ACME) -> Job:
    return a_job(name, tenant_id, run_at=at, priority=Priority.URGENT)


def low(name: str, at: datetime = NOW) -> Job:
    return a_job(name, run_at=at, priority=Priority.LOW)


async def test_an_urgent_job_overtakes_what_is_as_old(storage: Storage) -> None:
    await enqueue(storage, low("low"), a_job("normal"), urgent("urgent"))
    order = [(await claim(storage, NOW, 1))[0].id for _ in range(3)]
    assert order == ["urgent", "normal", "low"]


async def test_a_low_job_does_not_starve(storage: Storage) -> None:
    """What stands behind by a minute goes before what is due a minute later."""
    await enqueue(storage, low("old"), *(urgent(f"{n}", later(60.1)) for n in range(20)))
    assert (await claim(storage, later(61), 1))[0].id == "old"


async def test_a_low_job_alone_does_not_wait(storage: Storage) -> None:
    await enqueue(storage, low("low"))
    assert (await claim_one(storage)).id == "low"


async def test_what_is_not_due_is_not_taken_for_its_rank(storage: Storage) -> None:
    await enqueue(storage, urgent("soon", later(1)), low("low"))
    assert await storage.queue.next_due() == NOW
    assert (await claim_one(storage)).id == "low"
    assert await storage.queue.next_due() == later(1)


async def test_a_kind_has_its_usual_priority(storage: Storage) -> None:
    await enqueue(
        storage,
        a_job("care", kind=JobKind.CARE),
        a_job("ask", kind=JobKind.INQUIRE),
        a_job("notice", kind=JobKind.READ_NOTICE),
    )
    assert [(await claim(storage, NOW, 1))[0].id for _ in range(3)] == ["notice", "ask", "care"]


async def test_the_priority_holds_over_leases_pauses_and_hurry(storage: Storage) -> None:
    await enqueue(storage, low("low"))
    job = await claim_one(storage)
    assert job.priority is Priority.LOW
    await again(storage, job, later(600))
    await storage.queue.hurry(ACME, JobId("low"), later(100))
    await enqueue(storage, a_job("normal", run_at=later(150)))
    assert [(await claim(storage, later(160), 1))[0].id for _ in range(2)] == ["normal", "low"]
    await enqueue(storage, a_job("after", run_at=later(190 + 40)))
    expired = [(await claim(storage, later(260), 1))[0].id for _ in range(3)]
    assert expired == ["normal", "after", "low"]


async def test_a_crowd_of_one_tenant_delays_nobody_beyond_a_batch(storage: Storage) -> None:
    crowd = [a_job(f"crowd:{n}", run_at=later(-3600)) for n in range(CROWD)]
    await enqueue(storage, *crowd, a_job("lone", OTHER))
    assert {job.tenant_id for job in await claim(storage, NOW, 10)} == {ACME}
    turns = await claim(storage, NOW, 10, fair=True)
    assert len(turns) == 10
    assert [job.id for job in turns if job.tenant_id == OTHER] == ["lone"]


async def test_tenants_beyond_the_limit_are_served_at_the_next_turn(storage: Storage) -> None:
    tenants = [TenantId(f"ten_{n:02d}") for n in range(7)]
    await enqueue(storage, *(a_job(f"{n}", one) for one in tenants for n in range(3)))
    first, second, third = [await claim(storage, NOW, 3, fair=True) for _ in range(3)]
    served = [sorted({job.tenant_id for job in one}) for one in (first, second, third)]
    assert served[:2] == [tenants[:3], tenants[3:6]]
    assert tenants[6] in served[2]
    assert len(third) == 3, "and filled up by rank"


async def test_whoever_has_enough_gets_none(storage: Storage) -> None:
    tenants = [TenantId(one) for one in ("ten_a", "ten_aa", "ten_b")]
    await enqueue(storage, *(a_job(f"{n}", one) for one in tenants for n in range(3)))
    but = [tenants[0], tenants[2]]
    taken = await storage.queue.claim(NOW, LEASE_S, 10, but=but)
    assert [job.tenant_id for job in taken] == [tenants[1]], "one of each other, and no more"
    assert await storage.queue.claim(NOW, LEASE_S, 10, but=tenants) == []
    assert len(await claim(storage, NOW, 10)) == 8


async def test_turns_of_one_tenant_keep_its_order(storage: Storage) -> None:
    await enqueue(storage, *(a_job(f"{n}", run_at=later(-n)) for n in range(5)))
    assert [(await claim(storage, NOW, 1, fair=True))[0].id for _ in range(5)] == list("43210")


async def test_a_fair_claim_takes_every_due_job_once(storage: Storage) -> None:
    jobs = [a_job(f"{n}", (ACME, OTHER)[n % 5 == 0]) for n in range(40)]
    await enqueue(storage, *jobs, a_job("future", run_at=later(5)))
    claims = await asyncio.gather(*(claim(storage, NOW, 7, fair=n % 2 == 0) for n in range(12)))
    taken = [(job.tenant_id, job.id) for one in claims for job in one]
    assert len(taken) == len(set(taken)) == 40
    assert max(map(len, claims)) <= 7
    assert await claim(storage, NOW, 7, fair=True) == []


async def test_a_lease_is_extended_under_the_same_fence(storage: Storage) -> None:
    await enqueue(storage, a_job())
    job = await claim_one(storage)
    assert await storage.queue.extend(job, later(100))
    assert await claim(storage, later(99)) == []
    await finish(storage, job)


async def test_a_lost_lease_is_not_extended(storage: Storage) -> None:
    await enqueue(storage, a_job())
    late = await claim_one(storage)
    mine = await claim_one(storage, later(LEASE_S))
    assert not await storage.queue.extend(late, later(1000))
    assert await storage.queue.extend(mine, later(100))
    await finish(storage, mine)
    assert not await storage.queue.extend(mine, later(1000))


async def test_what_waits_or_is_anothers_is_not_extended(storage: Storage) -> None:
    await enqueue(storage, a_job())
    job = await claim_one(storage)
    assert not await storage.queue.extend(replace(job, tenant_id=OTHER), later(100))
    await again(storage, job, later(5))
    assert not await storage.queue.extend(replace(job, version=job.version + 1), later(100))
    assert await storage.queue.next_due() == later(5)


async def test_lost_leases_are_counted_until_the_job_is_heard_of(storage: Storage) -> None:
    await enqueue(storage, a_job())
    crashes = [(await claim_one(storage, later(n * LEASE_S))).crashes for n in range(5)]
    assert crashes == [0, 1, SUSPICIOUS, SUSPICIOUS, SUSPICIOUS], "then only what ran alone counts"
    job = await claim_one(storage, later(5 * LEASE_S))
    await again(storage, job, later(900))
    assert (await claim_one(storage, later(900))).crashes == 0


async def test_a_job_that_runs_alone_counts_before_it_can_crash(storage: Storage) -> None:
    await enqueue(storage, a_job())
    for tries in range(SUSPICIOUS):
        await claim_one(storage, later(tries * LEASE_S))
    job = await claim_one(storage, later(SUSPICIOUS * LEASE_S))
    until = later(500)
    assert await storage.queue.extend(job, until, alone=True)
    assert (await claim_one(storage, until)).crashes == SUSPICIOUS + 1


async def test_the_last_of_the_platforms_ids_is_found(storage: Storage) -> None:
    assert await storage.queue.last_of("cron:a:") is None
    await enqueue(
        storage,
        *(a_job(f"cron:a:{n}", PLATFORM) for n in (1, 3, 2)),
        a_job("cron:b:9", PLATFORM),
        a_job("cron:a:8", ACME),
    )
    for job in await claim(storage):
        await finish(storage, job)
    assert await storage.queue.last_of("cron:a:") == "cron:a:3"
    assert await storage.queue.last_of("cron:") == "cron:b:9"


async def test_the_depth_tells_what_waits_and_what_died(storage: Storage) -> None:
    depth = await storage.queue.depth(NOW)
    assert (depth.due, depth.dead, depth.oldest_due_s) == (0, 0, 0.0)
    await enqueue(storage, a_job("dead", OTHER), a_job("old", run_at=later(-90)))
    await enqueue(storage, low("new", later(-2)), a_job("future", run_at=later(1)))
    for job in await claim(storage, NOW, 2):
        if job.id == "dead":
            async with storage.units(OTHER) as unit:
                unit.jobs.bury(job, "it never works")
                await unit.commit()
        else:
            await again(storage, job, job.run_at.replace(year=2025))
    depth = await storage.queue.depth(NOW)
    assert (depth.due, depth.dead) == (2, 1)
    assert depth.oldest_due_s > 86_400


async def test_a_late_word_about_a_lost_job_is_refused(storage: Storage) -> None:
    await enqueue(storage, a_job())
    late = await claim_one(storage)
    await claim_one(storage, later(LEASE_S))
    with pytest.raises(StaleVersion):
        await finish(storage, late)
