"""What a payment earns, by the tenant's rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.currencies import CURRENCIES, POINTS, UNITS, currency, unit
from domain.errors import Invalid
from domain.money import MOST_MINOR, Money
from domain.tenants.reward_rule import MOST_AWARD, MOST_RULES, RewardRule
from tests.builders import JPY, KWD, PHP, USD, a_tenant, php

ONE_PER_TEN = RewardRule(php("10.00"), Money(1, POINTS))
MONEYS = [currency(code) for code in ("PHP", "JPY", "KWD", "CLF")]
amounts = st.builds(Money, st.integers(1, MOST_MINOR), st.sampled_from(MONEYS))
awards = st.builds(Money, st.integers(1, MOST_AWARD), st.sampled_from([POINTS, *MONEYS]))
rules = st.builds(RewardRule, amounts, awards)


@pytest.mark.parametrize(
    ("paid", "points"),
    [("1500.00", 150), ("9.99", 0), ("10.00", 1), ("19.99", 1), ("20.00", 2), ("0.00", 0)],
)
def test_each_full_ten_pesos_earn_a_point(paid: str, points: int) -> None:
    assert ONE_PER_TEN.earned(php(paid)) == Money(points, POINTS)


def test_what_is_paid_in_another_currency_earns_nothing() -> None:
    assert ONE_PER_TEN.earned(Money(10**9, USD)) == Money(0, POINTS)


def test_an_award_may_be_money() -> None:
    rule = RewardRule.parse("1.50 PHP per 100 PHP")
    assert rule.earned(php("250.00")) == php("3.00")


def test_what_is_earned_stays_within_what_can_be_handled() -> None:
    rule = RewardRule(php("0.01"), Money(MOST_AWARD, POINTS))
    assert rule.earned(Money(MOST_MINOR, PHP)).minor == MOST_MINOR


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("1 point per 10 PHP", ONE_PER_TEN),
        ("  1  points per 10.00 PHP ", ONE_PER_TEN),
        ("2 points per 500 JPY", RewardRule(Money(500, JPY), Money(2, POINTS))),
        ("0.005 KWD per 1 USD", RewardRule(Money(100, USD), Money(5, KWD))),
    ],
)
def test_a_rule_is_read_from_words(text: str, rule: RewardRule) -> None:
    assert RewardRule.parse(text) == rule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 point",
        "1 point for 10 PHP",
        "one point per 10 PHP",
        "1.5 points per 10 PHP",
        "0 points per 10 PHP",
        "-1 points per 10 PHP",
        "1 point per 0 PHP",
        "1 point per 10.005 PHP",
        "1 point per 10 PTS",
        "1 PTS per 10 PHP",
        "1 point per 10 QQQ",
        "1 point per 1e3 PHP",
        "1000000001 points per 10 PHP",
        "1 point per 10 PHP per day",
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        RewardRule.parse(text)
    assert refused.value.field == "reward"


def test_a_refusal_says_how_a_rule_is_written() -> None:
    with pytest.raises(Invalid, match='like "1 point per 10 PHP"'):
        RewardRule.parse("points!")


@given(rule=rules)
def test_a_rule_is_read_back_from_its_own_words(rule: RewardRule) -> None:
    assert RewardRule.parse(rule.words) == rule


@given(rule=rules, minor=st.integers(0, MOST_MINOR), back=st.integers(0, MOST_MINOR))
def test_who_keeps_less_has_earned_no_more(rule: RewardRule, minor: int, back: int) -> None:
    paid = Money(max(minor, back), rule.per.currency)
    left = Money(paid.minor - min(minor, back), rule.per.currency)
    assert 0 <= rule.earned(left).minor <= rule.earned(paid).minor


@given(rule=rules, minor=st.integers(0, 10**9))
def test_no_more_is_earned_than_the_rule_says(rule: RewardRule, minor: int) -> None:
    """In whole numbers: earned / award <= paid / per < earned / award + 1."""
    earned = rule.earned(Money(minor, rule.per.currency)).minor
    if earned < MOST_MINOR:
        times, rest = divmod(earned, rule.award.minor)
        assert rest == 0
        assert times * rule.per.minor <= minor < (times + 1) * rule.per.minor


def test_points_are_no_currency_that_can_be_paid_in() -> None:
    assert POINTS.code not in CURRENCIES
    assert unit("PTS") == POINTS == UNITS["PTS"]
    with pytest.raises(Invalid):
        currency("PTS")
    with pytest.raises(Invalid) as refused:
        unit("PTX")
    assert refused.value.field == "unit"


def test_a_tenant_has_one_rule_for_each_currency() -> None:
    dollars = RewardRule(Money(100, USD), Money(1, POINTS))
    tenant = a_tenant(rewards=(ONE_PER_TEN, dollars))
    assert tenant.reward_for(php("10.00")) == ONE_PER_TEN
    assert tenant.reward_for(Money(100, USD)) == dollars
    assert tenant.reward_for(Money(100, JPY)) is None
    assert tenant.reward_for(php("9.99")) is None  # it would earn nothing
    with pytest.raises(Invalid):
        a_tenant(rewards=(ONE_PER_TEN, RewardRule(php("1.00"), Money(1, POINTS))))


def test_a_tenant_has_so_many_rules_at_most() -> None:
    many = [
        RewardRule(Money(1, one), Money(1, POINTS))
        for one in list(CURRENCIES.values())[: MOST_RULES + 1]
    ]
    a_tenant(rewards=tuple(many[:MOST_RULES]))
    with pytest.raises(Invalid):
        a_tenant(rewards=tuple(many))


def test_a_tenant_rewards_nothing_by_default() -> None:
    assert a_tenant().rewards == ()
