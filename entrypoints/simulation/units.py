"""The storage ports as a process meets them: each wait may be overtaken, a commit may fail or lose
its answer, a read may be old when it comes. They wrap any storage; no adapter holds fault code."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from inspect import iscoroutinefunction
from types import TracebackType
from typing import Any, Self, cast

from domain.errors import CommitUnknown, Unavailable
from domain.ids import TenantId
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.ports.unit_of_work import Units
from entrypoints.simulation.loop import run_now
from entrypoints.simulation.world import World

Moved = Payment | Refund


@dataclass(slots=True)
class Ears:
    """Who hears of what is stored: the laws, and workers that wait for work."""

    stored: Callable[[Moved], None] = lambda moved: None
    due: Callable[[datetime], None] = lambda at: None
    noticed: Callable[[str], None] = lambda notice: None
    claimed: Callable[[Any], None] = lambda job: None
    ended: Callable[[Any], None] = lambda job: None
    leased: Callable[[Any, datetime], None] = lambda job, until: None


class Breathing:
    """Any port: what waits, waits a moment longer and may be overtaken meanwhile."""

    def __init__(self, inner: Any, world: World) -> None:
        self._inner, self._world = inner, world

    def __getattr__(self, name: str) -> Any:
        """What does not wait, and of ports that are wrapped in a class of their own what does."""
        method = getattr(self._inner, name)
        kind: Any = type(self._inner)
        return _breathes(name).__get__(self) if _waits(kind, name) else method


@cache
def _waits(port: Hashable, name: str) -> bool:
    return iscoroutinefunction(getattr(port, name))


@cache
def _breathes(name: str) -> Any:
    async def call(port: Breathing, *args: Any, **named: Any) -> Any:
        await port._world.breathe()
        return await getattr(port._inner, name)(*args, **named)

    return call


@cache
def _breathing(port: Hashable) -> type[Breathing]:
    """A class for that class of ports, with all that waits: made once, since there are a hundred
    for each payment."""
    kind: Any = port
    names = [name for name in dir(kind) if not name.startswith("_") and _waits(kind, name)]
    return type(f"Breathing{kind.__name__}", (Breathing,), {one: _breathes(one) for one in names})


class SimUnits:
    """Units over the real ones."""

    def __init__(self, inner: Units, world: World, ears: Ears) -> None:
        self.inner, self.world, self.ears = inner, world, ears

    def __call__(self, tenant_id: TenantId) -> "SimUnit":
        return SimUnit(self.inner(tenant_id), self)


class SimUnit:
    """One unit. A port that is not named here breathes, and is otherwise as it is."""

    def __init__(self, inner: Any, units: SimUnits) -> None:
        self.inner, self.units = inner, units
        self.moved: list[Moved] = []
        self.due: list[datetime] = []
        self.notices: list[str] = []
        self.ended: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        inner, kind = getattr(self.inner, name), PORTS.get(name)
        port = (
            kind(inner, self)
            if kind
            else _breathing(cast(Hashable, type(inner)))(inner, self.units.world)
        )
        setattr(self, name, port)
        return port

    async def __aenter__(self) -> Self:
        await self.inner.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.inner.__aexit__(kind, error, at)

    async def commit(self) -> None:
        world, ears = self.units.world, self.units.ears
        await world.breathe()
        place = f"commit/{world.place}"
        fault = world.faults.pick(place, "commit_fails", "commit_answer_lost", "commit_slow")
        if fault == "commit_fails":
            raise Unavailable("the database is down")
        if fault == "commit_slow":
            await asyncio.sleep(1 + 30 * world.chance(f"slow/{place}"))
        await self.inner.commit()  # atomic: no wait inside is a real one
        for moved in self.moved:
            ears.stored(moved)
        for notice in self.notices:
            ears.noticed(notice)
        for job in self.ended:
            ears.ended(job)
        for at in self.due:
            ears.due(at)
        await world.breathe()
        if fault == "commit_answer_lost":
            raise CommitUnknown("the connection broke at the commit")


class _Recorded:
    """Payments or refunds: what is written is heard of when it is committed."""

    def __init__(self, inner: Any, unit: SimUnit) -> None:
        self._inner, self._unit = inner, unit
        self._world = unit.units.world

    def __getattr__(self, name: str) -> Any:
        return getattr(Breathing(self._inner, self._world), name)

    async def get(self, id_: Any) -> Any:
        """A read sees what was committed before it, and may be old when it comes."""
        world = self._world
        await world.breathe()
        found = await self._inner.get(id_)
        fault = world.faults.pick(place := f"read/{world.place}", "stale_read", "slow_read")
        if fault:
            longest_s = 100 if fault == "slow_read" else 5
            await asyncio.sleep(0.1 + longest_s * world.chance(f"slow/{place}") ** 2)
        return found

    def add(self, moved: Any) -> Any:
        self._unit.moved.append(moved)
        return self._inner.add(moved)

    def save(self, moved: Any) -> Any:
        self._unit.moved.append(moved)
        return self._inner.save(moved)


class _RecordedJobs:
    """Jobs: a worker that waits is woken when one is due."""

    def __init__(self, inner: Any, unit: SimUnit) -> None:
        self._inner, self._unit = inner, unit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def enqueue(self, job: Any) -> None:
        self._unit.due.append(job.run_at)
        self._inner.enqueue(job)

    def again(self, job: Any, run_at: datetime, error: str | None = None) -> None:
        self._unit.due.append(run_at)
        self._unit.ended.append(job)
        self._inner.again(job, run_at, error)

    def finish(self, job: Any) -> None:
        self._unit.ended.append(job)
        self._inner.finish(job)

    def bury(self, job: Any, error: str) -> None:
        self._unit.ended.append(job)
        self._inner.bury(job, error)


class _RecordedInbox(Breathing):
    """Callbacks as they came."""

    def __init__(self, inner: Any, unit: SimUnit) -> None:
        super().__init__(inner, unit.units.world)
        self._unit = unit

    def add(self, notice: Any) -> None:
        self._unit.notices.append(f"{notice.account_id} {notice.id}")
        self._inner.add(notice)


PORTS: dict[str, Any] = {
    "inbox": _RecordedInbox,
    "jobs": _RecordedJobs,
    "payments": _Recorded,
    "refunds": _Recorded,
}


class SimQueue(Breathing):
    """The worker's side of the queue."""

    def __init__(self, inner: Any, world: World, ears: Ears) -> None:
        super().__init__(inner, world)
        self._ears = ears

    async def claim(self, *args: Any, **named: Any) -> Sequence[Any]:
        await self._world.breathe()
        claimed: Sequence[Any] = await self._inner.claim(*args, **named)
        jobs = sorted(claimed, key=lambda job: str(job.id))  # a database gives them in any order
        for job in jobs:
            self._ears.claimed(job)
            self._ears.leased(job, job.run_at)
        await self._world.breathe()
        if jobs and self._world.faults.pick(f"claim/{self._world.place}", "claim_lost"):
            raise CommitUnknown("the connection broke at the claim")
        return jobs

    def look(self) -> datetime | None:
        """When something is due. Nobody is overtaken by a look, so it takes no time."""
        due: datetime | None = run_now(self._inner.next_due())
        return due

    async def extend(self, job: Any, until: datetime, **named: Any) -> bool:
        await self._world.breathe()
        kept: bool = await self._inner.extend(job, until, **named)
        if kept:
            self._ears.leased(job, until)
        return kept

    async def hurry(self, tenant_id: Any, job_id: Any, run_at: datetime) -> None:
        await self._world.breathe()
        await self._inner.hurry(tenant_id, job_id, run_at)
        self._ears.due(run_at)
