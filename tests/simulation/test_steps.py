"""One payment, one process, no other fault: killed at step 1, 2, 3 … until it lives."""

import asyncio
from contextvars import Context
from random import Random

import pytest

from entrypoints.simulation.chance import CALM
from entrypoints.simulation.loop import PROCESS, Process, SimLoop
from entrypoints.simulation.plan import Plan
from entrypoints.simulation.run import simulate

MOST_STEPS = 1500


@pytest.mark.parametrize("gone", [False, True], ids=["retries", "gone"])
@pytest.mark.parametrize("seed", [3, 11])
def test_a_crash_at_every_single_step_is_survived(seed: int, gone: bool) -> None:
    step = 0
    for step in range(1, MOST_STEPS):
        plan = Plan(seed, (0,), CALM, processes=1, crash_at=step, gone=gone)
        result = simulate(plan)
        assert result.broken == (), f"{plan}"
        if result.kills == 0:
            break
    assert 20 < step < MOST_STEPS - 1


def a_loop() -> SimLoop:
    return SimLoop.of(Random(7))


def test_the_dead_do_not_run_their_finally() -> None:
    """A kill is not a cancellation: no handler, no `finally`, no `async with` exit acts."""
    acts: list[str] = []

    async def victim() -> None:
        try:
            async with asyncio.TaskGroup() as group, asyncio.timeout(5):
                group.create_task(asyncio.sleep(3))
                await asyncio.sleep(100)
        except BaseException as error:
            acts.append(type(error).__name__)
            raise
        finally:
            acts.append("finally")

    async def main() -> None:
        process = Process("p", loop)
        _ = process.spawn(victim())
        await asyncio.sleep(1)
        process.kill()
        await asyncio.sleep(1000)
        assert asyncio.get_running_loop().time() == 1001
        assert PROCESS.get() is None

    loop = a_loop()
    Context().run(loop.run, main(), 5000.0)
    assert (acts, loop.errors) == ([], [])
    loop.bury()


def test_who_sleeps_wakes_later_and_finds_all_timers_over() -> None:
    """Like SIGSTOP: nothing of it happens meanwhile, and nothing is lost."""
    seen: list[float] = []

    async def sleeper() -> None:
        for _ in range(3):
            await asyncio.sleep(1)
            seen.append(loop.time())

    async def main() -> None:
        process = Process("p", loop)
        process.sleeps_at, process.sleeps_s = 2, 50.0
        _ = process.spawn(sleeper())

    loop = a_loop()
    Context().run(loop.run, main(), 500.0)
    assert seen[0] >= 51
    assert len(seen) == 3


def test_real_io_cannot_leak_in() -> None:
    async def main() -> None:
        await asyncio.to_thread(print)

    loop = a_loop()
    Context().run(loop.run, main(), 1.0)
    assert "NotImplementedError" in loop.errors[0]


def test_a_task_that_fails_stops_the_run() -> None:
    async def main() -> None:
        raise ValueError("oh")

    loop = a_loop()
    Context().run(loop.run, main(), 1.0)
    assert loop.halted
    assert "ValueError: oh" in loop.errors[0]
