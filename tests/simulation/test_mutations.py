"""Each law taken out is missed: what could break without anybody noticing is not proven."""

from dataclasses import replace

import pytest

from entrypoints.simulation.plan import FAULTS, Plan
from entrypoints.simulation.run import simulate
from tests.simulation.mutants import MUTANTS

MOST_RUNS = 40


@pytest.mark.parametrize("name", MUTANTS)
def test_a_law_taken_out_is_missed(name: str) -> None:
    with MUTANTS[name]():
        found = any(simulate(Plan(seed, rates=FAULTS["heavy"])).broken for seed in range(MOST_RUNS))
    assert found, f"{MOST_RUNS} runs did not notice: {name}"


def test_the_runs_that_miss_a_law_hold_with_it() -> None:
    """What was found was the mutation, and no bug of ours."""
    for seed in range(4):
        assert simulate(Plan(seed, rates=FAULTS["heavy"])).broken == ()


def test_some_laws_are_seen_at_the_companys_door_only() -> None:
    """At the end a double charge has been given back: nobody would know that there was one."""
    with MUTANTS["a timer turns Unknown into failed"]():
        runs = [Plan(seed, rates=FAULTS["heavy"]) for seed in range(6)]
        at_once = [bool(simulate(plan).broken) for plan in runs]
        in_the_end = [bool(simulate(replace(plan, always=False)).broken) for plan in runs]
    assert sum(at_once) > sum(in_the_end)
