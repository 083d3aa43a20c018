"""What every part of a run shares: time, chance, names, the trace, and what goes on when a process
dies."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final, TypeVar

from adapters.provider_kit.transport import Request
from adapters.system.ids import RandomIds
from application.correlation import CORRELATION
from domain.ids import AccountId, PaymentId, RefundId, TenantId
from domain.ports.clock import Clock
from entrypoints.simulation.cast import cast_of
from entrypoints.simulation.chance import OURS, Chance, Faults, Names, Trace
from entrypoints.simulation.loop import NOBODY, SimLoop
from entrypoints.simulation.plan import Plan
from entrypoints.simulation.turns import PAUSE

T = TypeVar("T", bound=str)
R = TypeVar("R")

BEGIN: Final = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)  # noon in Manila


class SimClock(Clock):
    """The loop's time as a date."""

    def __init__(self, loop: SimLoop) -> None:
        self._loop = loop
        self._known = (0.0, BEGIN)

    def now(self) -> datetime:
        seconds = self._loop.time()
        if seconds != self._known[0]:
            self._known = seconds, BEGIN + timedelta(seconds=seconds)
        return self._known[1]

    def monotonic(self) -> float:
        return self._loop.time()


class World:
    """It survives every crash. `cast` are the run's providers; `subject` says whose turn it is
    while a company acts."""

    def __init__(self, plan: Plan) -> None:
        self.cast = cast_of(plan.providers, plan.seed)
        self.chance = Chance(plan.seed)
        self.loop = SimLoop.of(Random(plan.seed))  # noqa: S311 - to be had again, not secret
        self.clock = SimClock(self.loop)
        self.trace = Trace(self.loop.time)
        self.faults = Faults(plan.rates, self.chance, self.trace, plan.muted)
        self.names = Names()
        self.subject = ""

    def later(self, delay_s: float, act: Callable[..., object], *args: object) -> None:
        """In no process: it happens although whoever asked for it is dead by then."""
        self.loop.call_later(delay_s, act, *args, context=Context())

    def start(self, work: Coroutine[Any, Any, Any], about: str = "") -> None:
        """A task of the world, in no process."""
        _ = self.task(work, about)

    def task(self, work: Coroutine[Any, Any, Any], about: str) -> "asyncio.Task[Any]":
        """As above, for who waits for it."""
        context = Context()
        context.run(CORRELATION.set, about)
        task: asyncio.Task[Any] = self.loop.create_task(work, context=context)
        return task

    @property
    def place(self) -> str:
        """What is under way, in words that stay when other faults are muted."""
        return self.names(CORRELATION.get())

    def refund_in(self, request: Request) -> str:
        """Our refund that a request is about: as it says itself, or else by what is under way."""
        for text in (request.body.decode(errors="replace"), CORRELATION.get()):
            for found in OURS.finditer(text):
                if found[1] == "rfd":
                    return found[0]
        return self.names.refund(CORRELATION.get())

    async def wait(self, tasks: Sequence["asyncio.Task[R]"], patience_s: float) -> list[R]:
        """What those have said that are over when all are, or patience is: asyncio.wait in one
        step. The tasks of a process that dies are never over."""
        over: asyncio.Future[None] = self.loop.create_future()
        left = len(tasks)

        def one_less(task: "asyncio.Task[R]") -> None:
            nonlocal left
            left -= 1
            if not left:
                _ends(over)

        for task in tasks:
            task.add_done_callback(one_less, context=NOBODY)
        patience = self.loop.call_later(patience_s, _ends, over)
        await over
        patience.cancel()
        return [task.result() for task in tasks if task.done()]

    async def sleep(self, delay_s: float) -> None:
        """asyncio.sleep in one step, for tasks that nobody cancels, and for moments."""
        self.loop.pauses(delay_s)
        await PAUSE

    async def breathe(self) -> None:
        """Every await on a port is a place to be overtaken, or to die."""
        dice = self.chance.luck(self.names(CORRELATION.get()))
        if dice > 0.3:  # else the answer was at hand, as it often is
            self.loop.pauses(0 if dice < 0.6 else (dice - 0.6) * 0.12)
            await PAUSE


def _ends(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)


class NamedRandom(Random):
    """For the simulated companies: their ids depend on whom they serve, not on who came before."""

    _world: World

    @classmethod
    def of(cls, world: World) -> "NamedRandom":
        """Chance of this world."""
        made = cls(0)
        made._world = world
        return made

    def random(self) -> float:
        return self._world.chance.luck(f"company/{self._world.subject}")

    def getrandbits(self, k: int) -> int:
        drawn = self._world.chance.draw(f"company/{self._world.subject}", (k + 7) // 8)
        return int.from_bytes(drawn, "big") >> (-k % 8)


class SimIds(RandomIds):
    """The platform's own ids over seeded bytes; each learns its name from what is under way."""

    def __init__(self, world: World) -> None:
        self._world = world
        super().__init__(
            lambda: round(world.clock.now().timestamp() * 1000),
            lambda size: world.chance.draw(f"ids/{world.place}", size),
        )

    def payment_id(self) -> PaymentId:
        return self._named(super().payment_id())

    def refund_id(self) -> RefundId:
        return self._named(super().refund_id())

    def account_id(self) -> AccountId:
        return self._named(super().account_id())

    def tenant_id(self) -> TenantId:
        return self._named(super().tenant_id())

    def _named(self, id_: T) -> T:
        self._world.names.learn(id_, self._world.place)
        return id_
