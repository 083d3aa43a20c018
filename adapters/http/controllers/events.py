"""The feed of a tenant's events: by their numbers, so that a client can prove it has them all."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from adapters.http import webhook_examples as examples
from adapters.http.answers import Ready
from adapters.http.caller import Desk
from adapters.http.operation import Call, Operation
from adapters.http.wire.deliveries import GREATEST
from adapters.http.wire.events import EventBody, EventFeed, body_of, feed
from adapters.http.wire.reading import Nothing, Query
from adapters.http.wire.requests import MOST_A_PAGE, PAGE
from application.webhooks.well_formed import topics_of
from domain.errors import Invalid
from domain.ids import EventId
from domain.ports.webhook_views import WebhookViews
from domain.tenants.api_key import Scope
from domain.webhooks.told import NumberedEvent, Topic

LONGEST_WAIT_S: Final = 25  # shorter than what proxies allow
LOOK_S: Final = 0.5  # between two looks of one that waits
MOST_WAITING: Final = 200  # of a process; whoever comes then is answered at once


class EventsQuery(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """Begin with `after=0`, and go on with `nextAfter`."""

    after: Annotated[int, Meta(ge=0, le=GREATEST, description="The last number that is known.")] = 0
    limit: Annotated[int, Meta(ge=1, le=MOST_A_PAGE)] = PAGE
    types: (
        Annotated[
            str, Meta(max_length=1000, description="Only these, for example payment.succeeded,…")
        ]
        | None
    ) = None
    wait: Annotated[
        int, Meta(ge=0, le=LONGEST_WAIT_S, description="Seconds to wait for the next event.")
    ] = 0

    def topics(self) -> frozenset[Topic]:
        """None: all. Raises Invalid."""
        words = [one.strip() for one in (self.types or "").split(",") if one.strip()]
        try:
            known = topics_of(one for one in words if one != Topic.TEST)
        except Invalid as error:
            raise Invalid(str(error), "types") from None
        return known | {Topic.TEST} if Topic.TEST in words else known


FEED: Final = Operation(
    method="GET",
    path="/api/events",
    summary="Read the feed of events, in order and without a gap",
    scope=Scope.EVENTS_READ,
    reads=Query(EventsQuery),
    replies=EventFeed,
    tag="Events",
    example={"data": [examples.EVENT], "nextAfter": 42, "hasMore": False},
)
SHOW: Final = Operation(
    method="GET",
    path="/api/events/{id:str}",
    summary="Get an event",
    scope=Scope.EVENTS_READ,
    reads=Nothing(),
    replies=EventBody,
    errors=("not_found",),
    tag="Events",
    example=examples.EVENT,
)


@dataclass(slots=True)
class _Look:
    """What one answer holds."""

    after: int
    events: list[NumberedEvent] = field(default_factory=list)
    has_more: bool = False


class EventController:
    def __init__(self, views: WebhookViews) -> None:
        self._views, self._waiting = views, 0

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [FEED.served(desk, self.feed), SHOW.served(desk, self.show)]

    async def feed(self, call: Call, query: EventsQuery) -> Ready:
        """Numbers are 1, 2, 3, …: whoever has all up to `nextAfter` has missed nothing. With
        `types`, numbers of other types are passed over. With `wait`, an answer without events is
        held back until there is one, or the time is over. A number that is beyond the feed's end
        is refused: whoever knows it, from before a backup was restored, say, would miss what comes.
        """
        topics, look = query.topics(), _Look(query.after)
        looks = 1 + round(query.wait / LOOK_S) if self._waiting < MOST_WAITING else 1
        self._waiting += 1
        try:
            for turn in range(looks):
                await self._look(call, look, query.limit, topics)
                if look.after == query.after > 0 and turn == 0:
                    await self._check(call, query.after)
                if look.events or look.has_more or turn + 1 == looks:
                    break
                await asyncio.sleep(LOOK_S)
        finally:
            self._waiting -= 1
        return Ready(feed(look.events, look.after, has_more=look.has_more))

    async def show(self, call: Call, _: None) -> Ready:
        """As it was sent to endpoints, byte for byte."""
        event_id = EventId(call.id("evt_"))
        return Ready(body_of(await self._views.event(call.caller.tenant_id, event_id)))

    async def _check(self, call: Call, after: int) -> None:
        """Raises Invalid."""
        if after > (head := await self._views.head(call.caller.tenant_id)):
            raise Invalid(f"the feed ends with number {head}; go on from there, or from 0", "after")

    async def _look(self, call: Call, look: _Look, limit: int, topics: frozenset[Topic]) -> None:
        found = await self._views.events(call.caller.tenant_id, look.after, limit + 1)
        look.has_more, page = len(found) > limit, found[:limit]
        look.events += [one for one in page if not topics or one.topic in topics]
        if page:
            look.after = page[-1].number
