"""Events as they are stored: each has an id that follows from what it happened to."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.memory.database import Shelf
from application.correlation import correlation_id
from domain.ids import PaymentId
from domain.payments.events import Event


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
        known.append((event.at, f"evt_{subject[4:]}{version:04d}{index:02d}", stored))
