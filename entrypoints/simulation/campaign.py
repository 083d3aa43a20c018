"""Many runs: the payments asked for, ORDERS to a run, each run with the next seed."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from entrypoints.simulation.cast import PAIR, cast_of
from entrypoints.simulation.plan import FAULTS, ORDERS, Plan, Result
from entrypoints.simulation.run import simulate

Progress = Callable[[int], None]  # payments simulated so far


@dataclass(slots=True)
class Summary:
    """What many runs came to. `broken` has those in which a law broke."""

    runs: int = 0
    payments: int = 0
    steps: int = 0
    kills: int = 0
    surpluses: int = 0
    providers: set[str] = field(default_factory=set)
    statuses: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[Plan, Result]] = field(default_factory=list)

    def add(self, plan: Plan, result: Result) -> None:
        self.runs += 1
        self.payments += len(plan.payments)
        self.steps += result.steps
        self.providers |= set(cast_of(plan.providers, plan.seed))
        self.kills += result.kills
        self.surpluses += result.surpluses
        self.statuses.update({str(status): many for status, many in result.statuses.items()})
        self.faults.update(one.partition("@")[0] for one in result.fired)
        if result.broken:
            self.broken.append((plan, result))

    def take(self, other: "Summary") -> None:
        """Add another process's."""
        for name in ("runs", "payments", "steps", "kills", "surpluses"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.providers |= other.providers
        self.statuses.update(other.statuses)
        self.faults.update(other.faults)
        self.broken += other.broken


def plans(
    seed: int,
    payments: int,
    faults: str,
    *,
    providers: tuple[str, ...] = PAIR,
    sqlite: bool = False,
) -> Iterator[Plan]:
    """Runs with the seeds `seed`, `seed` + 1, … until there are that many payments. Of many
    `providers` each run has a few."""
    for run in range((payments + ORDERS - 1) // ORDERS):
        few = min(ORDERS, payments - run * ORDERS)
        orders = tuple(range(few))
        yield Plan(seed + run, orders, FAULTS[faults], providers=providers, sqlite=sqlite)


def campaign(
    runs: Iterable[Plan], progress: Progress = lambda done: None, *, on: bool = False
) -> Summary:
    """Until a law breaks; `on`: to the end, whatever breaks."""
    summary = Summary()
    gc.freeze()  # what was imported is no run's garbage, and need not be looked at after each
    for plan in runs:
        summary.add(plan, simulate(plan))
        progress(summary.payments)
        if summary.broken and not on:
            break
    return summary
