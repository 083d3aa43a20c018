"""What is done regularly, without a leader: every worker enqueues every tick, and an id that can
be stored once lets the first of them win."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.errors import DuplicateKey, NotFound
from domain.ids import JobId
from domain.ports.clock import Clock
from domain.ports.jobs import PLATFORM, Job, JobKind, JobQueue
from domain.ports.unit_of_work import Units

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATE: Final = timedelta(minutes=1)  # a tick noticed later than this was missed
SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(days=7)  # the last tick's job has to be there at the next one
MOST_AT_ONCE: Final = 100  # missed ticks enqueued at one look; the next look goes on


class CatchUp(StrEnum):
    """What becomes of ticks that were missed while no worker ran."""

    SKIP = "skip"  # nothing
    ONCE = "once"  # the last of them is made up for
    ALL = "all"  # each of them is


@dataclass(frozen=True, slots=True)
class Routine:
    """`do` is given the tick: a multiple of `every` since 1970, in UTC. It may be stopped half way
    and run again, also beside the next one, so it finds out by itself what is left to do."""

    every: timedelta
    do: Callable[[datetime], Awaitable[None]]
    catch_up: CatchUp = CatchUp.ONCE

    def __post_init__(self) -> None:
        if not SHORTEST <= self.every <= LONGEST:
            raise ValueError("a routine is due once a second at most, and once a week at least")

    def last_tick(self, now: datetime) -> datetime:
        return EPOCH + (now - EPOCH) // self.every * self.every

    def due(self, last: datetime, now: datetime) -> Sequence[datetime]:
        """The ticks to enqueue when `last` was the latest one enqueued."""
        tick = self.last_tick(now)
        if tick <= last:
            return []
        if self.catch_up is CatchUp.ALL:
            missed = (tick - last) // self.every
            return [last + self.every * n for n in range(1, min(missed, MOST_AT_ONCE) + 1)]
        is_missed = self.catch_up is CatchUp.SKIP and now - tick > LATE
        return [] if is_missed else [tick]


Routines = Mapping[str, Routine]  # by name: lower-case letters, digits and underscores


@dataclass(frozen=True, slots=True)
class Timetable:
    """Enqueues what is due. One that never ran begins with its next tick. Raises NotStored when
    the database is away; the next call makes up for it."""

    routines: Routines
    queue: JobQueue
    units: Units
    clock: Clock
    _last: dict[str, datetime] = field(default_factory=dict, init=False)

    async def __call__(self) -> None:
        now = self.clock.now()
        for name, routine in self.routines.items():
            last = self._last.get(name)
            if last is not None and now < last + routine.every:
                continue
            if last is None:
                last = await self._stored(name) or routine.last_tick(now)
            for tick in routine.due(last, now):
                await self._enqueue(name, tick, now)
                last = tick
            all_told = routine.catch_up is CatchUp.ALL
            self._last[name] = last if all_told else max(last, routine.last_tick(now))

    async def _stored(self, name: str) -> datetime | None:
        job_id = await self.queue.last_of(f"cron:{name}:")
        return datetime.fromisoformat(job_id.split(":", 2)[2]) if job_id is not None else None

    async def _enqueue(self, name: str, tick: datetime, now: datetime) -> None:
        at = tick.isoformat(timespec="seconds")
        job = Job(
            id=JobId(f"cron:{name}:{at}"),
            tenant_id=PLATFORM,
            kind=JobKind.CARE,
            run_at=now,
            about={"routine": name, "tick": at},
        )
        try:
            async with self.units(PLATFORM) as unit:
                unit.jobs.enqueue(job)
                await unit.commit()
        except DuplicateKey:  # another worker was faster
            return


@dataclass(frozen=True, slots=True)
class Care:
    """The handler of a tick. Raises NotFound for a routine of another version, whose worker may
    take it at the next try."""

    routines: Routines

    async def __call__(self, job: Job) -> None:
        name = job.about["routine"]
        if (routine := self.routines.get(name)) is None:
            raise NotFound(f"this version has no routine {name}")
        await routine.do(datetime.fromisoformat(job.about["tick"]))
