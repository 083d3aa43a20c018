"""SQLite behind one thread, so that a flush never stops the loop."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

from sqlalchemy.sql.base import Executable

from adapters.sql.counters import Counters
from adapters.sql.sqlite_writer import SqliteWriter
from adapters.sql.writes import Record, Row, Store, WriteSet
from domain.errors import Overloaded

CLAIMS: Final = 64  # returning() calls that may wait; a worker needs one or two

Task = tuple[Callable[[], Any], asyncio.AbstractEventLoop, asyncio.Future[Any]]


class SqliteStore(Store):
    """One thread owns the writing connection; groups and claims take turns on it.

    Raises Unavailable when the file can't be opened.
    """

    def __init__(self, path: str) -> None:
        self.counters = Counters()
        self._writer = SqliteWriter(path, self.counters)
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._claims = 0
        # A daemon: a process that dies without close() must not hang on a thread that waits.
        self._thread = Thread(target=self._serve, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def write(self, group: Sequence[WriteSet]) -> Sequence[Exception | None]:
        answers: Sequence[Exception | None] = await self._on_thread(
            partial(self._writer.write, group)
        )
        return answers

    async def returning(self, statement: Executable, values: Row) -> Sequence[Record]:
        if self._claims >= CLAIMS:
            raise Overloaded(f"{self._claims} claims wait")
        self._claims += 1
        try:
            rows: Sequence[Record] = await self._on_thread(
                partial(self._writer.returning, statement, values)
            )
        finally:
            self._claims -= 1
        return rows

    async def close(self) -> None:
        if self._thread.is_alive():
            await self._on_thread(self._writer.close)
            self._tasks.put(None)
            self._thread.join()

    async def _on_thread(self, work: Callable[[], Any]) -> Any:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._tasks.put((work, loop, answer))
        return await answer

    def _serve(self) -> None:
        while (task := self._tasks.get()) is not None:
            work, loop, answer = task
            try:
                told = partial(tell, answer, work(), None)
            except BaseException as error:
                told = partial(tell, answer, None, error)
            try:
                loop.call_soon_threadsafe(told)
            except RuntimeError:  # the loop was closed: nobody is left to hear it
                continue


def tell(answer: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if answer.done():  # the caller was cancelled
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
