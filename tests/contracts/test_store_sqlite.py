"""What only SQLite can break: another process with the file, a crowded thread, a full disk."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Final

import pytest
from sqlalchemy import text

from adapters.sql import sqlite_store, sqlite_writer
from adapters.sql.sqlite_reads import SqliteReads
from adapters.sql.sqlite_store import SqliteStore
from domain.errors import CommitUnknown, Overloaded, StaleVersion, Unavailable
from tests import sql_store_world as w
from tests.sql_store_world import World, event, first, moved

pytestmark = pytest.mark.anyio
sqlite = w.sqlite
GOOD: Final = type(None)


async def test_the_settings_of_the_file(sqlite: World) -> None:
    with closing(sqlite3.connect(sqlite.path)) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    settings = {"synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    for name, value in settings.items():
        rows = await sqlite.gate.returning(text(f"PRAGMA {name}"), {})
        assert [tuple(row) for row in rows] == [(value,)]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await sqlite.reads.platform_rows(text("DELETE FROM outbox"), {})


async def test_a_file_held_by_another_process_is_unavailable_and_nothing_is_stored(
    sqlite: World,
) -> None:
    await sqlite.gate.returning(text("PRAGMA busy_timeout=50"), {})
    with closing(sqlite3.connect(sqlite.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answers = await sqlite.gate.inner.write([first("p0"), first("p1")])
        assert {type(each) for each in answers} == {Unavailable}
        assert await sqlite.payment("p0") is None, "readers never wait for a writer"
        with pytest.raises(Unavailable):
            await sqlite.gate.returning(text("DELETE FROM jobs"), {})
        other.execute("ROLLBACK")
    assert await sqlite.commit(first("p0")) == [None]
    assert sqlite.gate.counters.unknown == 0


async def test_two_writers_of_one_file_lose_nothing(sqlite: World) -> None:
    """A second store is what a second process is: another thread and another connection."""
    await sqlite.commit(first("p"))
    other = SqliteStore(sqlite.path)
    for version in range(20):
        told = await asyncio.gather(
            sqlite.gate.inner.write([moved("p", version, "a"), event()]),
            other.write([moved("p", version, "b"), event()]),
        )
        kinds = sorted(type(each).__name__ for answers in told for each in answers)
        assert kinds == ["NoneType", "NoneType", "NoneType", "StaleVersion"]
    await other.close()
    rows = await sqlite.reads.platform_rows(text("SELECT count(*) FROM outbox"), {})
    assert [tuple(row) for row in rows] == [(41,)]


async def test_a_commit_whose_flush_fails_is_unknown(
    sqlite: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = sqlite3.OperationalError("disk I/O error")
    broken.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    writer = sqlite_writer.SqliteWriter(sqlite.path, sqlite.gate.counters)
    run = writer._run

    def failing(statement: str, *rest: object) -> object:
        if statement == "COMMIT":
            raise broken
        return run(statement, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(writer, "_run", failing)
    answers = writer.write([first("p0"), first("p1")])
    assert {type(each) for each in answers} == {CommitUnknown}
    monkeypatch.undo()
    assert [type(each) for each in writer.write([first("p0"), moved("x", 0)])] == [
        GOOD,
        StaleVersion,
    ]
    writer.close()


async def test_a_full_disk_stores_nothing_and_the_writer_lives(sqlite: World) -> None:
    [row] = await sqlite.gate.returning(text("PRAGMA page_count"), {})
    await sqlite.gate.returning(text(f"PRAGMA max_page_count={row[0]}"), {})
    full: list[type] = []
    for number in range(200):
        [answer] = await sqlite.commit(event(f"{'long' * 200}{number}"))
        full.append(type(answer))
    assert set(full) == {GOOD, Unavailable}
    await sqlite.gate.returning(text("PRAGMA max_page_count=100000"), {})
    assert await sqlite.commit(first("p")) == [None]
    rows = await sqlite.reads.platform_rows(text("SELECT count(*) FROM outbox"), {})
    assert rows[0][0] == full.count(GOOD) + 1


async def test_too_many_claims_are_refused(sqlite: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_store, "CLAIMS", 3)
    told = await asyncio.gather(
        *(sqlite.gate.returning(text("SELECT 1"), {}) for _ in range(5)), return_exceptions=True
    )
    assert [type(each) for each in told] == [list] * 3 + [Overloaded] * 2


async def test_a_cancelled_claim_leaves_the_thread_working(sqlite: World) -> None:
    claim = asyncio.create_task(sqlite.gate.returning(text("SELECT 1"), {}))
    await asyncio.sleep(0)
    claim.cancel()
    await asyncio.gather(claim, return_exceptions=True)
    assert await sqlite.commit(first("p")) == [None]


async def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: object) -> None:
    for opened in (SqliteStore, SqliteReads):
        with pytest.raises(Unavailable):
            opened(f"{tmp_path}/none/t.db")
