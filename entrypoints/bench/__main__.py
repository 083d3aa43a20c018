"""python -m entrypoints.bench [NAME…] [--quick]"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from entrypoints.bench import (
    callbacks,
    core,
    initiate,
    jobs,
    latency,
    postings,
    provider_call,
    simulated,
    start,
    status,
)
from entrypoints.bench.figure import FULL, QUICK, Figure
from entrypoints.bench.lab import Lab

FIGURES: Final[Mapping[str, Callable[[Lab], Figure]]] = {
    "aggregate_move": core.aggregate_move,
    "initiate_use_case": core.initiate_use_case,
    "initiate_postgres": initiate.on_postgres,
    "initiate_sqlite": initiate.on_sqlite,
    "status_read": status.read,
    "group_commit_latency_sqlite": latency.sqlite,
    "group_commit_latency_postgres": latency.postgres,
    "ledger_postings": postings.postings,
    "provider_call": provider_call.provider_call,
    "initiate_vs_usual_sqlite": initiate.usual_on_sqlite,
    "initiate_vs_usual_postgres": initiate.usual_on_postgres,
    "jobs_sqlite": jobs.sqlite,
    "jobs_postgres": jobs.postgres,
    "callback_sqlite": callbacks.sqlite,
    "callback_postgres": callbacks.postgres,
    "start_to_first_payment": start.first_payment,
    "cli_help": start.cli_help,
    "simulation": simulated.payments,
}


def main() -> int:
    """Each figure as a line of JSON, and for people a table beside it. 1 when a bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m entrypoints.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FIGURES))
    parser.add_argument("--quick", action="store_true", help="within a minute, and less certain")
    given = parser.parse_args()
    if unknown := {*given.names} - {*FIGURES}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return run(given.names or [*FIGURES], Lab(QUICK if given.quick else FULL))


def run(names: Sequence[str], lab: Lab) -> int:
    missed = 0
    with lab:
        for name in names:
            began = time.perf_counter()
            figure = FIGURES[name](lab)
            missed += not figure.ok
            print(msgspec.json.encode(figure).decode(), flush=True)
            print(row(figure, time.perf_counter() - began), file=sys.stderr, flush=True)
    if missed:
        print(f"{missed} of {len(names)} bounds missed", file=sys.stderr)
    return 1 if missed else 0


def row(figure: Figure, seconds: float) -> str:
    """A line of the table: the ratio, its bound and its rounds' spread; both sides' numbers."""
    sign = "≥" if figure.better == "higher" else "≤"
    spread = f"{min(figure.rounds):.2f}-{max(figure.rounds):.2f}"
    mark = "ok  " if figure.ok else "MISS"
    sides = (
        f"{told(figure.ours)}  |  {told(figure.baseline)}"
        if figure.baseline
        else (told(figure.ours))
    )
    return (
        f"{mark} {figure.name:<30} {figure.ratio:>7.2f} {sign} {figure.bound:<5g}"
        f" ({spread})  {sides}  [{seconds:.0f} s]"
    )


def told(side: Mapping[str, float]) -> str:
    return " ".join(f"{name}={value:g}" for name, value in side.items())


if __name__ == "__main__":
    sys.exit(main())
