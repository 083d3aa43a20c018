"""Deliveries to webhook endpoints as clients see them, and what to send once more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, Struct, field

from adapters.http.wire.reading import Findings
from adapters.http.wire.requests import MOST_A_PAGE, PAGE
from application.text import instant
from application.webhooks.replay import Replayed, Which
from domain.errors import Invalid
from domain.ids import EventId
from domain.ports.webhook_views import DeliveryPage
from domain.webhooks.delivery import Delivery, DeliveryState, Try

EVENT_ID: Final = "evt_[0-9A-Za-z]{1,36}"
GREATEST: Final = 2**53 - 1  # every JSON reader holds it exactly
FeedNumber = Annotated[int, Meta(ge=1, le=GREATEST, description="An event's number.")]


class DeliveryReply(Struct, rename="camel"):
    """One event on its way to one endpoint."""

    event: str
    number: int
    state: DeliveryState
    attempts: Annotated[int, Meta(description="How often it was sent.")]
    replays: int
    next_at: Annotated[datetime | None, Meta(description="When it is sent again.")]
    last_status: Annotated[int | None, Meta(description="HTTP; null when nobody answered.")]
    last_error: str | None
    delivered_at: datetime | None

    @classmethod
    def of(cls, one: Delivery) -> "DeliveryReply":
        return cls(
            one.event_id,
            one.number,
            one.state,
            one.sends,
            one.replays,
            one.next_at if one.is_waiting else None,
            one.last_status,
            one.last_error,
            one.delivered_at,
        )


class DeliveryList(Struct, rename="camel"):
    """Deliveries to an endpoint, the newest event first."""

    data: list[DeliveryReply]
    next_cursor: str | None

    @classmethod
    def of(cls, page: DeliveryPage) -> "DeliveryList":
        cursor = str(page.next_before) if page.next_before is not None else None
        return cls([DeliveryReply.of(one) for one in page.deliveries], cursor)


class TryReply(Struct, rename="camel"):
    """One call to the endpoint."""

    number: int
    at: datetime
    status: int | None
    error: str | None
    ms: int
    answer: Annotated[str, Meta(description="The first 2 KB of what it answered.")]


class DeliveryLog(Struct, rename="camel"):
    """A delivery and every call that was made for it, the oldest first; kept 30 days."""

    delivery: DeliveryReply
    attempts: list[TryReply]

    @classmethod
    def of(cls, one: Delivery, tries: Sequence[Try]) -> "DeliveryLog":
        log = [TryReply(t.number, t.at, t.status, t.error, t.ms, t.answer) for t in tries]
        return cls(DeliveryReply.of(one), log)


class DeliveriesQuery(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """All that is given must hold."""

    state: DeliveryState | None = None
    cursor: Annotated[str, Meta(pattern="^[1-9][0-9]{0,15}$")] | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_A_PAGE)] = PAGE

    @property
    def before(self) -> int | None:
        return int(self.cursor) if self.cursor is not None else None


class ReplayBody(
    Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True, frozen=True
):
    """One of: `event`; `fromNumber` and `toNumber`, both included; `from` and `to` (not
    included), when it happened; `failed`, all that was given up."""

    event: Annotated[str, Meta(pattern=f"^{EVENT_ID}$")] | None = None
    from_number: FeedNumber | None = None
    to_number: FeedNumber | None = None
    since: Annotated[str, Meta(max_length=40)] | None = field(default=None, name="from")
    to: Annotated[str, Meta(max_length=40)] | None = None
    failed: bool = False

    def which(self) -> Which:
        """Raises Faulty, Invalid."""
        found, start, end = Findings(), self.since, self.to
        since = found.tried("from", lambda: instant(start)) if start is not None else None
        until = found.tried("to", lambda: instant(end)) if end is not None else None
        found.raise_if_any()
        which = Which(
            event_id=EventId(self.event) if self.event is not None else None,
            first=self.from_number,
            last=self.to_number,
            since=since,
            until=until,
            failed=self.failed,
        )
        try:
            which.check()
        except Invalid:
            if which.ends_first:
                told = "must not be before where it begins"
                raise Invalid(told, "toNumber" if which.last is not None else "to") from None
            raise Invalid(
                "give just one of: event; fromNumber and toNumber; from and to; failed"
            ) from None
        return which


class ReplayReply(Struct, rename="camel"):
    """How many deliveries were begun anew."""

    replayed: int
    next: Annotated[
        ReplayBody | None,
        Meta(description="Asks for what one request left over; null when nothing is left."),
    ]

    @classmethod
    def of(cls, done: Replayed) -> "ReplayReply":
        rest = done.rest
        if rest is None:
            return cls(done.events, None)
        left = ReplayBody(
            from_number=rest.first,
            to_number=rest.last,
            since=rest.since.isoformat() if rest.since is not None else None,
            to=rest.until.isoformat() if rest.until is not None else None,
            failed=rest.failed,
        )
        return cls(done.events, left)
