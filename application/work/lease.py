"""A claimed job's lease: kept alive while the job runs, and the job stopped once it is lost."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self

from application.work.terms import BEATS, LEASE_S
from domain.errors import CauriError
from domain.ports.clock import Clock
from domain.ports.jobs import Job, JobQueue


@dataclass(slots=True)
class Lease:
    """`async with Lease(…)` around a job's run. The first beat comes after a third of `lease_s`,
    so a quick job costs a timer and no query."""

    job: Job
    queue: JobQueue
    clock: Clock
    lease_s: int = LEASE_S
    lost: bool = False
    _runner: asyncio.Task[None] | None = field(default=None, init=False)
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)
    _beat: asyncio.Task[None] | None = field(default=None, init=False)
    _braced_s: float = field(default=0.0, init=False)

    async def __aenter__(self) -> Self:
        self._runner = asyncio.current_task()
        self._wind()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> bool:
        """Swallows the cancellation that a lost lease caused, and no other."""
        if self._timer is not None:
            self._timer.cancel()
        if self._beat is not None and not self._beat.done():
            self._beat.cancel()
        if self.lost and isinstance(error, asyncio.CancelledError) and self._runner is not None:
            return self._runner.uncancel() == 0
        return False

    async def brace(self, seconds: float) -> bool:
        """For a job that may kill the process: count that now, and let nobody try it again before
        so many seconds. False when the lease was lost."""
        self._braced_s = seconds
        until = self.clock.now() + timedelta(seconds=seconds)
        self.lost = not await self.queue.extend(self.job, until, alone=True)
        return not self.lost

    def _wind(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.lease_s / BEATS, self._begin)

    def _begin(self) -> None:
        self._beat = asyncio.get_running_loop().create_task(self._extend())

    async def _extend(self) -> None:
        until = self.clock.now() + timedelta(seconds=max(self.lease_s, self._braced_s))
        try:
            kept = await self.queue.extend(self.job, until)
        except CauriError:  # not now; should the lease run out meanwhile, the fence holds
            kept = True
        if kept:
            self._wind()
        elif self._runner is not None:
            self.lost = True
            self._runner.cancel()
