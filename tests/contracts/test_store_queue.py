"""What the group committer promises whoever waits: turns, bounds, cancelling, closing."""

import asyncio
from typing import Final

import pytest

from adapters.sql import group as group_module
from adapters.sql.counters import Counters
from adapters.sql.group import GroupCommitter
from adapters.sql.writes import WriteSet
from domain.errors import CommitUnknown, Overloaded, StaleVersion, Unavailable
from tests import sql_store_world as w
from tests.sql_store_world import ACME, OTHER, World, event, first, moved

pytestmark = pytest.mark.anyio
world = w.world
sqlite = w.sqlite
GOOD: Final = type(None)


async def test_a_cancelled_caller_takes_its_waiting_unit_back(world: World) -> None:
    holder = await world.hold(first("p0"))
    waiting = asyncio.create_task(world.committer.commit(first("p1")))
    other = asyncio.create_task(world.committer.commit(first("p2")))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    holder.cancel()  # being written: the outcome is decided without the caller
    world.gate.open.set()
    await other
    assert [bool(await world.payment(f"p{n}")) for n in range(3)] == [True, False, True]


async def test_closing_writes_what_waits_and_refuses_the_rest(world: World) -> None:
    holder = await world.hold(first("p"))
    tasks = [asyncio.create_task(world.committer.commit(first(f"p{n}"))) for n in range(100)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(world.committer.close(timeout_s=5))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await world.committer.commit(first("late"))
    world.gate.open.set()
    await asyncio.gather(closing, holder, *tasks)
    assert await world.payment("p99")
    assert not await world.payment("late")


async def test_closing_out_of_time_refuses_those_that_wait(world: World) -> None:
    holder = await world.hold(first("p"))
    tasks = [asyncio.create_task(world.committer.commit(first(f"p{n}"))) for n in range(100)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(world.committer.close(timeout_s=0))
    refused = await asyncio.gather(*tasks, return_exceptions=True)
    world.gate.open.set()
    await asyncio.gather(closing, holder)
    assert {type(each) for each in refused} == {Unavailable}
    assert [bool(await world.payment(f"p{n}")) for n in range(100)] == [False] * 100
    assert await world.payment("p")


async def test_closing_a_committer_that_never_ran_ends() -> None:
    class Nothing(w.Gate):
        def __init__(self) -> None:
            self.counters = Counters()

    committer = GroupCommitter(Nothing())
    waiting = asyncio.create_task(committer.commit(event()))
    await asyncio.sleep(0)
    await committer.close(timeout_s=5)
    with pytest.raises(Unavailable):
        await waiting


async def test_a_full_share_refuses_and_tenants_take_turns(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_module, "SHARE", 20)
    monkeypatch.setattr(group_module, "GROUP", 8)
    holder = await world.hold(first("p"))
    greedy = [asyncio.create_task(world.committer.commit(first(f"g{n}"))) for n in range(30)]
    await asyncio.sleep(0)
    small = asyncio.create_task(world.committer.commit(first("s", tenant=OTHER)))
    await asyncio.sleep(0)
    world.gate.open.set()
    answers = await asyncio.gather(*greedy, small, holder, return_exceptions=True)
    assert [type(each) for each in answers] == [GOOD] * 20 + [Overloaded] * 10 + [GOOD] * 2
    assert OTHER in world.gate.groups[1], "served in the very next group"
    assert world.gate.counters.refused == 10


async def test_a_newcomer_to_a_full_queue_is_refused_and_harms_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_module, "QUEUE", 5)
    holder = await world.hold(first("p"))
    waiting = [asyncio.create_task(world.committer.commit(first(f"p{n}"))) for n in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await world.committer.commit(first("q", tenant=OTHER))
    world.gate.open.set()
    await asyncio.gather(holder, *waiting)
    await world.committer.commit(first("q", tenant=OTHER))


async def test_a_bug_in_the_store_is_an_unknown_commit_and_the_writer_lives(world: World) -> None:
    inner = world.gate.inner
    world.gate.inner = None  # type: ignore[assignment]
    with pytest.raises(CommitUnknown):
        await world.committer.commit(first("p1"))
    world.gate.inner = inner
    await world.committer.commit(first("p2"))
    assert world.gate.counters.unknown == 1


async def test_units_that_want_one_row_go_into_different_groups_in_their_order(
    world: World,
) -> None:
    await world.commit(first("hot"), first("cold"))
    before = len(world.gate.groups)
    answers = await world.together(
        moved("hot", 0), moved("hot", 1), moved("hot", 1), moved("cold", 0), first("p"),
        first("q", tenant=OTHER),
    )  # fmt: skip
    assert [type(each) for each in answers] == [GOOD, GOOD, StaleVersion, GOOD, GOOD, GOOD]
    assert [len(group) for group in world.gate.groups[before:]] == [1, 4, 1, 1]
    assert world.gate.counters.replays == 0


async def test_a_unit_never_overtakes_an_earlier_one_that_wants_its_row(world: World) -> None:
    """The second is passed over for `a`; the third wants only `b`, and must stay behind it."""
    await world.commit(first("a"), first("b"))
    both = WriteSet(ACME, [*moved("a", 1).writes, *moved("b", 0).writes])
    answers = await world.together(moved("a", 0), both, moved("b", 0))
    assert [type(each) for each in answers] == [GOOD, GOOD, StaleVersion]


async def test_what_is_counted(world: World) -> None:
    counters = world.gate.counters
    await world.together(*(event() for _ in range(7)))
    assert (counters.groups, counters.units, counters.sizes[7]) == (2, 8, 1)
    holder = await world.hold(event())
    waiting = asyncio.create_task(world.committer.commit(event()))
    await asyncio.sleep(0)
    assert counters.waiting == 1
    while not world.committer.oldest_age_s():  # noqa: ASYNC110 - its clock moves in ms
        await asyncio.sleep(0)
    world.gate.open.set()
    await asyncio.gather(holder, waiting)
    assert (counters.waiting, world.committer.oldest_age_s()) == (0, 0.0)
    assert (counters.replays, counters.refused, counters.unknown) == (0, 0, 0)
