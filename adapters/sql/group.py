"""Group commit: a group is whatever waited while the last one was written. There is no timer."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple

from adapters.sql.counters import GROUP
from adapters.sql.writes import Committer, Store, WriteSet
from domain.errors import CommitUnknown, Overloaded, Rejected, Unavailable

QUEUE: Final = 2048  # units waiting: about half a second of work
SHARE: Final = 256  # units of one tenant waiting, so that one cannot fill the queue
LOOK: Final = 4 * GROUP  # units looked at for one group, when many of them want the same rows


class Waiting(NamedTuple):
    unit: WriteSet
    rows: frozenset[Hashable]  # that it updates or replaces
    answer: asyncio.Future[None]
    arrived_at: float  # the loop's clock, seconds


def rows_of(unit: WriteSet) -> frozenset[Hashable]:
    """The rows a unit updates or replaces. Raises Rejected if it names one of them twice."""
    lines = [
        (shape.table.name, *line[: shape.key_width])
        for shape, line in unit.lines
        if shape.kind != "insert"
    ]
    rows = frozenset[Hashable](lines)
    if len(rows) != len(lines):  # the databases would answer differently
        raise Rejected(f"a row is named twice in one unit: {lines}")
    return rows


class FairQueue:
    """Tenants take turns, one unit each; units that want the same row keep their order.

    Two units that want one row never share a group: one of the two would have to fail or wait,
    and the group be written again.
    """

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[Waiting]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def put(self, waiting: Waiting) -> None:
        """Raises Overloaded."""
        tenant_id = waiting.unit.tenant_id
        mine = len(self._lines.get(tenant_id, ()))
        if self._size >= QUEUE or mine >= SHARE:
            raise Overloaded(f"{self._size} units wait, {mine} of this tenant")
        self._lines.setdefault(tenant_id, deque()).append(waiting)
        self._size += 1

    def take(self, most: int) -> list[Waiting]:
        """Up to `most` units whose callers still wait."""
        group: list[Waiting] = []
        passed: list[Waiting] = []
        wanted: set[Hashable] = set()
        while self._lines and len(group) < most and len(group) + len(passed) < LOOK:
            waiting = self._pop()
            if waiting.answer.done():  # cancelled
                continue
            if waiting.rows and not wanted.isdisjoint(waiting.rows):
                passed.append(waiting)
            else:
                group.append(waiting)
            wanted |= waiting.rows  # also of those passed: whoever comes later stays behind them
        for waiting in reversed(passed):
            self._push_back(waiting)
        return group

    def oldest_at(self) -> float | None:
        return min((line[0].arrived_at for line in self._lines.values()), default=None)

    def _pop(self) -> Waiting:
        tenant_id, line = self._lines.popitem(last=False)
        waiting = line.popleft()
        self._size -= 1
        if line:
            self._lines[tenant_id] = line
        return waiting

    def _push_back(self, waiting: Waiting) -> None:
        tenant_id = waiting.unit.tenant_id
        self._lines.setdefault(tenant_id, deque()).appendleft(waiting)
        self._lines.move_to_end(tenant_id, last=False)  # it had its turn and got nothing for it
        self._size += 1


class GroupCommitter(Committer):
    """Serves one store. The entry point starts run() as a task, and ends it with close()."""

    def __init__(self, store: Store) -> None:
        self.counters = store.counters
        self._store, self._queue = store, FairQueue()
        self._arrived, self._ended = asyncio.Event(), asyncio.Event()
        self._writing: Sequence[Waiting] = ()
        self._running = self._closing = False

    async def commit(self, unit: WriteSet) -> None:
        if self._closing:
            raise Unavailable("closing")
        loop = asyncio.get_running_loop()
        waiting = Waiting(unit, rows_of(unit), loop.create_future(), loop.time())
        try:
            self._queue.put(waiting)
        except Overloaded:
            self.counters.refused += 1
            raise
        self.counters.waiting = len(self._queue)
        self._arrived.set()
        await waiting.answer

    async def run(self) -> None:
        """Until closed. Whatever ends it, everybody who waits gets an answer."""
        self._running = True
        try:
            while group := await self._next():
                self._writing = group
                self._tell(group, await self._write(group))
                self._writing = ()
        finally:
            self._closing = True
            unknown = [CommitUnknown("the writer was stopped") for _ in self._writing]
            self._tell(self._writing, unknown)
            self._refuse_waiting()
            self._ended.set()

    async def close(self, timeout_s: float) -> None:
        """Refuse new units, write those that wait; after `timeout_s` refuse them too."""
        self._closing = True
        self._arrived.set()
        if not self._running:  # never started: nobody will write what waits
            self._refuse_waiting()
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._ended.wait()
        except TimeoutError:
            self._refuse_waiting()
            await self._ended.wait()  # one group at most, within the store's deadline

    def oldest_age_s(self) -> float:
        """Seconds the oldest unit waits for its answer, the group being written included."""
        times = [waiting.arrived_at for waiting in self._writing]
        if (oldest := self._queue.oldest_at()) is not None:
            times.append(oldest)
        return asyncio.get_running_loop().time() - min(times) if times else 0.0

    async def _next(self) -> list[Waiting]:
        while not (group := self._queue.take(GROUP)) and not self._closing:
            self._arrived.clear()
            await self._arrived.wait()
        self.counters.waiting = len(self._queue)
        return group

    async def _write(self, group: Sequence[Waiting]) -> Sequence[Exception | None]:
        self.counters.sizes[len(group)] += 1
        try:
            return await self._store.write([waiting.unit for waiting in group])
        except Exception as error:  # a bug in the store: say only what is certain
            return [CommitUnknown(repr(error)) for _ in group]

    def _refuse_waiting(self) -> None:
        while group := self._queue.take(GROUP):
            self._tell(group, [Unavailable("closing") for _ in group])
        self.counters.waiting = 0

    def _tell(self, group: Sequence[Waiting], answers: Sequence[Exception | None]) -> None:
        for waiting, error in zip(group, answers, strict=True):
            if isinstance(error, CommitUnknown):
                self.counters.unknown += 1
            if waiting.answer.done():  # answered, or the caller was cancelled
                continue
            if error is None:
                waiting.answer.set_result(None)
            else:
                waiting.answer.set_exception(error)
