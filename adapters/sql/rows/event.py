"""Events as rows. Their ids follow from what they belong to, so a repeat would break a key."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from adapters.sql import tables as t
from adapters.sql.rows.values import json, time, us
from adapters.sql.writes import Row
from application.correlation import correlation_id
from domain.payments.events import Event
from domain.ports.views import TimelineEntry

EVENT_COLUMNS: Final = (
    t.events.c.type,
    t.events.c.at,
    t.events.c.cause,
    t.events.c.attempt_id,
    t.events.c.refund_id,
    t.events.c.data,
    t.events.c.correlation_id,
)

_data: Final = msgspec.json.Decoder(dict[str, str | int | None])


def event_row(event: Event, payment_id: str, of: str, version: int, index: int) -> Row:
    """`of` is the payment or refund that `version` counts; ids of one owner sort as they came."""
    return {
        "payment_id": payment_id,
        "id": f"evt_{of[4:]}{version:04d}{index:02d}",
        "type": event.type,
        "at": us(event.at),
        "cause": event.cause,
        "attempt_id": event.attempt_id,
        "refund_id": event.refund_id,
        "data": json(event.data) if event.data is not None else None,
        "correlation_id": correlation_id() or None,
    }


def entry_of(number: int, columns: Sequence[Any]) -> TimelineEntry:
    """From EVENT_COLUMNS."""
    kind, at, cause, attempt_id, refund_id, data, correlation = columns
    return TimelineEntry(
        number,
        kind,
        time(at),
        cause,
        attempt_id,
        refund_id,
        _data.decode(data) if data is not None else {},
        correlation,
    )
