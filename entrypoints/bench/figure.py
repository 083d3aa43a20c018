"""What is measured, and how two sides become one ratio."""

import gc
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, Literal

import msgspec

Better = Literal["higher", "lower"]
MICRO = 1_000_000


class Effort(msgspec.Struct, frozen=True):
    """How long to measure: `rounds` of `seconds` on each side, after `warm_s` without counting."""

    rounds: int
    seconds: float
    warm_s: float
    starts: int  # times a process is started


FULL = Effort(rounds=9, seconds=0.8, warm_s=0.3, starts=5)
QUICK = Effort(rounds=4, seconds=0.25, warm_s=0.15, starts=2)
INSTANT = Effort(rounds=1, seconds=0.03, warm_s=0.02, starts=1)  # only whether it runs


class Sample(msgspec.Struct, frozen=True):
    """One side in one round. `cpu_us` is CPU time of the process that serves, a piece of work."""

    rate: float  # a second
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_us: float | None = None
    rss_mb: float | None = None


Measure = Callable[[], Sample]


class Figure(msgspec.Struct, frozen=True):
    """A line of the result. With `better` lower, the ratio must not exceed the bound."""

    name: str
    ratio: float
    bound: float
    ok: bool
    better: Better
    ours: Mapping[str, Any]
    baseline: Mapping[str, Any] = {}
    rounds: Sequence[float] = ()  # the ratio of each: how noisy it was
    notes: str = ""


def compared(
    name: str,
    ours: Measure,
    baseline: Measure,
    effort: Effort,
    bound: float,
    notes: str,
    *,
    by: Literal["rate", "p50_ms", "cpu_us"] = "rate",
) -> Figure:
    """Rounds alternate, and so does who begins; the ratio is the median of the rounds' ratios, so
    that a machine which slows down half way slows both sides of it."""
    left: list[Sample] = []
    right: list[Sample] = []
    for number in range(effort.rounds):
        pair: list[tuple[Measure, list[Sample]]] = [(ours, left), (baseline, right)]
        for measure, samples in pair if number % 2 == 0 else reversed(pair):
            gc.collect()
            samples.append(measure())
    ratios = [getattr(a, by) / getattr(b, by) for a, b in zip(left, right, strict=True)]
    better: Better = "higher" if by == "rate" else "lower"
    return judged(name, ratios, bound, middle(left), notes, better=better, baseline=middle(right))


def judged(
    name: str,
    ratios: Sequence[float],
    bound: float,
    ours: Mapping[str, Any],
    notes: str,
    *,
    better: Better,
    baseline: Mapping[str, Any] | None = None,
) -> Figure:
    """The median of the ratios against the bound."""
    ratio = round(median(ratios), 3)
    return Figure(
        name=name,
        ratio=ratio,
        bound=bound,
        ok=ratio >= bound if better == "higher" else ratio <= bound,
        better=better,
        ours=ours,
        baseline=baseline or {},
        rounds=[round(one, 3) for one in ratios],
        notes=notes,
    )


def against(
    name: str, measured: Sequence[float], limit: float, ours: Mapping[str, Any], notes: str
) -> Figure:
    """A cost that must stay below a limit of its own unit: the bound of the ratio is 1."""
    return judged(name, [one / limit for one in measured], 1.0, ours, notes, better="lower")


def middle(samples: Sequence[Sample]) -> dict[str, float]:
    """The median of each field that was measured."""
    found: dict[str, float] = {}
    for field in Sample.__struct_fields__:
        known = [value for one in samples if (value := getattr(one, field)) is not None]
        if known:
            found[field] = round(median(known), 3)
    return found


def at(sorted_values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies."""
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]
