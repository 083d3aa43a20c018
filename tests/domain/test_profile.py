"""What a provider takes, and when it is asked again."""

from domain.money import Money
from domain.providers.profile import DAY_S, LADDER_S, Kind, Profile
from tests.builders import USD, php

MAYA = Profile(
    code="maya",
    title="Maya",
    kind=Kind.WALLET,
    currencies=frozenset({"PHP"}),
    countries=frozenset({"PH"}),
    minimum=(php("1.00"),),
    maximum=(php("50000.00"),),
)


def test_the_ladder_is_climbed_then_it_is_asked_daily() -> None:
    asked = [MAYA.next_ask_s(times) for times in range(len(LADDER_S) + 2)]
    assert asked == [*LADDER_S, DAY_S, DAY_S]
    assert list(LADDER_S) == sorted(LADDER_S)


def test_the_bounds_are_taken() -> None:
    for amount in (php("1.00"), php("50000.00"), Money(1, USD), Money(10**15, USD)):
        assert MAYA.below_minimum(amount) is None
        assert MAYA.above_maximum(amount) is None


def test_beyond_the_bounds_the_bound_is_told() -> None:
    assert MAYA.below_minimum(php("0.99")) == php("1.00")
    assert MAYA.above_maximum(php("50000.01")) == php("50000.00")
