"""Writes groups to a SQLite file, on whatever thread it is called."""

import sqlite3
from collections.abc import Sequence

from sqlalchemy.sql.base import Executable

from adapters.sql.counters import Counters
from adapters.sql.sqlite_sql import BUSY_S, DIALECT, broken, connect, down, text
from adapters.sql.statements import prepared
from adapters.sql.writes import Record, Row, WriteSet, meaning, merged
from domain.errors import (
    CommitUnknown,
    Conflict,
    NotStored,
    Rejected,
    StaleVersion,
    Unavailable,
)


class BrokenReference(Rejected):
    """A foreign key. SQLite doesn't say which."""


class SqliteWriter:
    """The only writing connection of this process; other processes may have theirs.

    One thread at a time. Everything waits up to BUSY_S for a writer of another process.
    """

    def __init__(self, path: str, counters: Counters) -> None:
        self._connection = connect(path, busy_s=BUSY_S)
        self._run, self._many = self._connection.execute, self._connection.executemany
        self._counters = counters

    def close(self) -> None:
        self._connection.close()

    def write(self, group: Sequence[WriteSet]) -> Sequence[Exception | None]:
        """The lines of all units merged by shape; if any unit fails, unit by unit."""
        try:
            self._together(group)
        except (Conflict, Rejected) as error:
            if len(group) == 1 and not isinstance(error, BrokenReference):
                return [error]
        except (Unavailable, CommitUnknown) as error:
            return [type(error)(str(error)) for _ in group]
        else:
            return [None] * len(group)
        self._counters.replays += 1
        return self._one_by_one(group)

    def returning(self, statement: Executable, values: Row) -> Sequence[Record]:
        """Raises Rejected, Unavailable or CommitUnknown."""
        ready = prepared(statement, DIALECT)
        self._begin()
        try:
            rows = self._run(ready.text, ready.arguments(values)).fetchall()
        except BaseException as error:
            self._roll_back()
            raise explained(error) from error
        self._commit()
        return rows

    def _together(self, group: Sequence[WriteSet]) -> None:
        self._begin()
        try:
            self._apply(group)  # parents first: foreign keys are met at once, as a rule
        except BaseException:
            self._roll_back()
            raise
        self._commit()

    def _one_by_one(self, group: Sequence[WriteSet]) -> Sequence[Exception | None]:
        """A savepoint a unit, one COMMIT, which checks the foreign keys."""
        answers: list[Exception | None] = []
        try:
            self._begin(deferred=True)
            answers += [self._behind_savepoint(unit) for unit in group]
            self._commit()
        except BrokenReference as error:  # and nobody knows whose
            if len(group) == 1:
                return [Rejected(str(error))]
            return [self._one_by_one([unit])[0] for unit in group]
        except (Unavailable, CommitUnknown) as error:
            self._roll_back()
            return [type(error)(str(error)) for _ in group]
        return answers

    def _behind_savepoint(self, unit: WriteSet) -> Exception | None:
        self._run("SAVEPOINT unit")
        answer: Exception | None = None
        try:
            self._apply((unit,))
        except (Conflict, Rejected) as error:
            answer = error
            self._run("ROLLBACK TO unit")
        self._run("RELEASE unit")
        return answer

    def _apply(self, group: Sequence[WriteSet]) -> None:
        """Raises Conflict or Rejected (some unit's fault), or Unavailable (everybody's)."""
        for shape, lines in merged(group).items():
            try:
                found = self._many(text(shape), lines).rowcount
            except sqlite3.IntegrityError as error:
                name = broken(shape.table, error)
                if name.startswith("FOREIGN KEY"):
                    raise BrokenReference(name) from error
                raise meaning(group, name)(f"{shape.table.name}: {name}") from error
            except Exception as error:
                raise explained(error) from error
            if shape.kind == "update" and found != len(lines):
                raise StaleVersion(shape.table.name)

    def _begin(self, *, deferred: bool = False) -> None:
        """IMMEDIATE: a transaction that begins by reading can't always become a writer later.

        `deferred` checks foreign keys at COMMIT, since the order of a unit's writes means nothing;
        not always, because that setting makes SQLite compile every statement again.
        """
        try:
            self._run("BEGIN IMMEDIATE")
            if deferred:
                self._run("PRAGMA defer_foreign_keys=ON")
        except sqlite3.Error as error:
            self._roll_back()
            raise Unavailable(str(error)) from error

    def _commit(self) -> None:
        try:
            self._run("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            if isinstance(error, sqlite3.IntegrityError):
                raise BrokenReference(str(error)) from error
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                raise Unavailable(str(error)) from error
            # A flush failed: the log may hold the group, and a restart may find it there.
            raise CommitUnknown(str(error)) from error

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # else SQLite has done it, after a full disk and such
            self._run("ROLLBACK")


def explained(error: BaseException) -> BaseException:
    """NotStored for what SQLite, or Python on the way to it, refuses: too large, not text …"""
    if isinstance(error, NotStored):
        return error
    if isinstance(error, sqlite3.Error) and down(error):
        return Unavailable(str(error))
    if isinstance(error, sqlite3.Error | OverflowError | ValueError):
        return Rejected(str(error))
    return error
