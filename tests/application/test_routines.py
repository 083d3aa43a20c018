"""What is done regularly: each tick once, and what was missed as its policy says."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.work.retain import Retain, Rule
from application.work.routines import (
    EPOCH,
    MOST_AT_ONCE,
    Care,
    CatchUp,
    Routine,
    Routines,
    Timetable,
)
from domain.errors import NotFound
from domain.ids import JobId
from domain.ports.jobs import PLATFORM, JobKind, JobState
from domain.ports.retention import Kept
from tests.builders import ACME, NOW, OTHER, a_job, a_key_record, a_tenant
from tests.storages import Storage, memory_storage

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


@dataclass
class Diary:
    """What was done, and for which tick."""

    ticks: list[datetime] = field(default_factory=list)

    async def __call__(self, tick: datetime) -> None:
        self.ticks.append(tick)


def a_timetable(storage: Storage, routines: Routines) -> Timetable:
    return Timetable(routines, storage.queue, storage.units, storage.clock)


def hourly(catch_up: CatchUp = CatchUp.ONCE, diary: Diary | None = None) -> Routines:
    return {"hourly": Routine(HOUR, diary or Diary(), catch_up)}


async def ticks(storage: Storage) -> list[str]:
    """Those enqueued, by time."""
    page = await storage.book.list(JobState.WAITING, None, 1000, tenant_id=PLATFORM)
    return sorted(one.job.about["tick"][11:16] for one in page.jobs)


async def test_each_tick_is_enqueued_once_by_however_many_workers(storage: Storage) -> None:
    workers = [a_timetable(storage, hourly()) for _ in range(3)]
    for _ in range(6):
        await asyncio.gather(*(tick() for _ in range(2) for tick in workers))
        storage.clock.advance(1800)
    assert await ticks(storage) == ["10:00", "11:00", "12:00"], "from 9:58 to 12:28"


async def test_what_never_ran_begins_with_its_next_tick(storage: Storage) -> None:
    tick = a_timetable(storage, hourly())
    await tick()
    assert await ticks(storage) == []
    storage.clock.advance(120)
    await tick()
    assert await ticks(storage) == ["10:00"]


@pytest.mark.parametrize(
    ("catch_up", "made_up"),
    [
        (CatchUp.SKIP, []),
        (CatchUp.ONCE, ["16:00"]),
        (CatchUp.ALL, ["11:00", "12:00", "13:00", "14:00", "15:00", "16:00"]),
    ],
)
async def test_ticks_missed_in_six_hours_follow_the_policy(
    storage: Storage, catch_up: CatchUp, made_up: Sequence[str]
) -> None:
    before = a_timetable(storage, hourly(catch_up))
    await before()
    storage.clock.advance(120)
    await before()
    storage.clock.advance(6.5 * 3600)
    after = [a_timetable(storage, hourly(catch_up)) for _ in range(2)]
    await asyncio.gather(*(tick() for tick in after))
    assert await ticks(storage) == ["10:00", *made_up]
    storage.clock.advance(1800)
    await asyncio.gather(*(tick() for tick in after))
    assert await ticks(storage) == ["10:00", *made_up, "17:00"]


async def test_a_worker_that_was_busy_for_hours_makes_up_as_one_that_was_down() -> None:
    storage = memory_storage()
    tick = a_timetable(storage, hourly(CatchUp.ALL))
    await tick()
    storage.clock.advance(3 * 3600)
    await tick()
    assert await ticks(storage) == ["10:00", "11:00", "12:00"]


async def test_of_very_many_missed_ticks_a_look_makes_up_for_some() -> None:
    storage = memory_storage()
    routines = {"often": Routine(timedelta(seconds=1), Diary(), CatchUp.ALL)}
    tick = a_timetable(storage, routines)
    await tick()
    storage.clock.advance(2 * MOST_AT_ONCE + 10)
    for many in (MOST_AT_ONCE, 2 * MOST_AT_ONCE, 2 * MOST_AT_ONCE + 10):
        await tick()
        assert len(await ticks(storage)) == many


async def test_a_tick_is_given_to_its_routine() -> None:
    storage, diary = memory_storage(), Diary()
    routines = hourly(diary=diary)
    tick = a_timetable(storage, routines)
    await tick()
    storage.clock.advance(120)
    await tick()
    (job,) = await storage.queue.claim(storage.clock.now(), 60, 10)
    assert (job.kind, job.tenant_id) == (JobKind.CARE, PLATFORM)
    await Care(routines)(job)
    assert diary.ticks == [NOW.replace(hour=10, minute=0)]


async def test_a_routine_of_another_version_is_left_to_it() -> None:
    job = a_job("cron:new:2026", PLATFORM, about={"routine": "new", "tick": "2026-01-01"})
    with pytest.raises(NotFound, match="no routine new"):
        await Care(hourly())(job)


@pytest.mark.parametrize("seconds", [0, 0.5, 8 * 86_400])
def test_a_routine_is_neither_frantic_nor_forgotten(seconds: float) -> None:
    with pytest.raises(ValueError, match="once a second"):
        Routine(timedelta(seconds=seconds), Diary())


@given(
    every_s=st.integers(1, 7 * 86_400),
    last_s=st.integers(0, 4 * 10**9),
    passed_s=st.floats(0, 10**7),
    catch_up=st.sampled_from(CatchUp),
)
def test_ticks_are_multiples_after_the_last_and_none_is_early(
    every_s: int, last_s: int, passed_s: float, catch_up: CatchUp
) -> None:
    routine = Routine(timedelta(seconds=every_s), Diary(), catch_up)
    before = routine.last_tick(EPOCH + timedelta(seconds=last_s))
    now = before + timedelta(seconds=passed_s)
    due = routine.due(before, now)
    assert all(before < tick <= now for tick in due)
    assert all((tick - EPOCH) % routine.every == timedelta(0) for tick in due)
    assert list(due) == sorted(set(due))
    if catch_up is not CatchUp.SKIP:
        assert bool(due) == (now - before >= routine.every)


async def keys_left(storage: Storage) -> int:
    left = 0
    for tenant_id in (ACME, OTHER):
        async with storage.units(tenant_id) as unit:
            for number in range(9):
                left += await unit.keys.with_key("initiate", f"k{number}") is not None
    return left


async def test_retention_goes_through_all_tenants_and_tells(storage: Storage) -> None:
    for tenant_id in (ACME, OTHER):
        for number in range(9):
            async with storage.units(tenant_id) as unit:
                unit.keys.add(a_key_record(f"k{number}", resource_id="pay_1"))
                await unit.commit()
    async with storage.units(PLATFORM) as unit:
        unit.jobs.enqueue(a_job("cron:a:1", PLATFORM))
        await unit.commit()
    (job,) = await storage.queue.claim(NOW, 60, 1)
    async with storage.units(PLATFORM) as unit:
        unit.jobs.finish(job)
        await unit.commit()
    told = list[tuple[Kept, int]]()
    rules = [Rule(Kept.KEYS, timedelta(days=30)), Rule(Kept.DONE_JOBS, timedelta(days=7))]
    retain = Retain(
        storage.retention, storage.clock, rules, lambda what, many: told.append((what, many))
    )
    await retain(NOW)
    assert (told, await keys_left(storage)) == ([], 18)
    storage.clock.advance(31 * 86_400)
    await retain(NOW)
    assert (told, await keys_left(storage)) == ([(Kept.KEYS, 18), (Kept.DONE_JOBS, 1)], 0)
    assert (await storage.book.list(JobState.DONE, None, 9)).jobs == []


async def test_retention_is_bounded_and_the_next_run_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("application.work.retain.BATCH", 2)
    monkeypatch.setattr("application.work.retain.MOST_BATCHES", 3)
    storage = memory_storage()
    await storage.tenants.add(a_tenant(ACME))
    for number in range(9):
        async with storage.units(ACME) as unit:
            unit.keys.add(a_key_record(f"k{number}", resource_id="pay_1"))
            await unit.commit()
    storage.clock.advance(86_400 * 31)
    retain = Retain(storage.retention, storage.clock, [Rule(Kept.KEYS, timedelta(days=30))])
    await retain(NOW)
    assert await keys_left(storage) == 3
    await retain(NOW)
    assert await keys_left(storage) == 0


async def test_the_id_of_a_tick_is_free_of_surprises(storage: Storage) -> None:
    tick = a_timetable(storage, hourly())
    await tick()
    storage.clock.advance(120)
    await tick()
    kept = await storage.book.get(PLATFORM, JobId("cron:hourly:2026-02-07T10:00:00+00:00"))
    assert kept.state is JobState.WAITING
