"""SQLite, reading: on the loop's thread, by key."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from sqlalchemy.sql.base import Executable

from adapters.sql.sqlite_sql import DIALECT, connect, down
from adapters.sql.statements import prepared
from adapters.sql.writes import Reads, Record, Row
from domain.errors import Unavailable

BUSY_S: Final = 0.25  # it stops the whole loop; only a checkpoint at open or close can cause it


class SqliteReads(Reads):
    """Point reads only (some 10 µs each, on the loop's thread); they never wait for the writer.

    The connection can't write. Raises Unavailable when the file can't be used.
    """

    def __init__(self, path: str) -> None:
        self._connection = connect(path, busy_s=BUSY_S)
        self._connection.execute("PRAGMA query_only=ON")

    async def rows(self, tenant_id: str, statement: Executable, values: Row) -> Sequence[Record]:
        return self._fetch(statement, {**values, "tenant_id": tenant_id})

    async def platform_rows(
        self, statement: Executable, values: Row, *, every_tenant: bool = False
    ) -> Sequence[Record]:
        return self._fetch(statement, values)  # SQLite has no policies to pass

    async def close(self) -> None:
        self._connection.close()

    def _fetch(self, statement: Executable, values: Row) -> Sequence[Record]:
        ready = prepared(statement, DIALECT)
        try:
            found = self._connection.execute(ready.text, ready.arguments(values))
            return found.fetchall()  # to the end: an unfinished cursor would pin its snapshot
        except sqlite3.Error as error:
            if down(error):
                raise Unavailable(str(error)) from error
            raise  # a wrong statement: a bug
