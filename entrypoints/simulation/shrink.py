"""From a failing run to the one order and the few faults that matter."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from entrypoints.simulation.plan import Plan, Result
from entrypoints.simulation.run import simulate

BUDGET: Final = 300  # runs


class _Budget:
    """Runs that may still be spent; a result counts when the same law breaks."""

    def __init__(self, law: str, runs: int) -> None:
        self.law, self.left = law, runs

    def breaks(self, plan: Plan) -> Result | None:
        if self.left <= 0:
            return None
        self.left -= 1
        result = simulate(plan)
        return result if result.law == self.law else None


def shrink(plan: Plan, broken: Result, budget: int = BUDGET) -> tuple[Plan, Result]:
    """Fewer payments, then fewer faults, while the same law breaks. `budget` is in runs.

    Faults of a process's lives form a chain (the second life exists because the first ended), so
    what is left can be a few more than the fewest.
    """
    runs = _Budget(broken.law, budget)
    plan, broken = _fewer_payments(plan, broken, runs)
    return _fewer_faults(plan, broken, runs)


def _fewer_payments(plan: Plan, broken: Result, runs: _Budget) -> tuple[Plan, Result]:
    """The one that is accused first; then each alone; else halves."""
    for some in _rounds(plan.payments, broken):
        trial = replace(plan, payments=some)
        if (result := runs.breaks(trial)) is not None:
            if len(some) == 1:
                return trial, result
            return _fewer_payments(trial, result, runs)
    return plan, broken


def _rounds(payments: tuple[int, ...], broken: Result) -> Iterator[tuple[int, ...]]:
    if len(payments) < 2:
        return
    accused = [one for one in payments if about(one, broken.broken[0])]
    yield from ((one,) for one in (*accused, *payments))
    half = len(payments) // 2
    yield payments[:half]
    yield payments[half:]


def _fewer_faults(plan: Plan, broken: Result, runs: _Budget) -> tuple[Plan, Result]:
    """Mute them in halves, quarters, … single ones."""
    size = len(broken.fired)
    while size and runs.left > 0:
        for start in range(0, len(broken.fired), size):
            some = frozenset(broken.fired[start : start + size])
            trial = replace(plan, muted=plan.muted | some)
            if (result := runs.breaks(trial)) is not None:
                plan, broken = trial, result
                size = min(size, len(broken.fired))
                break
        else:
            size //= 2
    return plan, broken


def about(number: int, line: str) -> bool:
    """Whether a line of the trace speaks of that order."""
    name = f"p{number}"
    at = line.find(name)
    while at >= 0:
        after = line[at + len(name) : at + len(name) + 1]
        before = line[at - 1 : at]
        if not after.isdigit() and not before.isalnum():
            return True
        at = line.find(name, at + 1)
    return False
