"""SQLite: its settings, its statements, and what its errors mean."""

import sqlite3
from functools import lru_cache
from typing import Final

from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.dialects.sqlite import dialect

from adapters.sql.statements import on_conflict
from adapters.sql.writes import SHAPES, Shape
from domain.errors import Unavailable

DIALECT: Final = dialect(paramstyle="qmark")
BUSY_S: Final = 5.0  # another process holds the file: wait so long, then nothing is stored
STATEMENTS: Final = 512  # compiled by SQLite and kept, a connection
CHECKPOINT: Final = 2000  # pages (8 MB) of log before they move to the file; 1000 costs groups 10 %
JOURNAL: Final = 64 * 1024 * 1024  # bytes the log is cut back to after a burst
SETTINGS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an answered commit survives a power cut; NORMAL may lose the last
    "PRAGMA foreign_keys=ON",
    f"PRAGMA wal_autocheckpoint={CHECKPOINT}",
    f"PRAGMA journal_size_limit={JOURNAL}",
)
DOWN: Final = frozenset({  # primary result codes: the file or the machine, not the statement
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_INTERRUPT,
})  # fmt: skip


def connect(path: str, *, busy_s: float) -> sqlite3.Connection:
    """Raises Unavailable. Waits up to `busy_s` seconds for a lock, now and at each statement."""
    try:
        connection = sqlite3.connect(
            path,
            timeout=busy_s,
            isolation_level=None,  # we say BEGIN ourselves
            check_same_thread=False,  # opened on one thread, used by one other
            cached_statements=STATEMENTS,
        )
        for setting in SETTINGS:
            connection.execute(setting)
    except sqlite3.Error as error:
        raise Unavailable(f"{path}: {error}") from error
    return connection


def down(error: sqlite3.Error) -> bool:
    """Whether the file can't be used, as opposed to a statement it refuses."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in DOWN


@lru_cache(SHAPES)
def text(shape: Shape) -> str:
    """Its parameters are numbered in the order of a line; names come from the metadata alone."""
    place = {name: f"?{number}" for number, name in enumerate(shape.columns, 1)}
    names, table = shape.names, shape.table.name
    if shape.kind == "update":
        sets = "".join(f"{name} = {place[name]}, " for name in names)
        same = " AND ".join(f"{n} = {place[n]}" for n in ("tenant_id", *shape.key, "version"))
        return f"UPDATE {table} SET {sets}version = version + 1 WHERE {same}"  # noqa: S608
    columns, places = ", ".join(place), ", ".join(place.values())
    insert = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608
    return insert if shape.kind == "insert" else insert + on_conflict(shape)


def broken(table: Table, error: sqlite3.IntegrityError) -> str:
    """The broken constraint's name. SQLite tells columns, or an index's or CHECK's name."""
    rule, _, told = str(error).partition(": ")
    if not rule.startswith("UNIQUE"):
        return told or rule
    if told.startswith("index "):  # an index over an expression
        return told.removeprefix("index ").strip("'")
    columns = {name.rpartition(".")[2] for name in told.split(", ")}
    indexes = [index for index in table.indexes if index.unique]  # a plain one may have the same
    constraints = [
        known
        for known in table.constraints
        if isinstance(known, PrimaryKeyConstraint | UniqueConstraint)
    ]
    for known in (*constraints, *indexes):
        if {*known.columns.keys()} == columns:
            return str(known.name)
    return told
