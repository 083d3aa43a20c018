"""Money is never lost, and never read as something else than was written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.currencies import currency
from domain.errors import Invalid
from domain.fees.schedule import Bearer, FeeSchedule
from domain.money import MOST_MINOR, Currency, Money
from tests.builders import PHP

currencies = st.sampled_from([currency(code) for code in ("JPY", "PHP", "KWD", "CLF")])  # 0 2 3 4
amounts = st.integers(0, MOST_MINOR)


@given(minor=amounts, known=currencies)
def test_what_was_written_is_read_back(minor: int, known: Currency) -> None:
    money = Money(minor, known)
    assert Money.parse(money.major, known) == money


@given(minor=st.integers(-MOST_MINOR, MOST_MINOR), known=currencies)
def test_the_decimals_are_exactly_the_currencys(minor: int, known: Currency) -> None:
    _, _, decimals = Money(minor, known).major.partition(".")
    assert len(decimals) == known.exponent
    assert int(Money(minor, known).major.replace(".", "")) == minor


digits = st.text("0123456789.,-+eE_ \n٣½", max_size=20)


@given(text=digits | st.text(max_size=12), known=currencies)
def test_only_a_plain_number_within_bounds_is_read(text: str, known: Currency) -> None:
    plain = re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,6})?", text)
    whole, _, decimals = text.partition(".")
    fits = plain is not None and len(decimals) <= known.exponent
    if fits and int(whole + decimals.ljust(known.exponent, "0")) <= MOST_MINOR:
        assert Money.parse(text, known).minor == int(whole + decimals.ljust(known.exponent, "0"))
    else:
        with pytest.raises(Invalid):
            Money.parse(text, known)


@given(minor=amounts, weights=st.lists(st.integers(0, 9999), min_size=1, max_size=9))
def test_splitting_loses_nothing(minor: int, weights: list[int]) -> None:
    """The parts sum to the whole, none is off by a whole unit, and no share means nothing."""
    weights[0] += 1  # not all zero
    parts = Money(minor, PHP).split(tuple(weights))
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert 0 <= part.minor - minor * weight // sum(weights) <= 1
        assert weight or not part.minor


@st.composite
def schedules(draw: st.DrawFn) -> FeeSchedule:
    floor = draw(st.integers(0, 10_000))
    return FeeSchedule(
        currency=PHP,
        rate_bps=draw(st.integers(0, 10_000)),
        fixed_minor=draw(st.integers(0, 10_000)),
        floor_minor=floor,
        cap_minor=draw(st.none() | st.integers(floor, 100_000)),
    )


@given(schedule=schedules(), minor=st.integers(0, 10**12))
def test_a_fee_is_the_percentage_rounded_half_up_once_then_held(
    schedule: FeeSchedule, minor: int
) -> None:
    fee = schedule.quote(Money(minor, PHP), Bearer.MERCHANT)
    doubled = 2 * 10_000 * fee.percentage_minor - 2 * minor * schedule.rate_bps
    assert -10_000 < doubled <= 10_000  # within half a centavo; exactly half goes up
    raw = fee.percentage_minor + schedule.fixed_minor
    highest = raw if schedule.cap_minor is None else schedule.cap_minor
    assert fee.minor == sorted((schedule.floor_minor, raw, max(highest, schedule.floor_minor)))[1]


@given(schedule=schedules(), minor=st.integers(0, 10**9), more=st.integers(0, 10**9))
def test_a_larger_payment_never_costs_less(schedule: FeeSchedule, minor: int, more: int) -> None:
    small, large = Money(minor, PHP), Money(minor + more, PHP)
    assert schedule.quote(small, Bearer.PAYER).minor <= schedule.quote(large, Bearer.PAYER).minor


@given(schedule=schedules(), minor=st.integers(1, 10**12), bearer=st.sampled_from(Bearer))
def test_what_is_charged_less_the_fee_is_what_the_merchant_receives(
    schedule: FeeSchedule, minor: int, bearer: Bearer
) -> None:
    due = Money(minor, PHP)
    fee = schedule.quote(due, bearer)
    assert fee.charged(due) - fee.amount == fee.net(due)
    assert due in (fee.charged(due), fee.net(due))
