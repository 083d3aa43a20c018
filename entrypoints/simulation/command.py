"""`cauri simulate`: prove the money, or show how it is lost."""

import sys
import time
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from domain.errors import Invalid
from entrypoints.simulation.campaign import Summary, campaign, plans
from entrypoints.simulation.cast import ALL, cast_of, named
from entrypoints.simulation.plan import FAULTS, Plan, Result
from entrypoints.simulation.shrink import shrink
from entrypoints.simulation.story import command, told

PAYMENTS: Final = 200
MOST_PAYMENTS: Final = 10_000_000


def perform(options: Mapping[str, Any]) -> int:
    """The exit status: 1 when a law broke. Raises Invalid."""
    seed, payments = _given(options, "seed", 1), _given(options, "payments", PAYMENTS)
    faults = str(options.get("faults") or "light")
    if not 1 <= payments <= MOST_PAYMENTS:
        raise Invalid(f"from 1 to {MOST_PAYMENTS}", "payments")
    if seed < 1:
        raise Invalid("must be 1 or more", "seed")
    if faults not in FAULTS:
        raise Invalid(f"one of: {', '.join(FAULTS)}", "faults")
    began = time.perf_counter()
    providers = named(str(options.get("providers") or ALL))
    sqlite = bool(options.get("sqlite"))
    runs = plans(seed, payments, faults, providers=providers, sqlite=sqlite)
    summary = campaign(runs, _Progress(payments))
    broken = summary.broken[0] if summary.broken else None
    if broken is not None and options.get("shrink"):
        print("a law broke; looking for the faults that matter …", file=sys.stderr)
        broken = shrink(*broken)
    seconds = time.perf_counter() - began
    tell = _json if options.get("json") else _text
    print(tell(summary, broken, seed, faults, seconds))
    return 1 if broken else 0


def _given(options: Mapping[str, Any], name: str, usual: int) -> int:
    found = options.get(name)
    return usual if found is None else int(found)


class _Progress:
    """One line on a terminal; nothing elsewhere."""

    def __init__(self, all_: int) -> None:
        self._all, self._on = all_, sys.stderr.isatty()

    def __call__(self, done: int) -> None:
        if self._on:
            end = "\n" if done >= self._all else ""
            print(f"\r{done} of {self._all} payments", end=end, file=sys.stderr, flush=True)


def _text(
    summary: Summary, broken: tuple[Plan, Result] | None, seed: int, faults: str, seconds: float
) -> str:
    if broken is not None:
        return told(*broken)
    last = seed + summary.runs - 1
    ends = ", ".join(f"{status} {many}" for status, many in sorted(summary.statuses.items()))
    return "\n".join((
        f"{summary.payments} payments in {summary.runs} runs, seeds {seed} to {last},"
        f" {faults} faults, {seconds:.1f} s",
        f"{summary.faults.total()} faults struck, {summary.kills} processes were killed,"
        f" {summary.surpluses} payers were about to pay twice and got it back",
        f"with {', '.join(sorted(summary.providers))}",
        ends,
        "No law was broken: every company's books and ours are one story.",
    ))  # fmt: skip


def _json(
    summary: Summary, broken: tuple[Plan, Result] | None, seed: int, faults: str, seconds: float
) -> str:
    found: dict[str, Any] = {
        "seed": seed,
        "payments": summary.payments,
        "runs": summary.runs,
        "faults": faults,
        "providers": sorted(summary.providers),
        "seconds": round(seconds, 3),
        "struck": dict(sorted(summary.faults.items())),
        "killed": summary.kills,
        "surpluses": summary.surpluses,
        "statuses": dict(sorted(summary.statuses.items())),
        "broken": None,
    }
    if broken is not None:
        plan, result = broken
        found["broken"] = {
            "law": result.law,
            "told": result.broken[0],
            "seed": plan.seed,
            "payments": plan.payments,
            "providers": sorted(cast_of(plan.providers, plan.seed)),
            "strikes": [one for one in result.fired if one not in plan.muted],
            "command": command(plan),
            "trace": result.trace[-200:],
        }
    return msgspec.json.encode(found).decode()
