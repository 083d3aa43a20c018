"""Each figure's code, for an instant."""

from collections.abc import Iterator

import pytest

from entrypoints.bench.__main__ import FIGURES, row
from entrypoints.bench.figure import INSTANT, Figure, Sample, against, compared
from entrypoints.bench.lab import Lab, NoPostgres
from tests.postgres import binaries

PARAMETERS = [
    pytest.param(name, marks=pytest.mark.postgres) if "postgres" in name else name
    for name in FIGURES
]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(INSTANT) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("name", PARAMETERS)
def test_a_figure_is_measured(lab: Lab, name: str) -> None:
    if "postgres" in name and binaries() is None:
        pytest.skip(NoPostgres.__doc__ or "")
    figure = FIGURES[name](lab)
    assert figure.name == name
    assert figure.ratio > 0
    assert name in row(figure, 0.0)


def samples(*rates: float) -> Iterator[Sample]:
    yield from (Sample(rate=rate, cpu_us=1000 / rate) for rate in rates)


def a_comparison(ours: tuple[float, ...], baseline: tuple[float, ...], **more: str) -> Figure:
    left, right = samples(*ours), samples(*baseline)
    effort = INSTANT.__class__(rounds=len(ours), seconds=0, warm_s=0, starts=1)
    by = {"by": more["by"]} if more else {}
    return compared("x", lambda: next(left), lambda: next(right), effort, 0.5, "", **by)  # type: ignore[arg-type]


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    figure = a_comparison((10, 50, 90), (100, 100, 100))
    assert (figure.ratio, figure.ok, figure.better) == (0.5, True, "higher")
    assert figure.rounds == [0.1, 0.5, 0.9]
    assert figure.ours["rate"] == 50


def test_a_machine_that_slows_down_slows_both_sides() -> None:
    assert a_comparison((100, 10), (100, 10)).ratio == 1


def test_a_cost_must_stay_below_its_bound() -> None:
    figure = a_comparison((100, 100, 100), (10, 10, 10), by="cpu_us")
    assert (figure.ratio, figure.ok, figure.better) == (0.1, True, "lower")
    assert not against("x", [3.0], 2.0, {}, "").ok
    assert against("x", [1.0, 2.0, 3.0], 2.0, {}, "").ok
