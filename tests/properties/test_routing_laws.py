"""A decision is a pure function of its snapshot."""

from collections import Counter
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.payments.routing import Candidate, Health, Obstacle, Snapshot, route
from domain.tenants.tenant import Policy, Strategy
from tests.builders import a_candidate, php

CODES = ("maya", "gcash", "cash", "stripe", "mtn-momo")
codes = st.sampled_from(CODES)


@st.composite
def candidates(draw: st.DrawFn) -> tuple[Candidate, ...]:
    chosen = draw(st.lists(codes, unique=True, max_size=5))
    amount = php(str(draw(st.integers(1, 2000))))
    return tuple(
        a_candidate(
            code,
            amount,
            obstacle=draw(st.none() | st.sampled_from(Obstacle)),
            health=Health(successes=draw(st.integers(0, 50)), finished=draw(st.integers(50, 99))),
        )
        for code in chosen
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    share = draw(st.integers(0, 100))
    return Policy(
        strategy=draw(st.sampled_from(Strategy)),
        order=tuple(draw(st.lists(codes, unique=True))),
        split={"maya": share, "gcash": 100 - share},
        minimum_sample=draw(st.integers(1, 99)),
    )


snapshots = st.builds(
    Snapshot,
    candidates=candidates(),
    policy=policies(),
    method=st.none() | codes,
    default_method=st.none() | codes,
    sticky=st.text(max_size=8),
)


@given(snapshot=snapshots)
def test_a_decision_can_be_replayed(snapshot: Snapshot) -> None:
    decision = route(snapshot)
    assert route(replace(snapshot)) == decision == route(decision.snapshot)


@given(snapshot=snapshots)
def test_exactly_those_without_an_obstacle_are_tried_each_once(snapshot: Snapshot) -> None:
    able = sorted(one.provider for one in snapshot.candidates if one.obstacle is None)
    assert sorted(route(snapshot).order) == able


@given(snapshot=snapshots, mixed=st.randoms(use_true_random=False))
def test_the_order_in_which_accounts_were_read_means_nothing(
    snapshot: Snapshot, mixed: Random
) -> None:
    shuffled = list(snapshot.candidates)
    mixed.shuffle(shuffled)
    assert route(replace(snapshot, candidates=tuple(shuffled))).order == route(snapshot).order


@given(snapshot=snapshots)
def test_preferred_comes_before_default_and_default_before_the_policy(snapshot: Snapshot) -> None:
    order = list(route(snapshot).order)
    wishes = [one for one in (snapshot.method, snapshot.default_method) if one in order]
    wanted = list(dict.fromkeys(wishes))
    assert order[: len(wanted)] == wanted
    plain = route(replace(snapshot, method=None, default_method=None)).order
    assert order[len(wanted) :] == [one for one in plain if one not in wanted]


@given(snapshot=snapshots)
def test_without_wishes_least_cost_never_picks_the_dearer(snapshot: Snapshot) -> None:
    policy = replace(snapshot.policy, strategy=Strategy.LEAST_COST)
    decision = route(replace(snapshot, policy=policy, method=None, default_method=None))
    fees = [one.fee.minor for code in decision.order if (one := decision.candidate(code)).fee]
    assert fees == sorted(fees)


@given(share=st.integers(0, 100), who=st.text(max_size=20))
def test_a_split_is_sticky(share: int, who: str) -> None:
    policy = Policy(Strategy.SPLIT, split={"maya": share, "gcash": 100 - share})
    both = (a_candidate("maya"), a_candidate("gcash"))
    first = route(Snapshot(candidates=both, policy=policy, sticky=who))
    later = route(Snapshot(candidates=both[::-1], policy=policy, sticky=who))
    assert first.order == later.order
    assert share or first.chosen == "gcash"
    assert share < 100 or first.chosen == "maya"


def test_a_split_keeps_its_proportions() -> None:
    policy = Policy(Strategy.SPLIT, split={"maya": 70, "gcash": 30})
    both = (a_candidate("maya"), a_candidate("gcash"))
    sides = Counter(
        route(Snapshot(candidates=both, policy=policy, sticky=f"cus_{number}")).chosen
        for number in range(5000)
    )
    assert 0.68 < sides["maya"] / 5000 < 0.72  # three standard deviations
