"""How much is proven in a second: payments simulated on one core."""

import gc
import time
from statistics import median
from typing import Final

from entrypoints.bench.figure import Figure, judged
from entrypoints.bench.lab import Lab
from entrypoints.simulation.plan import FAULTS, ORDERS, Plan
from entrypoints.simulation.run import simulate

PER_SECOND: Final = 200.0
RUNS: Final = 12  # for each second of effort


def payments(lab: Lab) -> Figure:
    """CPU time, so that neighbours on the machine count little."""
    simulate(Plan(0, rates=FAULTS["heavy"]))
    gc.freeze()  # as a campaign does
    rates = [_rate(number, lab) for number in range(lab.effort.rounds)]
    notes = (
        "Payments a CPU second on one core: heavy faults, two processes, storage in dicts, real"
        " provider clients, wire formats and signatures; books compared at the end."
    )
    ours = {"payments_per_cpu_s": round(median(rates), 1)}
    ratios = [one / PER_SECOND for one in rates]
    return judged("simulation", ratios, 1.0, ours, notes, better="higher")


def _rate(number: int, lab: Lab) -> float:
    runs = max(1, int(RUNS * lab.effort.seconds))
    began = time.process_time()
    for run in range(runs):
        simulate(Plan(1 + number * runs + run, rates=FAULTS["heavy"]))
    return runs * ORDERS / (time.process_time() - began)
