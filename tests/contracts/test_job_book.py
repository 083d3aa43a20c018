"""The contract of JobBook: what waits, what died, and another try."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.errors import NotFound
from domain.ids import JobId, TenantId
from domain.ports.job_book import JobPage
from domain.ports.jobs import Job, JobKind, JobState
from tests.builders import ACME, NOW, OTHER, a_job, later
from tests.storages import Storage

pytestmark = pytest.mark.anyio


async def enqueue(storage: Storage, *jobs: Job) -> None:
    for job in jobs:
        async with storage.units(job.tenant_id) as unit:
            unit.jobs.enqueue(job)
            await unit.commit()


async def claim(storage: Storage, at: datetime = NOW, limit: int = 10) -> list[Job]:
    return list(await storage.queue.claim(at, 60, limit))


async def end(storage: Storage, job: Job, error: str | None = None) -> None:
    async with storage.units(job.tenant_id) as unit:
        if error is None:
            unit.jobs.finish(job)
        else:
            unit.jobs.bury(job, error)
        await unit.commit()


async def some(storage: Storage) -> None:
    """Two that died, one done, one running, two waiting; and another tenant's dead one."""
    await enqueue(storage, a_job("dead:1"), a_job("dead:2", run_at=later(1)))
    await enqueue(storage, a_job("dead:3", OTHER, kind=JobKind.READ_NOTICE))
    await enqueue(storage, a_job("done", run_at=later(2)), a_job("running", run_at=later(3)))
    for second in range(4):
        for job in await claim(storage, later(second)):
            if job.id.startswith("dead"):
                await end(storage, job, "it never works")
            elif job.id == "done":
                await end(storage, job)
    await enqueue(storage, a_job("later", run_at=later(900)), a_job("soon", run_at=later(800)))


async def ids(
    storage: Storage,
    state: JobState,
    tenant_id: TenantId | None = ACME,
    kind: JobKind | None = None,
) -> list[str]:
    page = await storage.book.list(state, None, 10, tenant_id=tenant_id, kind=kind)
    assert page.next_after is None
    assert all(one.state is state for one in page.jobs)
    return [one.job.id for one in page.jobs]


async def test_jobs_are_listed_by_state(storage: Storage) -> None:
    await some(storage)
    assert await ids(storage, JobState.DEAD) == ["dead:2", "dead:1"], "the newest first"
    assert await ids(storage, JobState.DONE) == ["done"]
    assert await ids(storage, JobState.RUNNING) == ["running"]
    assert await ids(storage, JobState.WAITING) == ["soon", "later"], "the next first"


async def test_jobs_are_listed_by_tenant_and_kind(storage: Storage) -> None:
    await some(storage)
    assert await ids(storage, JobState.DEAD, OTHER) == ["dead:3"]
    assert await ids(storage, JobState.DEAD, None) == ["dead:3", "dead:2", "dead:1"]
    assert await ids(storage, JobState.DEAD, None, JobKind.READ_NOTICE) == ["dead:3"]
    assert await ids(storage, JobState.DEAD, ACME, JobKind.READ_NOTICE) == []


@pytest.mark.parametrize("state", [JobState.DEAD, JobState.WAITING])
@pytest.mark.parametrize("tenant_id", [ACME, None])
async def test_pages_follow_each_other_without_gap_or_repeat(
    storage: Storage, state: JobState, tenant_id: TenantId | None
) -> None:
    jobs = [a_job(f"{n:02d}", (ACME, OTHER)[n % 3 == 0], run_at=later(n % 4)) for n in range(12)]
    await enqueue(storage, *jobs)
    if state is JobState.DEAD:
        for job in await claim(storage, later(4), 20):
            await end(storage, job, "x")
    seen: list[str] = []
    page = JobPage([], None)
    while not seen or page.next_after is not None:
        page = await storage.book.list(state, page.next_after, 5, tenant_id=tenant_id)
        seen += [one.job.id for one in page.jobs]
    wanted = {job.id for job in jobs if tenant_id in (None, job.tenant_id)}
    assert len(seen) == len(wanted)
    assert set(seen) == wanted


async def test_a_job_is_shown_as_it_is(storage: Storage) -> None:
    await some(storage)
    kept = await storage.book.get(ACME, JobId("dead:1"))
    assert (kept.state, kept.job.last_error, kept.job.failures) == (
        JobState.DEAD,
        "it never works",
        1,
    )
    assert kept.job.kind is a_job().kind


@pytest.mark.parametrize("job_id", ["dead:3", "none"])
async def test_anothers_job_is_not_found(storage: Storage, job_id: str) -> None:
    await some(storage)
    with pytest.raises(NotFound):
        await storage.book.get(ACME, JobId(job_id))
    assert not await storage.book.retry(ACME, JobId(job_id), NOW)
    assert not await storage.book.drop(ACME, JobId(job_id))
    assert await ids(storage, JobState.DEAD, OTHER) == ["dead:3"]


async def test_a_dead_letter_runs_again_as_if_it_never_failed(storage: Storage) -> None:
    await some(storage)
    assert await storage.book.retry(ACME, JobId("dead:1"), later(10))
    (job,) = await claim(storage, later(10))
    assert (job.id, job.failures, job.last_error) == ("dead:1", 0, "it never works")
    await end(storage, job)
    assert await ids(storage, JobState.DEAD) == ["dead:2"]


async def test_a_waiting_job_is_pulled_forward(storage: Storage) -> None:
    await some(storage)
    assert await storage.book.retry(ACME, JobId("later"), later(10))
    assert [job.id for job in await claim(storage, later(10))] == ["later"]


@pytest.mark.parametrize("job_id", ["running", "done"])
async def test_what_runs_or_is_done_is_left_alone(storage: Storage, job_id: str) -> None:
    await some(storage)
    before = await storage.book.get(ACME, JobId(job_id))
    assert not await storage.book.retry(ACME, JobId(job_id), NOW)
    assert not await storage.book.drop(ACME, JobId(job_id))
    assert await storage.book.get(ACME, JobId(job_id)) == before


async def test_only_a_dead_one_is_dropped_and_its_id_is_free(storage: Storage) -> None:
    await some(storage)
    assert not await storage.book.drop(ACME, JobId("later"))
    assert await storage.book.drop(ACME, JobId("dead:1"))
    assert not await storage.book.drop(ACME, JobId("dead:1"))
    await enqueue(storage, replace(a_job("dead:1"), run_at=later(20)))
    assert "dead:1" in await ids(storage, JobState.WAITING)
