"""python -m entrypoints.simulation.soak [--payments N] [--seed S]: a million payments, all cores.

Light and heavy faults take turns, and so do Maya with GCash and a few of all providers; one run
in fifty is over SQLite. Each failing run is told at once, and the first ones, shrunk, at the
end; the exit status is 1 when there is any.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from adapters.system.clock import SystemClock
from entrypoints.simulation.campaign import Summary, campaign
from entrypoints.simulation.cast import ALL, PAIR, named
from entrypoints.simulation.plan import FAULTS, ORDERS, Plan
from entrypoints.simulation.shrink import shrink
from entrypoints.simulation.story import told

PAYMENTS: Final = 1_000_000
CHUNK: Final = 100  # runs that a process takes at once
ON_SQLITE: Final = 50  # every so many runs
TOLD: Final = 3  # failures that are shrunk and told


def main() -> int:
    """Run until all is simulated; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=PAYMENTS, metavar="N")
    parser.add_argument("--seed", type=int, metavar="S", help="by default, today's")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else int(f"{SystemClock().now():%Y%m%d}000000")
    runs = -(-given.payments // ORDERS)
    total, began = Summary(), time.perf_counter()
    print(f"{runs * ORDERS} payments, seeds {seed} to {seed + runs - 1}", flush=True)
    with ProcessPoolExecutor(given.processes) as pool:
        for part in pool.map(_chunk, _starts(seed, runs)):
            total.take(part)
            for plan, result in part.broken:  # at once: the end may be hours away
                print(f"BROKEN  {result.broken[0]} (seed {plan.seed})", flush=True)
            _tell(total, runs * ORDERS, time.perf_counter() - began)
    for plan, result in total.broken[:TOLD]:
        print("\n" + told(*shrink(plan, result)), flush=True)
    return 1 if total.broken else 0


def _starts(seed: int, runs: int) -> Iterator[tuple[int, int]]:
    for start in range(0, runs, CHUNK):
        yield seed + start, min(CHUNK, runs - start)


def _chunk(which: tuple[int, int]) -> Summary:
    first, many = which
    return campaign((_plan(seed) for seed in range(first, first + many)), on=True)


def _plan(seed: int) -> Plan:
    rates = FAULTS["heavy" if seed % 2 else "light"]
    providers = PAIR if seed // 2 % 2 else named(ALL)
    return Plan(seed, rates=rates, providers=providers, sqlite=seed % ON_SQLITE == 0)


def _tell(total: Summary, all_: int, seconds: float) -> None:
    rate, broken = total.payments / seconds, len(total.broken)
    print(
        f"{total.payments:>9} of {all_} payments, {total.faults.total()} faults,"
        f" {total.kills} kills, {total.surpluses} surpluses, {broken} broken runs, {rate:.0f}/s",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
