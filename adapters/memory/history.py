"""Events as they are stored: each has an id that follows from what it happened to. Those that
merchants hear of stand in the feed too."""

from collections.abc import Sequence

from adapters.memory.database import FeedRow, Shelf
from application.correlation import correlation_id
from domain.ids import EventId, PaymentId
from domain.payments.events import Event
from domain.values import replace
from domain.webhooks.told import PUBLIC, Told


def remember(
    shelf: Shelf, payment_id: PaymentId, subject: str, version: int, events: Sequence[Event]
) -> None:
    """`subject` is the payment or the refund that moved; with its version it names the move."""
    if not events:
        return
    known = shelf.events.setdefault(payment_id, [])
    correlation = correlation_id() or None
    for index, event in enumerate(events):
        stored = replace(event, correlation_id=correlation)
        event_id = EventId(f"evt_{subject[4:]}{version:04d}{index:02d}")
        known.append((event.at, event_id, stored))
        if (topic := PUBLIC.get(event.type)) is not None:
            told = Told(
                id=event_id,
                topic=topic,
                at=event.at,
                subject=event.refund_id or payment_id,
                payment_id=payment_id,
            )
            shelf.feed[event_id] = FeedRow(told)
            shelf.untold.add(event_id)
