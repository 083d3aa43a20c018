"""Bring a database to this version's schema. Processes that start together wait for each other.

Alembic is imported only when there is something to do: a start that finds all current costs one
read.
"""

import asyncio
import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from adapters.sql.urls import sqlite_path
from domain.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from sqlalchemy import Connection

HEAD: Final = "0007"  # a test holds it to the newest file in migrations/versions
MIGRATIONS: Final = Path(__file__).parent / "migrations"
LOCK: Final = 0x4341555249  # of PostgreSQL's advisory locks; "CAURI"
WAIT_S: Final = 60.0  # for another process that upgrades the same file
NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
VERSION: Final = "SELECT version_num FROM alembic_version"

Step = Callable[[Any], None]  # given Alembic's configuration


async def is_current(url: str) -> bool:
    """Whether the schema is this version's. Raises Invalid, Unavailable.

    A newer schema is not current either: this version must not guess what it means.
    """
    if (path := sqlite_path(url)) is not None:
        return _sqlite_version(path) == HEAD
    return await _postgres_version(url) == HEAD


async def upgrade(url: str, role: str | None = None) -> None:
    """To HEAD. On PostgreSQL `url` is the tables' owner's, and `role`, which the service logs in
    with, is granted what it needs and no more. Raises Invalid, Unavailable."""
    if role is not None and not NAME.fullmatch(role):
        raise Invalid("must be a plain name of a PostgreSQL role", "database_role")
    await _run(url, _to(HEAD), role)


async def downgrade(url: str, revision: str) -> None:
    """Back to a revision, or to "base": for tests and for the brave. What was stored is lost."""
    await _run(url, _back_to(revision), None)


async def _run(url: str, step: Step, role: str | None) -> None:
    if (path := sqlite_path(url)) is not None:
        await asyncio.to_thread(_on_sqlite, path, step)
        return
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    async def connect(*_: Any, **__: Any) -> Any:
        import asyncpg

        return await asyncpg.connect(url)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_on_postgres, step, role)
    except OSError as error:
        raise Unavailable(str(error)) from error
    finally:
        await engine.dispose()


def _on_postgres(connection: "Connection", step: Step, role: str | None) -> None:
    """All in the one transaction that holds the lock."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    step(_configuration(connection))
    if role is not None:
        for statement in grants(role):
            connection.exec_driver_sql(statement)


def _on_sqlite(path: str, step: Step) -> None:
    """BEGIN EXCLUSIVE is the lock; the journal's mode can't change inside it."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    _private(path)

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
        step(_configuration(connection))
        connection.commit()
    engine.dispose()


def _private(path: str) -> None:
    """Whoever may read the file may read every payer's name: a new one is the owner's alone."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise Unavailable(f"{path}: {error.strerror}") from error


def _configuration(connection: "Connection") -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _to(revision: str) -> Step:
    def step(config: Any) -> None:
        from alembic import command

        command.upgrade(config, revision)

    return step


def _back_to(revision: str) -> Step:
    def step(config: Any) -> None:
        from alembic import command

        command.downgrade(config, revision)

    return step


def grants(role: str) -> list[str]:
    """No TRUNCATE, and DELETE only where retention needs it; what is append-only can't be updated
    either."""
    from adapters.sql.tables import APPEND_ONLY, FORGOTTEN, metadata

    statements = [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT ON alembic_version TO {role}",
    ]
    for table in metadata.sorted_tables:
        rights = "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE"
        if table in FORGOTTEN:
            rights += ", DELETE"
        statements.append(f"GRANT {rights} ON {table.name} TO {role}")
    return statements


def _sqlite_version(path: str) -> str | None:
    try:
        connection = sqlite3.connect(f"file:{Path(path).absolute()}?mode=ro", uri=True)
    except sqlite3.Error:
        return None
    try:
        found = connection.execute(VERSION).fetchone()
    except sqlite3.Error:
        return None
    finally:
        connection.close()
    return found[0] if found else None


async def _postgres_version(url: str) -> str | None:
    import asyncpg

    from adapters.sql.postgres_sql import SESSION, connect

    connection = await connect(url, SESSION)
    try:
        return str(await connection.fetchval(VERSION))
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()
