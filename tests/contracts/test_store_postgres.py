"""What only PostgreSQL can break: policies, lost connections, locks, deadlocks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import text

from adapters.sql import postgres_reads, postgres_sql, postgres_store
from adapters.sql.postgres_pool import Pool
from adapters.sql.postgres_reads import PostgresReads
from adapters.sql.postgres_store import PostgresStore
from adapters.sql.writes import GuardedUpdate, WriteSet
from domain.errors import CommitUnknown, NotStored, Overloaded, StaleVersion, Unavailable
from tests import sql_store_tables as t
from tests import sql_store_world as w
from tests.sql_store_world import ACME, OTHER, World, event, first, moved, second

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]
postgres = w.postgres
GOOD: Final = type(None)
# Sleeps at its first {times} calls: a sequence counts on when a transaction is rolled back.
SLOW: Final = """CREATE SEQUENCE calls; GRANT USAGE ON calls TO app;
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF nextval('calls') <= {times} THEN PERFORM pg_sleep({seconds}); END IF; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON payments {moment} FOR EACH ROW
WHEN (NEW.id = 'p3') EXECUTE FUNCTION slow()"""
AT_COMMIT: Final = "DEFERRABLE INITIALLY DEFERRED"
TABLES: Final = ("keys", "payments", "attempts", "outbox")


@asynccontextmanager
async def owner_of(world: World) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(world.owner)
    try:
        yield connection
    finally:
        await connection.close()


async def kill_sleeper(owner: Any) -> None:
    """End the service's backend that is seen in pg_sleep."""
    asleep = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = 'app' AND datname = current_database() AND wait_event = 'PgSleep'"
    )
    while not await owner.fetch(asleep):  # noqa: ASYNC110 - another process's state
        await asyncio.sleep(0.005)


async def counts(owner: Any) -> set[int]:
    return {await owner.fetchval(f"SELECT count(*) FROM {name} WHERE tenant_id = 'acme'")
            for name in TABLES}  # fmt: skip


async def test_the_policy_is_a_second_fence(postgres: World) -> None:
    await postgres.committer.commit(first("p", tenant=OTHER))
    app = await asyncpg.connect(postgres.app)
    assert await app.fetchval("SELECT count(*) FROM payments") == 0, "no setting, no rows"
    async with app.transaction():
        await app.execute("SELECT set_config('app.tenants', $1, true)", f"{ACME},third")
        assert await app.fetchval("SELECT count(*) FROM payments") == 0
        assert await app.execute("UPDATE payments SET status = 'stolen'") == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with app.transaction():
                await app.execute("INSERT INTO outbox VALUES ($1, 'e', 'x', '{}')", OTHER)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("DELETE FROM payments")
    assert await app.fetchval("SELECT count(*) FROM payments") == 0, "the setting ended with COMMIT"
    await app.close()


async def test_a_statement_that_forgets_the_tenant_sees_only_this_tenant(postgres: World) -> None:
    tenants = [f"t{n}" for n in range(6)]
    await postgres.commit(*(first("p", tenant=tenant) for tenant in tenants))
    forgets = text("SELECT tenant_id FROM payments")
    found = await asyncio.gather(
        *(postgres.reads.rows(tenant, forgets, {}) for tenant in tenants * 5)
    )
    assert [[row[0] for row in rows] for rows in found] == [[tenant] for tenant in tenants * 5]
    assert await postgres.reads.platform_rows(forgets, {}) == []
    assert await postgres.reads.platform_rows(forgets, {}, every_tenant=True) == []
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await postgres.reads.rows(ACME, text("UPDATE payments SET status = 'x'"), {})


async def test_a_backend_killed_during_commit_leaves_an_unknown_outcome(postgres: World) -> None:
    async with owner_of(postgres) as owner:
        await owner.execute(SLOW.format(times=1, seconds=20, moment=AT_COMMIT))
        killer = asyncio.create_task(kill_sleeper(owner))
        answers = await postgres.together(*(first(f"p{n}") for n in range(6)))
        await killer
        assert {type(each) for each in answers} == {CommitUnknown}
        assert not issubclass(CommitUnknown, NotStored)
        assert await counts(owner) == {0}
    assert postgres.gate.counters.unknown == 6
    assert await postgres.commit(first("p3")) == [None], "the writer has a new connection"


async def test_a_group_whose_backend_is_killed_before_commit_is_tried_again(
    postgres: World,
) -> None:
    async with owner_of(postgres) as owner:
        await owner.execute(SLOW.format(times=1, seconds=20, moment=""))
        killer = asyncio.create_task(kill_sleeper(owner))
        answers = await postgres.together(*(first(f"p{n}") for n in range(6)))
        await killer
        assert answers == [None] * 6
        assert await counts(owner) == {6}
    assert postgres.gate.counters.reconnects == 1


async def test_a_group_whose_backend_is_killed_twice_is_not_stored(postgres: World) -> None:
    async with owner_of(postgres) as owner:
        await owner.execute(SLOW.format(times=2, seconds=20, moment=""))
        killer = asyncio.create_task(kill_sleeper(owner))
        answers = asyncio.create_task(postgres.together(*(first(f"p{n}") for n in range(6))))
        await killer
        await kill_sleeper(owner)
        assert {type(each) for each in await answers} == {Unavailable}
        assert await counts(owner) == {0}
    assert await postgres.commit(first("p3")) == [None]


async def test_an_idle_connection_that_was_closed_costs_nobody_an_error(postgres: World) -> None:
    assert await postgres.commit(first("p")) == [None]
    assert await postgres.payment("p")
    async with owner_of(postgres) as owner:
        ended = await owner.fetch(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE usename = 'app' AND datname = current_database()"
        )
    assert len(ended) >= 2
    assert await postgres.payment("p")
    assert await postgres.commit(moved("p", 0)) == [None]


async def test_a_commit_that_times_out_is_unknown(
    postgres: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_sql, "TIMEOUT_S", 0.5)
    async with owner_of(postgres) as owner:
        await owner.execute(SLOW.format(times=1, seconds=1.5, moment=AT_COMMIT))
        answers = await postgres.together(*(first(f"p{n}") for n in range(6)))
        assert {type(each) for each in answers} == {CommitUnknown}
        await owner.execute("DROP TRIGGER slow ON payments")  # waits for the lost transaction
        assert await counts(owner) == {6}, "the commit did happen"
    assert await postgres.commit(first("p9")) == [None]


async def test_a_stuck_row_lock_delays_but_spoils_no_other_unit(postgres: World) -> None:
    await postgres.commit(*(first(f"p{n}") for n in range(3)))
    async with owner_of(postgres) as owner, owner.transaction():
        await owner.execute("SELECT * FROM payments WHERE id = 'p1' FOR UPDATE")
        answers = await postgres.together(*(second(f"p{n}") for n in range(3)))
    assert [type(each) for each in answers] == [GOOD, Unavailable, GOOD]


async def test_a_group_full_of_stuck_rows_ends_at_its_deadline(
    postgres: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_store, "GROUP_S", 0.5)
    await postgres.commit(*(first(f"p{n}") for n in range(32)))
    before = postgres.gate.counters.replays
    async with owner_of(postgres) as owner, owner.transaction():
        await owner.execute("SELECT * FROM payments FOR UPDATE")
        answers = await postgres.together(*(moved(f"p{n}", 0) for n in range(32)))
    assert {type(each) for each in answers} == {Unavailable}
    assert postgres.gate.counters.replays - before <= 6, "the rest was not tried"
    assert await postgres.commit(moved("p0", 0)) == [None]


async def test_two_committers_of_the_same_rows_never_deadlock(postgres: World) -> None:
    """Both sort their rows; sixteen rows in opposite orders, thirty rounds."""
    await postgres.commit(*(first(f"p{n}") for n in range(16)))
    other = PostgresStore(postgres.app)
    kinds = {GOOD: 0, StaleVersion: 0}
    for version in range(30):
        units = [moved(f"p{n}", version) for n in range(16)]
        told = await asyncio.gather(
            postgres.gate.inner.write(units), other.write(list(reversed(units)))
        )
        for each in (*told[0], *told[1]):
            kinds[type(each)] += 1
    await other.close()
    assert kinds == {GOOD: 480, StaleVersion: 480}


async def test_more_combinations_of_shapes_than_are_prepared_are_written_too(
    postgres: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_sql, "COMBINATIONS", 2)
    assert await postgres.commit(event()) == [None]
    assert await postgres.commit(first("p")) == [None]
    assert await postgres.together(event(), second("p"), first("q")) == [None] * 3
    assert await postgres.commit(moved("p", 1), moved("q", 0)) == [None] * 2
    assert await postgres.payment("q") == ("paid", None, 1)


async def test_a_read_that_finds_no_free_connection_is_refused_in_time(
    postgres: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.sql.postgres_pool.CHECKOUT_S", 0.05)
    pool = Pool(postgres.app, 1, postgres_sql.SESSION)
    async with owner_of(postgres) as owner:
        holder = asyncio.create_task(pool.fetch(ACME, "SELECT pg_sleep(20)", ()))
        asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        while not await owner.fetchval(asleep):  # noqa: ASYNC110 - another process's state
            await asyncio.sleep(0.005)
        with pytest.raises(Overloaded):
            await pool.fetch(OTHER, "SELECT 1", ())
        holder.cancel()  # its connection is given up, and the next caller gets a new one
        await asyncio.gather(holder, return_exceptions=True)
        assert [tuple(row) for row in await pool.fetch(OTHER, "SELECT 1", ())] == [(1,)]
    await pool.close()


async def test_an_unreachable_server_stores_nothing_and_says_so() -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    store, reads = PostgresStore(nowhere), PostgresReads(nowhere)
    unit = WriteSet(ACME, [GuardedUpdate(t.payments, {"id": "p"}, 0, {"status": "x"})])
    assert [type(each) for each in await store.write([unit, unit])] == [Unavailable, Unavailable]
    with pytest.raises(Unavailable):
        await store.returning(text("SELECT 1"), {})
    for _ in range(2 * postgres_reads.READERS):
        with pytest.raises(Unavailable):
            await reads.rows(ACME, w.PAYMENT, {"id": "p"})
    await store.close()
    await reads.close()
