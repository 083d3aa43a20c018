"""What merchants are told, in dicts."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.memory.database import FeedRow, MemoryDatabase, Shelf
from adapters.memory.draft import NOTHING, Draft, Write
from domain.errors import NotFound, StaleVersion
from domain.ids import EventId, TenantId
from domain.ports.webhooks import Feed, Head, Untold
from domain.values import replace
from domain.webhooks.told import NumberedEvent, Told


class MemoryFeed(Feed):
    __slots__ = ("_draft", "_shelf")

    def __init__(self, draft: Draft) -> None:
        self._draft, self._shelf = draft, draft.shelf

    def tell(self, told: Told) -> None:
        tell(self._draft, told)

    async def untold(self, limit: int) -> Sequence[Told]:
        return [self._shelf.feed[one].told for one in sorted(self._shelf.untold)[:limit]]

    async def head(self) -> Head:
        return self._shelf.heads.get("", Head())

    def number(self, head: Head, events: Sequence[NumberedEvent], of: Sequence[Told]) -> None:
        for event, told in zip(events, of, strict=True):
            version = told.version + 1
            row = FeedRow(replace(told, version=version), event.number, event.body, version)
            write = FeedWrite(self._shelf.feed, told.id, row, told.version)
            write.shelf = self._shelf
            self._draft.collect(write)
        self._move(head, events[-1].number)

    def hold(self, head: Head) -> None:
        self._move(head, head.number)

    def _move(self, head: Head, number: int) -> None:
        version = head.version + 1 if head.version is not None else 0
        write = HeadWrite(self._shelf.heads, "", Head(number, version), NOTHING)
        write.seen = head
        self._draft.collect(write)

    async def get(self, event_id: EventId) -> NumberedEvent:
        found = self._shelf.feed.get(event_id)
        if found is None or found.number is None:
            raise NotFound(f"event {event_id}")
        return numbered_of(found)

    async def numbered(self, first: int, last: int, limit: int) -> Sequence[NumberedEvent]:
        ids = self._shelf.numbered[max(first, 1) - 1 : max(last, 0)]
        return [short(self._shelf.feed[one]) for one in ids[:limit]]

    async def between(
        self, since: datetime, after: EventId, until: datetime, limit: int
    ) -> Sequence[NumberedEvent]:
        rows = [
            row
            for row in self._shelf.feed.values()
            if row.body is not None
            and row.told.at < until
            and (row.told.at, row.told.id) > (since, after)
        ]
        rows.sort(key=lambda row: (row.told.at, row.told.id))
        return [short(row) for row in rows[:limit]]


def tell(draft: Draft, told: Told) -> None:
    """Collect it, for this unit."""
    write = FeedWrite(draft.shelf.feed, told.id, FeedRow(told), NOTHING)
    write.shelf = draft.shelf
    draft.collect(write)


class FeedWrite(Write[FeedRow]):
    __slots__ = ("shelf",)

    shelf: Shelf

    def apply(self) -> None:
        super().apply()
        if self.value.number is None:
            self.shelf.untold.add(self.key)
            return
        self.shelf.untold.discard(self.key)
        self.shelf.numbered.append(self.key)


class HeadWrite(Write[Head]):
    """`seen` is what the unit read."""

    __slots__ = ("seen",)

    seen: Head

    def check(self) -> None:
        found = self.table.get(self.key, Head())
        if found.version != self.seen.version:
            raise StaleVersion("the feed's head moved")


@dataclass(frozen=True, slots=True)
class MemoryUntold(Untold):
    database: MemoryDatabase

    async def tenants(self, after: TenantId | None, limit: int) -> Sequence[TenantId]:
        known = sorted(self._with_some())
        start = bisect_right(known, after) if after is not None else 0
        return known[start : start + limit]

    def _with_some(self) -> Iterator[TenantId]:
        for tenant_id, shelf in self.database.shelves.items():
            if shelf.untold:
                yield tenant_id


def numbered_of(row: FeedRow) -> NumberedEvent:
    """Of a row that has its number."""
    return NumberedEvent(
        id=row.told.id,
        number=row.number or 0,
        topic=row.told.topic,
        at=row.told.at,
        subject=row.told.subject,
        payment_id=row.told.payment_id,
        body=row.body,
    )


def short(row: FeedRow) -> NumberedEvent:
    """Without its body."""
    return replace(numbered_of(row), body=None)
