"""What the database itself forbids, whoever asks."""

import sqlite3
from typing import Any

import asyncpg
import pytest

from adapters.sql import tables as t
from adapters.sql.database import Database, running_database
from adapters.sql.writes import GuardedUpdate, Insert, WriteSet
from domain.errors import DuplicateKey, Rejected, StaleVersion
from domain.payments.proof import Image
from domain.ports.unit_of_work import Stand
from domain.ports.webhooks import Head
from tests.builders import (
    ACME,
    NOW,
    OTHER,
    StillClock,
    a_job,
    a_key_record,
    a_notice,
    a_paid_payment,
    a_payment,
    a_refund,
    payment_id,
)
from tests.contracts.test_proofs import PNG, a_claim, a_proof
from tests.sql.conftest import Server
from tests.wallets.builders import a_reward, a_spend, a_wallet
from tests.webhooks.builders import a_delivery, a_try, an_endpoint

pytestmark = pytest.mark.anyio

TENANTS_OWN = [table.name for table in t.OWNED]


async def fill(database: Database) -> None:
    """A row of ACME in every table."""
    paid = a_paid_payment()
    async with database.units(ACME) as unit:
        unit.payments.add(paid)
        unit.refunds.add(a_refund(paid))
        unit.keys.add(a_key_record())
        unit.inbox.add(a_notice())
        unit.defaults.put("cus_42", "maya", paid.updated_at)
        unit.jobs.enqueue(a_job())
        unit.rounds.put(Stand(None, NOW))
        unit.endpoints.add(an_endpoint())
        unit.deliveries.add(a_delivery())
        unit.deliveries.log(a_try())
        unit.feed.hold(Head())
        unit.wallets.add(a_wallet())
        unit.rewards.add(a_reward(paid))
        unit.spends.add(a_spend())
        unit.proofs.add(a_proof())
        unit.proofs.add_claim(a_claim())
        unit.proofs.keep(Image.of(PNG))
        await unit.commit()


@pytest.fixture
async def filled(server: Server) -> Server:
    async with running_database(server.place.app, StillClock()) as database:
        await fill(database)
    return server


async def count(connection: Any, table: str) -> int:
    found: int = await connection.fetchval(f"SELECT count(*) FROM {table}")
    return found


@pytest.mark.postgres
async def test_without_a_tenant_nothing_is_seen(filled: Server) -> None:
    async with filled.as_owner() as owner, filled.as_app() as app:
        for table in TENANTS_OWN:
            assert await count(owner, table) > 0  # a superuser passes
            assert await count(app, table) == 0, table


@pytest.mark.postgres
async def test_a_tenant_sees_its_own_alone(filled: Server) -> None:
    async with filled.as_app(ACME) as mine, filled.as_app(OTHER) as theirs:
        for table in TENANTS_OWN:
            assert await count(mine, table) > 0, table
            assert await count(theirs, table) == 0, table


@pytest.mark.postgres
async def test_who_may_see_every_tenant_sees_payments_and_what_is_to_be_told(
    filled: Server,
) -> None:
    seen = ("payments", "feed")
    async with filled.as_app("*") as every:
        for table in TENANTS_OWN:
            assert await count(every, table) == (1 if table in seen else 0), table
        assert await every.execute("UPDATE payments SET status = 'failed'") == "UPDATE 0"
        assert await every.execute("UPDATE feed SET number = 1") == "UPDATE 0"
        async with filled.as_app(ACME) as mine:
            assert await mine.execute("UPDATE feed SET number = 1") == "UPDATE 1"
        assert await count(every, "feed") == 0


@pytest.mark.postgres
async def test_a_row_cant_be_given_to_another_tenant(filled: Server) -> None:
    async with filled.as_app(ACME) as app:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await app.execute(f"UPDATE default_methods SET tenant_id = '{OTHER}'")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await app.execute(f"INSERT INTO default_methods VALUES ('{OTHER}', 'c', 'maya', 1)")


@pytest.mark.postgres
async def test_policies_are_forced_on_the_owner_too(filled: Server) -> None:
    async with filled.as_owner() as owner:
        free = await owner.fetch(
            "SELECT relname FROM pg_class WHERE relname = ANY($1::text[])"
            " AND NOT (relrowsecurity AND relforcerowsecurity)",
            TENANTS_OWN,
        )
    assert free == []


@pytest.mark.postgres
@pytest.mark.parametrize("verb", ["DELETE FROM", "TRUNCATE"])
async def test_the_service_deletes_only_what_is_forgotten(filled: Server, verb: str) -> None:
    forgotten = t.FORGOTTEN if verb == "DELETE FROM" else ()
    async with filled.as_app(ACME) as app:
        for table in t.metadata.sorted_tables:
            if table in forgotten:
                continue
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(f"{verb} {table.name}")


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["evidence", "events"])
async def test_history_is_append_only_on_postgres(filled: Server, table: str) -> None:
    async with filled.as_owner() as owner, filled.as_app(ACME) as app:
        for change in (f"UPDATE {table} SET cause = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await owner.execute(change)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(f"UPDATE {table} SET cause = 'x'")


@pytest.mark.parametrize("table", ["evidence", "events"])
async def test_history_is_append_only_on_sqlite(database: Database, table: str) -> None:
    if database.path is None:
        return
    await fill(database)
    connection = sqlite3.connect(database.path)
    for change in (f"UPDATE {table} SET cause = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(change)
    connection.close()


async def test_a_second_attempt_cant_hold_the_fence(database: Database) -> None:
    """Even code that got the law wrong: its unit meets a conflict and reads again."""
    payment = a_payment()
    async with database.units(ACME) as unit:
        stored = unit.payments.add(payment)
        await unit.commit()
    row = {**first_attempt(payment), "id": f"{stored.attempts[0].id[:-2]}02", "number": 2}
    insert = Insert(t.attempts, row, {"ux_attempts_fence": StaleVersion})
    with pytest.raises(StaleVersion):
        await database.committer.commit(WriteSet(ACME, [insert]))
    row["fence"] = False
    await database.committer.commit(WriteSet(ACME, [Insert(t.attempts, row)]))


def first_attempt(payment: Any) -> dict[str, Any]:
    from adapters.sql.rows.attempt import attempt_row

    return dict(attempt_row(payment.attempts[0], payment.id))


async def test_more_than_was_paid_cant_go_back(database: Database) -> None:
    async with database.units(ACME) as unit:
        unit.payments.add(a_paid_payment())
        await unit.commit()
    values = {"refunded_minor": 100_000, "reserved_minor": 50_001}
    update = GuardedUpdate(t.payments, {"id": payment_id()}, 0, values)
    with pytest.raises(Rejected, match="ck_payments_amounts"):
        await database.committer.commit(WriteSet(ACME, [update]))


async def test_a_child_has_a_parent_of_the_same_tenant(database: Database) -> None:
    payment = a_paid_payment()
    async with database.units(ACME) as unit:
        unit.payments.add(payment)
        await unit.commit()
    row = first_attempt(a_payment())
    with pytest.raises(Rejected):
        await database.committer.commit(WriteSet(OTHER, [Insert(t.attempts, row)]))


async def test_unknown_words_are_refused(database: Database) -> None:
    async with database.units(ACME) as unit:
        unit.payments.add(a_payment())
        await unit.commit()
    update = GuardedUpdate(t.payments, {"id": payment_id()}, 0, {"status": "won"})
    with pytest.raises(Rejected, match="ck_payments_status"):
        await database.committer.commit(WriteSet(ACME, [update]))


async def test_the_same_id_is_taken_once(database: Database) -> None:
    for expected in (None, DuplicateKey):
        async with database.units(ACME) as unit:
            unit.payments.add(a_payment())
            if expected is None:
                await unit.commit()
            else:
                with pytest.raises(expected):
                    await unit.commit()
