"""A copy with other values is what the standard library's is."""

import dataclasses

import pytest

from domain.currencies import currency
from domain.errors import Invalid
from domain.fees.schedule import FeeSchedule
from domain.payments.outcome import Pending
from domain.values import replace
from tests.builders import a_payment, php


def test_it_is_the_standard_librarys_copy() -> None:
    payment = a_payment()
    for changes in ({}, {"version": 7}, {"attempts": (), "reserved_minor": 3}):
        assert replace(payment, **changes) == dataclasses.replace(payment, **changes)
    assert payment == a_payment()


def test_the_class_has_its_say() -> None:
    free = FeeSchedule(currency=currency("PHP"))
    with pytest.raises(Invalid):
        replace(free, fixed_minor=-1)


def test_what_is_no_field_or_no_dataclass_is_refused() -> None:
    with pytest.raises(TypeError):
        replace(Pending(), nobody=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="no dataclass"):
        replace("text")  # type: ignore[type-var]
    assert replace(php("1.00"), minor=5).minor == 5
