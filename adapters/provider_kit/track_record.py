"""How accounts' attempts went in the last day, over all processes: counted here, kept there.

What was counted is added to the hour's row now and then; nothing waits for it. A process that is
killed takes the last few seconds' counts with it: they steer and inform, and are no books.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.errors import CommitUnknown, Conflict
from domain.ids import AccountId, TenantId
from domain.ports.clock import Clock
from domain.ports.track_records import HOUR_S, HOURS, Hour, TrackBoard, later_of
from domain.ports.unit_of_work import Units

MOST_ACCOUNTS: Final = 10_000  # the least recently used are forgotten
MOST_READ: Final = 1000  # rows of one look; the rest comes with the next
MOST_TOLD: Final = 200  # rows written in one round
OVERLAP: Final = timedelta(seconds=60)  # clocks differ, and commits overtake each other

Key = tuple[AccountId, int]  # and the hour's number


@dataclass(frozen=True, slots=True)
class Totals:
    """Of a provider, over all accounts at it, in the last HOURS hours."""

    finished: int = 0
    successes: int = 0
    answers: int = 0
    waited_ms: int = 0
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None

    def plus(self, hour: Hour) -> "Totals":
        return Totals(
            self.finished + hour.finished,
            self.successes + hour.successes,
            self.answers + hour.answers,
            self.waited_ms + hour.waited_ms,
            later_of(self.last_success_at, hour.last_success_at),
            later_of(self.last_failure_at, hour.last_failure_at),
        )


class _Count:
    """An hour's counts of an account that are not stored yet. Not a value: it counts each call."""

    __slots__ = ("answers", "failed_at", "finished", "succeeded_at", "successes", "waited_ms")

    def __init__(self) -> None:
        self.finished = self.successes = self.answers = self.waited_ms = 0
        self.succeeded_at: datetime | None = None
        self.failed_at: datetime | None = None

    def add(self, other: "_Count") -> None:
        self.finished += other.finished
        self.successes += other.successes
        self.answers += other.answers
        self.waited_ms += other.waited_ms
        self.succeeded_at = later_of(self.succeeded_at, other.succeeded_at)
        self.failed_at = later_of(self.failed_at, other.failed_at)


class TrackRecord:
    """One for the process. `look` is called every few seconds while it serves."""

    def __init__(self, clock: Clock, units: Units, board: TrackBoard) -> None:
        self._clock = clock
        self._units = units
        self._board = board
        self._whose: OrderedDict[AccountId, tuple[str, TenantId]] = OrderedDict()
        self._known: dict[AccountId, dict[int, Hour]] = {}  # as stored, by slot
        self._mine: dict[Key, _Count] = {}  # counted here and not stored yet
        self._since: datetime | None = None

    def belongs(self, account_id: AccountId, provider: str, tenant_id: TenantId) -> None:
        """Before anything of it is counted."""
        self._whose[account_id] = (provider, tenant_id)
        self._whose.move_to_end(account_id)
        if len(self._whose) > MOST_ACCOUNTS:
            gone, _ = self._whose.popitem(last=False)
            self._known.pop(gone, None)

    def ended(self, account_id: AccountId, *, success: bool) -> None:
        """One attempt."""
        if (count := self._count(account_id)) is None:
            return
        count.finished += 1
        if success:
            count.successes += 1
            count.succeeded_at = self._clock.now()
        else:
            count.failed_at = self._clock.now()

    def answered(self, account_id: AccountId, waited_s: float) -> None:
        """One call that may move money."""
        if (count := self._count(account_id)) is not None:
            count.answers += 1
            count.waited_ms += round(waited_s * 1000)

    def lately(self, account_id: AccountId) -> tuple[int, int]:
        """Successes and finished attempts of this hour and the one before."""
        this = self._hour()
        kept, successes, finished = self._known.get(account_id, {}), 0, 0
        for number in (this, this - 1):
            stored, counted = kept.get(number % HOURS), self._mine.get((account_id, number))
            if stored is not None and stored.number == number:
                successes, finished = successes + stored.successes, finished + stored.finished
            if counted is not None:
                successes, finished = successes + counted.successes, finished + counted.finished
        return successes, finished

    def totals(self) -> Mapping[str, Totals]:
        """By provider."""
        oldest = self._hour() - HOURS
        found: dict[str, Totals] = {}
        stored = [hour for kept in self._known.values() for hour in kept.values()]
        mine = [self._shown(key, count) for key, count in self._mine.items()]
        for hour in (*stored, *filter(None, mine)):
            if hour.number > oldest:
                found[hour.provider] = found.get(hour.provider, Totals()).plus(hour)
        return found

    async def look(self) -> None:
        """Store what was counted, then read what others counted. Raises NotStored, CommitUnknown;
        what was not stored is stored the next time."""
        oldest = self._hour() - HOURS
        for key in list(self._mine)[:MOST_TOLD]:
            if key[1] > oldest:
                await self._store(key)
            else:  # the database was away for a day
                del self._mine[key]
        await self._read()

    async def _store(self, key: Key) -> None:
        count = self._mine.pop(key)
        if (counted := self._shown(key, count)) is None:
            return
        try:
            async with self._units(counted.tenant_id) as unit:
                kept = await unit.track_records.slot(counted.account_id, counted.slot)
                if kept is not None and kept.number > counted.number:
                    return  # a day late: nobody asks for it any more
                moved = _added(kept, counted)
                unit.track_records.put(moved)
                await unit.commit()
        except CommitUnknown:  # counted twice or not at all: not at all misleads less
            raise
        except Conflict:
            self._give_back(key, count)
        except BaseException:
            self._give_back(key, count)
            raise
        else:
            self._keep(replace(moved, version=moved.version + 1))

    def _give_back(self, key: Key, count: _Count) -> None:
        self._mine.setdefault(key, _Count()).add(count)

    def _shown(self, key: Key, count: _Count) -> Hour | None:
        """None when nobody said, or nobody knows any more, whose account it is."""
        account_id, number = key
        if (whose := self._whose.get(account_id)) is None:
            return None
        provider, tenant_id = whose
        return Hour(
            account_id=account_id,
            tenant_id=tenant_id,
            provider=provider,
            number=number,
            finished=count.finished,
            successes=count.successes,
            answers=count.answers,
            waited_ms=count.waited_ms,
            last_success_at=count.succeeded_at,
            last_failure_at=count.failed_at,
            changed_at=self._clock.now(),
        )

    async def _read(self) -> None:
        now = self._clock.now()
        since = self._since or now - timedelta(seconds=HOURS * HOUR_S)
        found = await self._board.changed(since, MOST_READ)
        for one in found:
            self._keep(one)
        if len(found) == MOST_READ:  # there is more, of then or later
            self._since = max(found[-1].changed_at, since + timedelta(microseconds=1))
        else:
            self._since = max(since, now - OVERLAP)

    def _keep(self, hour: Hour) -> None:
        if hour.account_id not in self._whose:
            self.belongs(hour.account_id, hour.provider, hour.tenant_id)
        slots = self._known.setdefault(hour.account_id, {})
        known = slots.get(hour.slot)
        if known is None or known.version < hour.version:
            slots[hour.slot] = hour

    def _count(self, account_id: AccountId) -> _Count | None:
        if account_id not in self._whose:
            return None
        key = (account_id, self._hour())
        if (count := self._mine.get(key)) is None:
            count = self._mine[key] = _Count()
        return count

    def _hour(self) -> int:
        return int(self._clock.now().timestamp()) // HOUR_S


def _added(kept: Hour | None, counted: Hour) -> Hour:
    """The row as it shall be, with the version that it has."""
    if kept is None:
        return counted
    if kept.number == counted.number:
        return kept.plus(counted)
    return replace(counted, version=kept.version)  # yesterday's gives way
