"""An event loop with no clock, no threads and no sockets: time is a number, order is a seed.

It extends AbstractEventLoop, so whatever was not written here (executors, sockets, subprocesses,
signals, name look-ups) raises NotImplementedError: real I/O can't leak into a run unnoticed.
"""

import asyncio
import heapq
import traceback
import warnings
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from random import Random
from typing import Any, Final

from entrypoints.simulation.turns import Turn

MOST_STEPS: Final = 2_000_000  # then it spins, which is an error


class Process:
    """One life of one platform process: every task started inside it carries it in its context."""

    def __init__(self, name: str, loop: "SimLoop") -> None:
        self.name = name
        self.alive = True
        self.steps = 0  # taken so far
        self.dies_at = 0  # it is killed instead of taking this step; 0 is never
        self.sleeps_at = 0  # it is stopped (SIGSTOP) when it would take this step; 0 is never
        self.sleeps_s = 0.0
        self.wakes_at = 0.0
        self.on_death: list[Callable[[], None]] = []
        self._loop = loop
        self._context = copy_context()
        self._context.run(PROCESS.set, self)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = self._loop.create_task(work, context=self._context.copy())
        return task

    def kill(self) -> None:
        """Like SIGKILL: no line of it runs again, not even a `finally`."""
        self.alive = False
        for act in self.on_death:
            act()

    def may_step(self, now: float) -> bool:
        """Whether it takes its next step now. It may die or fall asleep instead."""
        if not self.alive:
            return False
        if now < self.wakes_at:
            return False
        self.steps += 1
        if self.steps == self.dies_at:
            self.kill()
            return False
        if self.steps == self.sleeps_at:
            self.wakes_at = now + self.sleeps_s
            return False
        return True


PROCESS: Final[ContextVar[Process | None]] = ContextVar("process", default=None)
NOBODY: Final = Context()  # what is called in it is called at once, and waits for no turn
SPENT: Final = Turn(0.0, None, (), NOBODY)  # for what had its turn at once


class SimLoop(asyncio.AbstractEventLoop):
    """Runs one ready callback at a time, chosen by the seed; jumps to the next timer when idle."""

    @staticmethod
    def of(random: Random) -> "SimLoop":
        """A loop whose order is that chance's."""
        return SimLoop(random)  # type: ignore[abstract]  # what is missing raises, on purpose

    def __init__(self, random: Random) -> None:
        self.steps = 0
        self.halted = False
        self.errors: list[str] = []
        self._random = random.random
        self._now = 0.0
        self._order = 0
        self._pause_s = 0.0
        self._ready: list[Turn] = []
        self._timers: list[tuple[float, int, Turn]] = []
        # Strong, so that the dead are kept and not collected; ordered, so that runs are alike.
        self._tasks: dict[asyncio.Task[Any], None] = {}

    def run(self, main: Coroutine[Any, Any, Any], until_s: float) -> None:
        """Until everything is over, time is up, a task fails, or something spins."""
        asyncio._set_running_loop(self)
        try:
            self.create_task(main)
            self._run(until_s)
        finally:
            asyncio._set_running_loop(None)

    def _run(self, until_s: float) -> None:
        """In one piece: whatever a turn costs here, each payment pays hundreds of times."""
        ready, timers, random, pop = self._ready, self._timers, self._random, heapq.heappop
        now = self._now
        while not self.halted and now < until_s:
            if not ready:
                while timers and timers[0][2]._cancelled:
                    pop(timers)
                if not timers:
                    return
                now = self._now = max(now, timers[0][0])
            while timers and timers[0][0] <= now:
                ready.append(pop(timers)[2])
            many = len(ready)
            turn = ready.pop(int(random() * many)) if many > 1 else ready.pop()
            if turn._cancelled:
                continue
            process = turn._context.get(PROCESS)
            if process is not None and not process.may_step(now):
                if process.alive:  # it sleeps: all that happens to it waits until it wakes
                    self._push(process.wakes_at, turn)
                continue  # dropped, not cancelled
            self.steps += 1
            try:
                turn._context.run(turn._callback, *turn._args)
            except Exception as error:
                self.fails(error)
            if self.steps > MOST_STEPS:
                self.errors.append("it spins")
                return

    def _push(self, when: float, turn: Turn) -> None:
        self._order += 1
        heapq.heappush(self._timers, (when, self._order, turn))

    def time(self) -> float:
        """Seconds since the run began."""
        return self._now

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:  # type: ignore[override]
        if context is NOBODY:  # bookkeeping, which nobody can overtake
            callback(*args)
            return SPENT
        turn = Turn(self._now, callback, args, context)
        if self._pause_s:
            self._push(self._now + self._pause_s, turn)
            self._pause_s = 0.0
        else:
            self._ready.append(turn)
        return turn

    def call_at(  # type: ignore[override]
        self, when: float, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        turn = Turn(when, callback, args, context)
        self._push(when, turn)
        return turn

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def pauses(self, delay_s: float) -> None:
        """The caller awaits PAUSE next: as asyncio.sleep, in one step and not three. Whoever is
        cancelled meanwhile learns it at the end, so it is for pauses that are short."""
        self._pause_s = delay_s

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self)

    def create_task(
        self, coro: Any, *, name: str | None = None, context: Context | None = None
    ) -> Any:
        """Tasks get no number of their own: asyncio's goes on counting in the next run."""
        task: asyncio.Task[Any] = asyncio.Task(
            coro, loop=self, name=name or "task", context=context
        )
        self._tasks[task] = None
        task.add_done_callback(self._finished, context=NOBODY)
        return task

    def _finished(self, task: "asyncio.Task[Any]") -> None:
        del self._tasks[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fails(error)

    def fails(self, error: BaseException) -> None:
        """A bug of somebody's: the run is over."""
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        places = " < ".join(f"{one.name}:{one.lineno}" for one in reversed(frames))
        self.errors.append(f"{type(error).__name__}: {error} at {places}")
        self.halted = True

    def bury(self) -> None:
        """After the verdict: close what was abandoned, so that nothing wakes in a later run."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # killed before their first line
            for task in self._tasks:
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                coroutine: Any = task.get_coro()
                if getattr(coroutine, "cr_frame", None) is not None:
                    _close(coroutine)
            self._tasks.clear()
            self._timers.clear()
            self._ready.clear()

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        return None

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self.fails(error if isinstance(error, BaseException) else RuntimeError(context["message"]))


def _close(coroutine: Coroutine[Any, Any, Any]) -> None:
    try:
        coroutine.close()
    except Exception:  # a `finally` that awaits, or acts on what is over
        return


def run_now(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that never waits: a simulator's, or a read of what is stored."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    work.close()
    raise RuntimeError("it waits for something")
