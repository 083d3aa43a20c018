"""How many calls to one endpoint are under way, and when the others come again."""

from datetime import timedelta
from itertools import pairwise

from application.webhooks.gate import CALLS, LANES, Gate
from domain.ids import EndpointId
from tests.builders import NOW, later

A, B = EndpointId("whk_a"), EndpointId("whk_b")


def full() -> Gate:
    gate = Gate()
    assert [gate.enter(A, NOW) for _ in range(CALLS)] == [None] * CALLS
    return gate


def test_so_many_go_on_and_the_next_come_one_after_another() -> None:
    gate = full()
    turns = [gate.enter(A, NOW) for _ in range(5)]
    assert all(turn is not None and turn > NOW for turn in turns)
    assert all(one < other for one, other in pairwise(turn for turn in turns if turn))


def test_another_endpoint_is_not_held_up() -> None:
    assert full().enter(B, NOW) is None


def test_a_call_that_ends_lets_the_next_in() -> None:
    gate = full()
    gate.leave(A, 20)
    assert gate.enter(A, NOW) is None
    assert gate.enter(A, NOW) is not None


def test_turns_come_as_fast_as_calls_end_within_bounds() -> None:
    for ms, pace_ms in ((0, 5), (400, 100), (15_000, 250)):
        gate = full()
        gate.leave(A, ms)
        gate.enter(A, NOW)
        first, second = gate.enter(A, NOW), gate.enter(A, NOW)
        assert first is not None
        assert second is not None
        assert second - first == timedelta(milliseconds=pace_ms)


def test_who_asks_for_patience_gets_it() -> None:
    gate = Gate()
    assert gate.enter(A, NOW) is None
    gate.leave(A, 5)
    gate.pause(A, later(60))
    gate.pause(A, later(30))
    turn = gate.enter(A, later(59))
    assert turn is not None
    assert turn >= later(60)
    assert gate.enter(A, later(60)) is None


def test_idle_endpoints_are_forgotten() -> None:
    gate = full()
    for number in range(2 * LANES):
        other = EndpointId(f"whk_{number}")
        assert gate.enter(other, NOW) is None
        gate.leave(other, 5)
    assert len(gate.lanes) <= LANES + 1
    assert gate.enter(A, NOW) is not None, "not those with calls under way"
