"""Amounts, times and references to noebs and EBS, and back."""

from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.scenery import answered
from adapters.providers.ebs import wire
from adapters.providers.ebs.scene import NOON, a_charge, a_config
from domain.currencies import currency
from domain.money import Money
from domain.payments.outcome import Succeeded

MONIES = st.integers(1, 10**12).map(lambda pounds: Money(pounds * 100, currency("SDG")))
TIMES = st.integers(0, 40 * 365 * 86_400).map(lambda seconds: NOON + timedelta(seconds=seconds))


@given(MONIES)
def test_an_amount_is_an_integer_in_pounds_and_comes_back_exactly(amount: Money) -> None:
    body = wire.token(a_charge(amount.major), a_config())
    assert body["amount"] * 100 == amount.minor
    said = wire.outcome(wire.Token("u1", is_paid=True, amount=body["amount"]))
    assert isinstance(said, Succeeded)
    assert said.amount == amount
    told = {"responseCode": 0, "UUID": "t1", "tranAmount": body["amount"]}
    at_ebs = wire.explained(answered(200, {"ebs_response": told}), wire.Try(617, "t1"))
    assert isinstance(at_ebs, Succeeded)
    assert at_ebs.amount == amount


@given(TIMES, st.sampled_from(sorted(wire.FORMATS)))
def test_a_time_is_twelve_digits_and_reads_back_in_its_own_format(at: datetime, how: str) -> None:
    text = wire.stamp(at, a_config(date_format=how))
    assert len(text) == 12
    assert text.isdigit()
    read = datetime.strptime(text, wire.FORMATS[how]).replace(tzinfo=wire.KHARTOUM)
    assert read == at.replace(microsecond=0)


@given(st.lists(st.text(max_size=60), min_size=2, max_size=30, unique=True))
def test_names_of_queries_are_uuids_of_version_4_and_never_the_same(texts: list[str]) -> None:
    names = [wire.name(one) for one in texts]
    assert len(set(names)) == len(texts)
    assert {UUID(one).version for one in names} == {4}
