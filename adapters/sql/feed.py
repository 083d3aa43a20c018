"""What merchants are told: rows beside the state changes, numbered afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, or_, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.values import us
from adapters.sql.rows.webhooks import (
    NUMBERED_COLUMNS,
    SHORT_COLUMNS,
    TOLD_COLUMNS,
    numbered_of,
    told_of,
    told_row,
)
from adapters.sql.writes import GuardedUpdate, Insert, Reads
from domain.errors import Conflict, DuplicateKey, NotFound, StaleVersion
from domain.ids import EventId, TenantId
from domain.ports.webhooks import Feed, Head, Untold
from domain.webhooks.told import NumberedEvent, Told

TOLD: Final[dict[str, type[Conflict]]] = {"pk_feed": DuplicateKey}
TAKEN: Final[dict[str, type[Conflict]]] = {"ux_feed_number": StaleVersion}  # by who was first
FIRST: Final[dict[str, type[Conflict]]] = {"pk_feed_heads": StaleVersion}
LOWEST: Final = ""  # before every id

_feed = t.feed.c
_MINE: Final = _feed.tenant_id == bindparam("tenant_id")

HEAD: Final = select(t.feed_heads.c.number, t.feed_heads.c.version).where(
    t.feed_heads.c.tenant_id == bindparam("tenant_id")
)
UNTOLD: Final = (
    select(*TOLD_COLUMNS).where(_MINE, t.UNTOLD).order_by(_feed.id).limit(bindparam("limit"))
)
EVENT: Final = select(*NUMBERED_COLUMNS).where(_feed.id == bindparam("id"), _MINE, t.NUMBERED)
RANGE: Final = (
    select(*SHORT_COLUMNS)
    .where(_MINE, t.NUMBERED, _feed.number >= bindparam("first"), _feed.number <= bindparam("last"))
    .order_by(_feed.number)
    .limit(bindparam("limit"))
)
BETWEEN: Final = (
    select(*SHORT_COLUMNS)
    .where(
        _MINE,
        t.WITH_BODY,
        _feed.at >= bindparam("since"),
        _feed.at < bindparam("until"),
        or_(_feed.at > bindparam("since"), _feed.id > bindparam("after")),
    )
    .order_by(_feed.at, _feed.id)
    .limit(bindparam("limit"))
)

# From tenant to tenant by the index, however many events one of them has.
_tenants = (
    select(func.min(_feed.tenant_id).label("tenant_id"))
    .where(t.UNTOLD, _feed.tenant_id > bindparam("after"))
    .cte("untold", recursive=True)
)
_next = (
    select(func.min(_feed.tenant_id))
    .where(t.UNTOLD, _feed.tenant_id > _tenants.c.tenant_id)
    .correlate(_tenants)
    .scalar_subquery()
)
_all = _tenants.union_all(select(_next).where(_tenants.c.tenant_id.is_not(None)))
TENANTS: Final = (
    select(_all.c.tenant_id).where(_all.c.tenant_id.is_not(None)).limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class SqlFeed(Feed):
    draft: Draft

    def tell(self, told: Told) -> None:
        self.draft.collect(Insert(t.feed, told_row(told), TOLD))

    async def untold(self, limit: int) -> Sequence[Told]:
        return [told_of(row) for row in await self.draft.rows(UNTOLD, limit=limit)]

    async def head(self) -> Head:
        for number, version in await self.draft.rows(HEAD):
            return Head(number, version)
        return Head()

    def number(self, head: Head, events: Sequence[NumberedEvent], of: Sequence[Told]) -> None:
        for event, told in zip(events, of, strict=True):
            values = {"number": event.number, "body": event.body}
            one = GuardedUpdate(t.feed, {"id": told.id}, told.version, values, TAKEN)
            self.draft.collect(one)
        self._move(head, events[-1].number)

    def hold(self, head: Head) -> None:
        self._move(head, head.number)

    def _move(self, head: Head, number: int) -> None:
        """Also to where it is: whoever read the same head is refused."""
        if head.version is None:
            self.draft.collect(Insert(t.feed_heads, {"number": number, "version": 0}, FIRST))
        else:
            self.draft.collect(GuardedUpdate(t.feed_heads, {}, head.version, {"number": number}))

    async def get(self, event_id: EventId) -> NumberedEvent:
        for row in await self.draft.rows(EVENT, id=event_id):
            return numbered_of(row)
        raise NotFound(f"event {event_id}")

    async def numbered(self, first: int, last: int, limit: int) -> Sequence[NumberedEvent]:
        rows = await self.draft.rows(RANGE, first=first, last=last, limit=limit)
        return [numbered_of(row) for row in rows]

    async def between(
        self, since: datetime, after: EventId, until: datetime, limit: int
    ) -> Sequence[NumberedEvent]:
        rows = await self.draft.rows(
            BETWEEN, since=us(since), after=after, until=us(until), limit=limit
        )
        return [numbered_of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class SqlUntold(Untold):
    reads: Reads

    async def tenants(self, after: TenantId | None, limit: int) -> Sequence[TenantId]:
        values = {"after": after or LOWEST, "limit": limit}
        rows = await self.reads.platform_rows(TENANTS, values, every_tenant=True)
        return [row[0] for row in rows]
