"""Deadlines are whole seconds within bounds, and what is written of them is read strictly."""

import pytest

from domain.errors import Invalid
from domain.providers.deadlines import (
    LONGEST_S,
    OPERATIONS,
    Deadlines,
    deadlines_by_provider,
    deadlines_of,
)


def test_what_is_not_named_stays_as_it_is() -> None:
    changed = Deadlines().changed({"charge": 7, "connect": 1})
    assert (changed.charge_s, changed.connect_s) == (7, 1)
    assert changed.query_s == Deadlines().query_s


@pytest.mark.parametrize("seconds", [0, -1, LONGEST_S + 1])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_they_are_within_bounds(operation: str, seconds: int) -> None:
    with pytest.raises(Invalid, match=operation):
        Deadlines().changed({operation: seconds})


def test_they_are_written_as_people_say_them() -> None:
    assert deadlines_of(["charge=15", " query = 5 "]) == {"charge": 15, "query": 5}
    assert deadlines_by_provider("") == {}
    assert deadlines_by_provider("charge=15, maya.query=5,maya.connect=2") == {
        "": {"charge": 15},
        "maya": {"query": 5, "connect": 2},
    }


@pytest.mark.parametrize(
    "text", ["charge", "charge=", "charge=x", "charge=1.5", "=5", "fly=5", "charge=-1", "charge=²"]
)
def test_nonsense_is_told_with_what_there_is(text: str) -> None:
    with pytest.raises(Invalid, match=r"must be like charge=15; there is connect, prepare, charge"):
        deadlines_by_provider(text)


def test_one_operation_has_one_deadline() -> None:
    with pytest.raises(Invalid, match="twice"):
        deadlines_by_provider("charge=5,charge=6")
    assert deadlines_by_provider("charge=5,maya.charge=6") == {
        "": {"charge": 5},
        "maya": {"charge": 6},
    }


def test_what_is_too_long_is_refused_when_it_is_read() -> None:
    with pytest.raises(Invalid, match="1 to 30 seconds"):
        deadlines_by_provider("maya.charge=31")
