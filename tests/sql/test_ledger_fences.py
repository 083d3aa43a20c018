"""What both databases refuse to do to the ledger, whoever asks in plain SQL."""

import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from adapters.sql.database import Database, running_database
from domain.ids import JournalId
from domain.ledger.journal import Journal, JournalKind, Transfer
from tests.builders import ACME, NOW, StillClock, php
from tests.sql.conftest import Place

pytestmark = pytest.mark.anyio

Run = Callable[[str], Awaitable[object]]

HEADER = "INSERT INTO journals (id, tenant_id, kind, at, subject, reason, size) VALUES {}"
ROW = (
    "INSERT INTO transfers (journal_id, position, tenant_id, size, at, debit, credit,"
    " amount_minor, currency) VALUES {}"
)
REFUSED = {
    "a third transfer of two": (
        ROW.format(f"('jrn_1', 3, '{ACME}', 2, 1, 'bank', 'sales', 1, 'PHP')"),
        "position",
    ),
    "a transfer of position nought": (
        ROW.format(f"('jrn_1', 0, '{ACME}', 2, 1, 'bank', 'sales', 1, 'PHP')"),
        "position",
    ),
    "a third transfer of a size made up": (
        ROW.format(f"('jrn_1', 3, '{ACME}', 3, 1, 'bank', 'sales', 1, 'PHP')"),
        "foreign key",
    ),
    "a transfer twice": (
        ROW.format(f"('jrn_1', 2, '{ACME}', 2, 1, 'bank', 'sales', 1, 'PHP')"),
        "unique",
    ),
    "a header twice": (
        HEADER.format(f"('jrn_1', '{ACME}', 'paid', 1, 'x', '', 2)"),
        "unique",
    ),
    "a header of another size": (
        HEADER.format(f"('jrn_1', '{ACME}', 'paid', 1, 'x', '', 3)"),
        "unique",
    ),
    "a journal without size": (
        HEADER.format(f"('jrn_2', '{ACME}', 'paid', 1, 'x', '', 0)"),
        "size",
    ),
    "a kind made up": (
        HEADER.format(f"('jrn_2', '{ACME}', 'gift', 1, 'x', '', 1)"),
        "kind",
    ),
    "a transfer at another time": (
        ROW.format(f"('jrn_3', 1, '{ACME}', 1, 2, 'bank', 'sales', 1, 'PHP')"),
        "foreign key",
    ),
    "a transfer of nothing": (
        ROW.format(f"('jrn_3', 1, '{ACME}', 1, 1, 'bank', 'sales', 0, 'PHP')"),
        "amount",
    ),
    "a transfer that takes": (
        ROW.format(f"('jrn_3', 1, '{ACME}', 1, 1, 'bank', 'sales', -1, 'PHP')"),
        "amount",
    ),
    "a transfer to the same account": (
        ROW.format(f"('jrn_3', 1, '{ACME}', 1, 1, 'bank', 'bank', 1, 'PHP')"),
        "accounts",
    ),
    "a transfer with one side": (
        ROW.format(f"('jrn_3', 1, '{ACME}', 1, 1, 'bank', NULL, 1, 'PHP')"),
        "null",
    ),
    "a transfer of no journal": (
        ROW.format(f"('jrn_9', 1, '{ACME}', 1, 1, 'bank', 'sales', 1, 'PHP')"),
        "foreign key",
    ),
    "another amount": ("UPDATE transfers SET amount_minor = 1", "append-only"),
    "another account": ("UPDATE transfers SET debit = 'bank'", "append-only"),
    "another header": ("UPDATE journals SET reason = 'x'", "append-only"),
    "no transfer": ("DELETE FROM transfers", "append-only"),
    "no journal": ("DELETE FROM journals", "append-only"),
}
REPLACED = {
    "a transfer in place of another": ROW.format(
        f"('jrn_1', 2, '{ACME}', 2, 1, 'bank', 'sales', 1, 'PHP')"
    ),
    "a header in place of another": HEADER.format(f"('jrn_1', '{ACME}', 'paid', 1, 'x', 'y', 2)"),
}


@pytest.fixture
async def run(place: Place) -> AsyncIterator[Run]:
    """As the owner of the tables: a journal of two transfers, and a header without its one."""
    await place.upgrade()
    async with running_database(place.app, StillClock()) as database:
        await fill(database)
    if place.is_postgres:
        owner = await asyncpg.connect(place.owner)
        yield owner.execute
        await owner.close()
        return
    assert database.path is not None
    connection = sqlite3.connect(database.path)
    connection.execute("PRAGMA foreign_keys = ON")

    async def execute(statement: str) -> object:
        with connection:
            return connection.execute(statement)

    yield execute
    connection.close()


async def fill(database: Database) -> None:
    two = (Transfer("bank", "sales", php("1.00")), Transfer("bank", "refunds", php("2.00")))
    async with database.units(ACME) as unit:
        journal = Journal(JournalKind.SETTLED, NOW, "rec_1", two)
        unit.ledger.post(journal, JournalId("jrn_0"))
        await unit.commit()


async def begun(run: Run) -> None:
    rows = ", ".join(
        f"('{name}', '{ACME}', 'paid', 1, 'x', '', {size})"
        for name, size in (("jrn_1", 2), ("jrn_3", 1))
    )
    await run(HEADER.format(rows))
    for position in (1, 2):
        row = f"('jrn_1', {position}, '{ACME}', 2, 1, 'bank', 'sales', 5, 'PHP')"
        await run(ROW.format(row))


@pytest.mark.parametrize("what", REFUSED)
async def test_no_journal_is_unbalanced_or_altered(run: Run, what: str) -> None:
    statement, rule = REFUSED[what]
    await begun(run)
    with pytest.raises(
        (sqlite3.IntegrityError, asyncpg.PostgresError),
        match=re.compile(rule, re.IGNORECASE),
    ):
        await run(statement)


async def test_what_is_whole_is_accepted(run: Run) -> None:
    """Or the refusals above would say little."""
    await begun(run)
    await run(ROW.format(f"('jrn_3', 1, '{ACME}', 1, 1, 'bank', 'sales', 1, 'PHP')"))


@pytest.mark.parametrize("what", REPLACED)
async def test_sqlite_replaces_nothing(place: Place, run: Run, what: str) -> None:
    if place.is_postgres:
        return
    await begun(run)
    for verb in ("INSERT OR REPLACE", "REPLACE"):
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            await run(REPLACED[what].replace("INSERT", verb, 1))
