"""Which provider takes a payment: the order of S1.02, and the least rounded fee."""

from dataclasses import replace

import pytest

from domain.errors import Invalid
from domain.fees.schedule import Bearer, FeeSchedule
from domain.money import Money
from domain.payments.routing import Candidate, Decision, Health, Obstacle, Snapshot, route
from domain.tenants.tenant import Policy, Strategy
from tests.builders import PHP, a_candidate, php

PRIORITY = Policy(Strategy.PRIORITY)


def decide(*candidates: Candidate, policy: Policy | None = None, **wishes: str | None) -> Decision:
    snapshot = Snapshot(candidates=candidates, policy=policy or Policy(), sticky="cus_42")
    return route(replace(snapshot, **wishes))  # type: ignore[arg-type]


def at(amount: Money, order: tuple[str, ...] = ("maya", "gcash")) -> Decision:
    pair = [a_candidate(code, amount) for code in ("gcash", "maya")]
    return decide(*pair, policy=Policy(order=order))


def test_the_method_named_in_the_request_comes_first() -> None:
    """S1.02 (1)"""
    decision = decide(
        a_candidate("maya"), a_candidate("gcash"), method="gcash", default_method="maya"
    )
    assert decision.order == ("gcash", "maya")
    assert decision.strategy == "preferred"


def test_the_customers_default_comes_next() -> None:
    """S1.02 (2)"""
    decision = decide(a_candidate("maya"), a_candidate("gcash"), default_method="gcash")
    assert decision.order == ("gcash", "maya")
    assert decision.strategy == "default"


def test_all_three_wishes_keep_their_order() -> None:
    """S1.02 (1), (2), (3)"""
    three = [a_candidate(code) for code in ("maya", "gcash", "cash")]
    policy = Policy(Strategy.PRIORITY, ("maya", "gcash", "cash"))
    decision = decide(*three, policy=policy, method="cash", default_method="gcash")
    assert decision.order == ("cash", "gcash", "maya")


def test_without_a_wish_the_policy_decides() -> None:
    """S1.02 (3), with the tenant's order"""
    assert decide(a_candidate("gcash"), a_candidate("maya"), policy=PRIORITY).order == (
        "maya",
        "gcash",
    )


@pytest.mark.parametrize("down", ["maya", "gcash"])
def test_when_one_is_down_the_other_is_taken(down: str) -> None:
    """S1.02 (4), S1.03: both directions"""
    able, other = a_candidate("gcash" if down == "maya" else "maya"), a_candidate(down)
    decision = decide(able, replace(other, obstacle=Obstacle.CIRCUIT_OPEN))
    assert decision.order == (able.provider,)


def test_when_all_are_down_nobody_is_chosen() -> None:
    """S1.02 (5)"""
    both = [replace(a_candidate(one), obstacle=Obstacle.SWITCHED_OFF) for one in ("maya", "gcash")]
    decision = decide(*both)
    assert (decision.order, decision.chosen, decision.reason) == (
        (),
        None,
        "no provider can take it",
    )


@pytest.mark.parametrize("obstacle", Obstacle)
def test_any_obstacle_excludes_even_the_one_asked_for(obstacle: Obstacle) -> None:
    decision = decide(
        replace(a_candidate("maya"), obstacle=obstacle), a_candidate("gcash"), method="maya"
    )
    assert decision.order == ("gcash",)
    assert decision.strategy == "least_cost"


def test_a_wish_for_a_provider_that_is_not_there_changes_nothing() -> None:
    assert decide(a_candidate("maya"), method="paypal", default_method="").chosen == "maya"


def test_small_payments_go_to_gcash_and_large_ones_to_maya() -> None:
    """S1.05: the unrounded fees meet at exactly PHP 500.00, so "Maya is cheaper" is wrong below."""
    for centavos in range(1, 49_929):
        if at(Money(centavos, PHP), ("maya", "gcash")).chosen != "gcash":
            pytest.fail(f"{centavos} centavos")
    for centavos in (*range(50_072, 60_000), 10_000_000):
        if at(Money(centavos, PHP), ("gcash", "maya")).chosen != "maya":
            pytest.fail(f"{centavos} centavos")


@pytest.mark.parametrize("amount", ["499.99", "500.00", "500.01"])
@pytest.mark.parametrize("order", [("maya", "gcash"), ("gcash", "maya")])
def test_equal_fees_go_by_the_tenants_order(amount: str, order: tuple[str, ...]) -> None:
    """A centavo beside the crossing both fees are still 27.50: what is compared is rounded."""
    decision = at(php(amount), order)
    assert {one.fee.amount for one in decision.snapshot.candidates if one.fee} == {php("27.50")}
    assert decision.order == order
    assert "equal lowest fee" in decision.reason


def test_a_provider_whose_price_nobody_told_is_no_bargain() -> None:
    """Its fee counts as nothing: by that alone it would win every time."""
    free = FeeSchedule(currency=PHP).quote(php("1500.00"), Bearer.MERCHANT)
    unknown = a_candidate("mtn_momo", fee=free, priced=False)
    decision = route(Snapshot(candidates=(unknown, a_candidate("gcash")), policy=Policy()))
    assert decision.order == ("gcash", "mtn_momo")
    assert decision.reason == "lowest fee of 1 available"


def test_what_people_have_at_home_comes_before_a_known_price_of_what_is_everywhere() -> None:
    free = FeeSchedule(currency=PHP).quote(php("1500.00"), Bearer.MERCHANT)
    home = [a_candidate(code, fee=free, priced=False) for code in ("mtn_momo", "airtel_money")]
    card = a_candidate("stripe", local=False)
    decision = decide(card, *home)
    assert decision.order == ("airtel_money", "mtn_momo", "stripe")
    assert decision.reason == "no local price is known; first in the tenant's order"
    told = decide(card, a_candidate("gcash"))  # a plain comparison, once all prices are known
    assert (
        told.order[0]
        == min(
            (card, a_candidate("gcash")), key=lambda one: one.fee.minor if one.fee else 0
        ).provider
    )


def test_around_the_crossing_every_centavo_goes_to_the_least_rounded_fee() -> None:
    for centavos in range(49_900, 50_101):
        decision = at(Money(centavos, PHP), ("gcash", "maya"))
        fees = {one.provider: one.fee.minor for one in decision.snapshot.candidates if one.fee}
        least = "maya" if fees["maya"] < fees["gcash"] else "gcash"
        assert decision.chosen == least, centavos


def test_providers_the_tenant_did_not_order_come_last_by_name() -> None:
    codes = ("zed", "abc", "gcash", "maya")
    decision = decide(*(a_candidate(code) for code in codes), policy=PRIORITY)
    assert decision.order == ("maya", "gcash", "abc", "zed")


def healthy(code: str, successes: int, finished: int) -> Candidate:
    return a_candidate(code, health=Health(successes=successes, finished=finished))


def test_the_best_success_rate_comes_first() -> None:
    policy = Policy(Strategy.SUCCESS_RATE)
    decision = decide(healthy("maya", 90, 100), healthy("gcash", 95, 100), policy=policy)
    assert decision.order == ("gcash", "maya")


def test_too_small_a_sample_says_nothing() -> None:
    policy = Policy(Strategy.SUCCESS_RATE, minimum_sample=50)
    assert decide(healthy("maya", 0, 49), healthy("gcash", 50, 50), policy=policy).chosen == "maya"
    assert (
        decide(healthy("maya", 49, 50), healthy("gcash", 50, 50), policy=policy).chosen == "gcash"
    )


def test_equal_success_rates_go_by_the_tenants_order() -> None:
    policy = Policy(Strategy.SUCCESS_RATE)
    assert (
        decide(healthy("gcash", 190, 200), healthy("maya", 95, 100), policy=policy).chosen == "maya"
    )


def test_the_side_of_a_split_that_cannot_take_it_leaves_it_to_the_other() -> None:
    policy = Policy(Strategy.SPLIT, split={"gcash": 100})
    down = replace(a_candidate("gcash"), obstacle=Obstacle.CIRCUIT_OPEN)
    decision = decide(a_candidate("maya"), down, policy=policy)
    assert decision.chosen == "maya"
    assert "can't take its share" in decision.reason


@pytest.mark.parametrize(
    "split", [{"maya": 50}, {"maya": 101, "gcash": -1}, {"maya": 50, "gcash": 51}]
)
def test_the_shares_of_a_split_add_up_to_a_hundred(split: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        Policy(Strategy.SPLIT, split=split)


def test_the_decision_keeps_what_it_rests_on() -> None:
    decision = decide(a_candidate("maya"), replace(a_candidate("gcash"), obstacle=Obstacle.COUNTRY))
    assert decision.candidate("gcash").obstacle is Obstacle.COUNTRY
    assert route(decision.snapshot) == decision
