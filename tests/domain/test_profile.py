"""What a provider takes, and when it is asked again."""

from dataclasses import replace

import pytest

from domain.money import Money
from domain.providers.network import Network
from domain.providers.profile import DAY_S, LADDER_S, Kind, Profile
from tests.builders import PHP, USD, php

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


MTN = Network("ZM", "260", ("96", "76"), 9)


@pytest.mark.parametrize("phone", ["+260966123456", "+260761234567"])
def test_a_network_knows_its_own_numbers(phone: str) -> None:
    assert replace(MAYA, networks=(MTN,)).asks(phone)


@pytest.mark.parametrize(
    "phone",
    [None, "+260977123456", "+26096612345", "+2609661234567", "+639171234567", "0966123456"],
)
def test_anothers_number_is_not_asked(phone: str | None) -> None:
    assert not replace(MAYA, networks=(MTN,)).asks(phone)


def test_who_needs_no_phone_asks_anybody() -> None:
    assert MAYA.asks(None)


def test_an_amount_off_the_step_is_named_with_it() -> None:
    whole = replace(MAYA, step=(Money(100, PHP),))
    assert whole.off_step(Money(150, PHP)) == Money(100, PHP)
    assert whole.off_step(Money(300, PHP)) is None
    assert whole.off_step(Money(150, USD)) is None
