"""What a store promises a unit of work, on both databases."""

import asyncio
from typing import Final

import pytest
from sqlalchemy import bindparam, select

from adapters.sql.draft import Draft
from adapters.sql.writes import GuardedUpdate, Insert, Upsert, Value, WriteSet
from domain.errors import Conflict, DuplicateKey, NotStored, Rejected, StaleVersion, Unavailable
from tests import sql_store_tables as t
from tests import sql_store_world as w
from tests.sql_store_world import ACME, OTHER, World, event, first, moved, second

pytestmark = pytest.mark.anyio
world = w.world
GOOD: Final = type(None)
PREFERENCE: Final = select(t.preferences.c.value, t.preferences.c.seen).where(
    t.preferences.c.tenant_id == bindparam("tenant_id"), t.preferences.c.name == "theme"
)


def stage(stage_id: str, *, parent: str | None = None, percent: int = 1, name: str = "") -> Insert:
    row: dict[str, Value] = {"id": stage_id, "name": name or stage_id, "percent": percent}
    return Insert(
        t.stages, row | {"parent_id": parent, "version": 0}, {"stages_name": DuplicateKey}
    )


async def test_what_is_not_committed_is_gone(world: World) -> None:
    draft = Draft(ACME, world.reads)
    draft.collect(*first("p").writes)
    assert await draft.rows(w.PAYMENT, id="p") == []
    assert len(draft.finish().writes) == 4
    with pytest.raises(RuntimeError):
        draft.collect(*first("p").writes)
    assert draft.finish().writes == []
    assert await world.payment("p") is None


async def test_a_committed_unit_is_seen_by_every_later_one(world: World) -> None:
    for number in range(200):
        await world.committer.commit(first(f"p{number}"))
        assert all(await asyncio.gather(*(world.payment(f"p{number}") for _ in range(4))))


async def test_both_units_of_a_payment(world: World) -> None:
    await world.committer.commit(first("p"))
    assert await world.payment("p") == ("submitted", None, 0)
    await world.committer.commit(second("p"))
    assert await world.payment("p") == ("paid", "r1", 1)
    [key] = await world.reads.rows(ACME, w.KEY, {"key": "p"})
    assert tuple(key) == ("{}", 1)
    assert sum(row[0] for row in await world.reads.rows(ACME, w.LEDGER, {"id": "p"})) == 0


async def test_a_duplicate_key_hits_only_its_own_unit(world: World) -> None:
    await world.committer.commit(first("old", key="taken"))
    answers = await world.together(
        *(first(f"p{n}", key="taken" if n == 4 else "") for n in range(9))
    )
    assert [type(each) for each in answers] == [DuplicateKey if n == 4 else GOOD for n in range(9)]
    assert [await world.payment(f"p{n}") is None for n in range(9)] == [n == 4 for n in range(9)]
    assert world.gate.groups[-1] == [ACME] * 9
    assert world.gate.counters.replays


async def test_two_equal_keys_in_one_group_have_one_winner_the_first(world: World) -> None:
    answers = await world.together(*(first(f"p{n}", key="same") for n in range(5)))
    assert [type(each) for each in answers] == [GOOD] + 4 * [DuplicateKey]
    assert await world.payment("p0")
    assert not await world.payment("p1")


async def test_a_stale_version_hits_only_its_own_unit(world: World) -> None:
    await world.commit(*(first(f"p{n}") for n in range(5)))
    answers = await world.together(*(second(f"p{n}", version=7 if n == 2 else 0) for n in range(5)))
    assert [type(each) for each in answers] == [StaleVersion if n == 2 else GOOD for n in range(5)]
    assert await world.payment("p2") == ("submitted", None, 0)
    assert await world.reads.rows(ACME, w.LEDGER, {"id": "p2"}) == []
    [key] = await world.reads.rows(ACME, w.KEY, {"key": "p2"})
    assert tuple(key) == (None, 0)


async def test_of_64_writers_of_one_row_one_wins_each_round(world: World) -> None:
    await world.committer.commit(first("p"))
    for number in range(10):
        answers = await world.commit(*(moved("p", number, f"s{mine}") for mine in range(64)))
        assert sorted(type(each).__name__ for each in answers)[0] == "NoneType"
        assert [type(each) for each in answers].count(StaleVersion) == 63
    assert world.gate.counters.replays == 0, "writers of one row never share a group"


async def test_an_update_without_values_guards_a_row_a_decision_rests_on(world: World) -> None:
    await world.committer.commit(first("p"))
    for kind in (GOOD, StaleVersion):
        guard = GuardedUpdate(t.payments, {"id": "p"}, 0, {})
        [answer] = await world.commit(WriteSet(ACME, [guard]))
        assert type(answer) is kind


async def test_an_undeclared_constraint_is_a_bug_and_said_so(world: World) -> None:
    wrong = WriteSet(ACME, [Insert(t.outbox, {"id": None, "kind": "x", "body": "{}"})])
    much = WriteSet(ACME, [stage("s", percent=101)])
    answers = await world.commit(event("e1"), event("e1"), wrong, much)
    assert [type(each) for each in answers] == [GOOD, Rejected, Rejected, Rejected]
    assert not issubclass(Rejected, Conflict)
    assert issubclass(Rejected, NotStored)


async def test_a_unique_index_is_told_from_a_plain_one_with_the_same_columns(world: World) -> None:
    await world.committer.commit(WriteSet(ACME, [stage("s1", name="pilot")]))
    with pytest.raises(DuplicateKey):
        await world.committer.commit(WriteSet(ACME, [stage("s2", name="pilot")]))


async def test_the_order_of_a_units_writes_means_nothing(world: World) -> None:
    """A child may come before its parent; a missing parent hits only its own unit."""
    family = WriteSet(ACME, [stage("b", parent="a"), stage("a")])
    orphan = WriteSet(ACME, [stage("d", parent="nobody")])
    late = WriteSet(ACME, [GuardedUpdate(t.stages, {"id": "n"}, 0, {"percent": 2}), stage("n")])
    answers = await world.together(family, orphan, WriteSet(ACME, [stage("e")]), late)
    assert [type(each) for each in answers] == [GOOD, Rejected, GOOD, StaleVersion]
    assert await world.commit(WriteSet(ACME, [stage("f", parent="e")])) == [None]


async def test_an_upsert_inserts_and_then_replaces_the_other_columns(world: World) -> None:
    def theme(value: str, seen: int) -> WriteSet:
        row: dict[str, Value] = {"value": value, "seen": seen, "name": "theme"}
        return WriteSet(ACME, [Upsert(t.preferences, row, ("name",))])

    await world.committer.commit(theme("light", 1))
    assert await world.together(*(theme("dark", n) for n in range(2, 6))) == [None] * 4
    only_key = WriteSet(OTHER, [Upsert(t.preferences, {"name": "theme", "seen": 9}, ("name",))])
    assert [type(each) for each in await world.commit(only_key)] == [Rejected]  # value is missing
    [row] = await world.reads.rows(ACME, PREFERENCE, {})
    assert tuple(row) == ("dark", 5), "each in its own group, in the order of arrival"
    assert world.gate.counters.replays == 0


async def test_a_store_answers_even_equal_upserts_of_one_group(world: World) -> None:
    """The queue keeps them apart; a store that is given them together must not lose any."""
    units = [
        WriteSet(
            ACME,
            [Upsert(t.preferences, {"name": "theme", "value": "dark", "seen": n}, ("name",))],
        )
        for n in range(3)
    ]
    assert list(await world.gate.inner.write(units)) == [None] * 3
    [row] = await world.reads.rows(ACME, PREFERENCE, {})
    assert tuple(row) == ("dark", 2)


async def test_a_row_named_twice_in_a_unit_is_refused(world: World) -> None:
    await world.committer.commit(first("p"))
    twice = WriteSet(ACME, [*moved("p", 0).writes, *moved("p", 1).writes])
    with pytest.raises(Rejected):
        await world.committer.commit(twice)
    assert await world.payment("p") == ("submitted", None, 0)


async def test_one_tenant_cannot_touch_anothers_rows(world: World) -> None:
    """Both in one group, so that the policy's list holds both: the stamp is the first fence."""
    await world.committer.commit(first("p", tenant=OTHER))
    answers = await world.together(moved("p", 0, "stolen"), first("q", tenant=OTHER))
    assert [type(each) for each in answers] == [StaleVersion, GOOD]
    assert set(world.gate.groups[-1]) == {ACME, OTHER}
    assert await world.payment("p", OTHER) == ("submitted", None, 0)
    assert await world.payment("p") is None


async def test_reads_of_many_tenants_at_once_stay_apart(world: World) -> None:
    tenants = [f"t{n}" for n in range(12)]
    await world.commit(*(first("p", tenant=tenant) for tenant in tenants))
    await world.commit(*(moved("p", 0, tenant, tenant) for tenant in tenants))
    for _ in range(10):
        found = await asyncio.gather(*(world.payment("p", tenant) for tenant in tenants * 3))
        assert [each and each[0] for each in found] == tenants * 3


async def test_a_wrong_column_key_or_tenant_fails_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="tenant_id"):
        Insert(t.outbox, {"id": "e", "kind": "x", "body": "{}", "tenant_id": OTHER})
    for values in ({"tenant_id": OTHER}, {"id": "q"}, {"version": 7}, {"statsu": "paid"}):
        with pytest.raises(ValueError, match="payments"):
            GuardedUpdate(t.payments, {"id": "p"}, 0, values)
    with pytest.raises(ValueError, match="not a key"):
        Upsert(t.preferences, {"name": "theme", "value": "dark", "seen": 0}, ("value",))
    for tenant in ("", "a,b", "a'b", "*", "a" * 65, "a\n"):
        with pytest.raises(ValueError, match="tenant id"):
            WriteSet(tenant, [])


@pytest.mark.parametrize("kind", [5, "\ud800", object()])
async def test_a_value_the_database_cannot_take_hits_only_its_own_unit(
    world: World, kind: object
) -> None:
    wrong = WriteSet(ACME, [stage("s", percent=2**70)]) if kind == 5 else first("p1", kind=kind)
    answers = await world.together(first("p0"), wrong, first("p2"))
    assert [type(each) for each in answers] == [GOOD, Rejected, GOOD]
    assert not await world.payment("p1")


async def test_unavailable_is_no_conflict() -> None:
    assert issubclass(Unavailable, NotStored)
    assert not issubclass(Unavailable, Conflict)
