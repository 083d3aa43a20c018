"""The history of the schema ends at the tables the code writes to."""

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from adapters.sql import tables as t
from adapters.sql.migrate import HEAD, MIGRATIONS, downgrade, is_current, upgrade
from adapters.sql.urls import sqlite_path
from domain.errors import Invalid, Unavailable
from tests.sql.conftest import Place

pytestmark = pytest.mark.anyio

TWO_STARTS = """
import asyncio, sys
from adapters.sql.migrate import is_current, upgrade
asyncio.run(upgrade(sys.argv[1]))
assert asyncio.run(is_current(sys.argv[1]))
"""


async def ask(place: Place, question: Callable[[Connection], Any]) -> Any:
    """What the question finds with a plain connection, as the owner."""
    if (path := sqlite_path(place.owner)) is not None:
        with create_engine(f"sqlite:///{path}", poolclass=NullPool).connect() as connection:
            return question(connection)
    url = place.owner.replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as running:
        return await running.run_sync(question)


def catalogue(connection: Connection) -> dict[str, str]:
    """Every table, index and constraint as the database writes them down."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index')")
        )
    else:
        found = connection.execute(
            text(
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE connamespace = 'public'::regnamespace"
                " UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            )
        )
    rows = {name: " ".join((told or "").split()) for name, told in found}
    return {
        name: told.replace(" , ", ", ")
        for name, told in rows.items()
        if "alembic_version" not in name
    }


async def test_migrations_give_the_tables_of_the_code(place: Place) -> None:
    await place.upgrade()

    def differences(connection: Connection) -> Any:
        return compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), t.metadata
        )

    assert await ask(place, differences) == []


async def test_migrations_give_the_constraints_of_the_code(new_place: Callable[[], Place]) -> None:
    """Alembic compares neither checks nor what an index leaves out."""
    migrated, made = new_place(), new_place()
    await migrated.upgrade()

    def make(connection: Connection) -> None:
        t.metadata.create_all(connection)
        connection.commit()

    await ask(made, make)
    assert await ask(migrated, catalogue) == await ask(made, catalogue)


async def test_up_down_and_up_again(place: Place) -> None:
    revisions = [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    await place.upgrade()
    first = await ask(place, catalogue)
    for below in (*revisions[1:], "base"):
        await downgrade(place.owner, below)
        assert not await is_current(place.owner)
        await place.upgrade()
        assert await is_current(place.owner)
    assert await ask(place, catalogue) == first
    await downgrade(place.owner, "base")
    assert await ask(place, catalogue) == {}


def test_the_constant_names_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


async def test_an_upgrade_of_what_is_current_changes_nothing(place: Place) -> None:
    assert not await is_current(place.owner)
    await place.upgrade()
    await place.upgrade()
    assert await is_current(place.owner)
    assert await is_current(place.app)  # the service may look, too


async def test_processes_that_start_together_wait_for_each_other(place: Place) -> None:
    command = [sys.executable, "-c", TWO_STARTS, place.owner]
    starts = [await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE) for _ in "abc"]
    told = await asyncio.gather(*(start.communicate() for start in starts))
    assert [start.returncode for start in starts] == [0, 0, 0], told
    assert await is_current(place.owner)


async def test_a_newer_schema_is_not_guessed_at(place: Place) -> None:
    await place.upgrade()

    def newer(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()

    await ask(place, newer)
    assert not await is_current(place.owner)


async def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert not await is_current(f"sqlite:///{tmp_path}/none.db")
    assert os.listdir(tmp_path) == []


async def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    await upgrade(f"sqlite:///{tmp_path}/new.db")
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="No such file"):
        await upgrade(f"sqlite:///{tmp_path}/none/new.db")


@pytest.mark.parametrize("url", ["mysql://a/b", "sqlite://", "sqlite:///:memory:", "file.db", ""])
async def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(Invalid, match="sqlite:///path"):
        await is_current(url)


async def test_a_role_is_a_plain_name(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="plain name"):
        await upgrade(f"sqlite:///{tmp_path}/new.db", 'app"; DROP TABLE payments; --')


@pytest.mark.postgres
async def test_every_text_has_the_collation_c(server: Any) -> None:
    async with server.as_owner() as owner:
        odd = await owner.fetch(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
            " AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
        )
    assert odd == []
