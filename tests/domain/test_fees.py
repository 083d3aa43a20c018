"""What a payment costs: the table of S1.05, to the centavo."""

from dataclasses import replace

import pytest

from domain.errors import Invalid
from domain.fees.schedule import Bearer, FeeSchedule, schedule_for
from domain.money import Money
from tests.builders import CASH_FEES, GCASH_FEES, MAYA_FEES, NOW, PHP, USD, later, php


@pytest.mark.parametrize(
    ("schedule", "amount", "fee"),
    [
        (MAYA_FEES, "1500.00", "52.50"),  # 2.5 % + 15.00
        (MAYA_FEES, "100.00", "17.50"),
        (MAYA_FEES, "100000.00", "2515.00"),
        (MAYA_FEES, "0.01", "15.00"),
        (GCASH_FEES, "1500.00", "62.50"),  # 3.5 % + 10.00
        (GCASH_FEES, "100.00", "13.50"),
        (GCASH_FEES, "100000.00", "3510.00"),
        (CASH_FEES, "1500.00", "0.00"),
        (CASH_FEES, "100000.00", "0.00"),
    ],
)
def test_the_fee_table_is_exact(schedule: FeeSchedule, amount: str, fee: str) -> None:
    assert schedule.quote(php(amount), Bearer.MERCHANT).amount == php(fee)


def test_the_parts_of_a_fee_are_told() -> None:
    fee = MAYA_FEES.quote(php("1500.00"), Bearer.MERCHANT)
    assert (fee.rate_bps, fee.percentage_minor, fee.fixed_minor, fee.minor) == (
        250,
        3750,
        1500,
        5250,
    )


@pytest.mark.parametrize(("minor", "percentage"), [(19, 0), (20, 1), (59, 1), (60, 2), (100, 3)])
def test_half_a_centavo_is_rounded_up(minor: int, percentage: int) -> None:
    """2.5 % of 0.20 is half a centavo."""
    assert MAYA_FEES.quote(Money(minor, PHP), Bearer.MERCHANT).percentage_minor == percentage


def test_a_fee_stays_between_floor_and_cap() -> None:
    held = replace(MAYA_FEES, floor_minor=2000, cap_minor=5000)
    told = {
        text: held.quote(php(text), Bearer.MERCHANT).minor for text in ("1.00", "600.00", "9999.00")
    }
    assert told == {"1.00": 2000, "600.00": 3000, "9999.00": 5000}


def test_the_merchant_receives_less_when_it_bears_the_fee() -> None:
    due = php("1500.00")
    fee = MAYA_FEES.quote(due, Bearer.MERCHANT)
    assert (fee.charged(due), fee.net(due)) == (due, php("1447.50"))


def test_the_payer_is_charged_more_when_it_bears_the_fee() -> None:
    due = php("1500.00")
    fee = MAYA_FEES.quote(due, Bearer.PAYER)
    assert (fee.charged(due), fee.net(due)) == (php("1552.50"), due)


def test_a_schedule_is_for_one_currency() -> None:
    with pytest.raises(Invalid):
        MAYA_FEES.quote(Money(100, USD), Bearer.MERCHANT)


def test_a_schedule_holds_from_its_first_instant_until_before_its_last() -> None:
    spring = replace(MAYA_FEES, valid_from=NOW, valid_until=later(60))
    holds = [spring.holds(PHP, later(second)) for second in (-0.000001, 0, 59.999999, 60)]
    assert holds == [False, True, True, False]
    assert not spring.holds(USD, NOW)


def test_the_first_schedule_that_holds_is_taken() -> None:
    over, own = replace(MAYA_FEES, rate_bps=1, valid_until=NOW), replace(MAYA_FEES, rate_bps=2)
    assert schedule_for((over, own, MAYA_FEES), PHP, NOW) == own
    assert schedule_for((over,), PHP, NOW) is None
    assert schedule_for((), PHP, NOW) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate_bps": -1},
        {"rate_bps": 10_001},
        {"fixed_minor": -1},
        {"floor_minor": -1},
        {"floor_minor": 2, "cap_minor": 1},
    ],
)
def test_a_price_list_that_makes_no_sense_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        FeeSchedule(currency=PHP, **wrong)  # type: ignore[arg-type]
