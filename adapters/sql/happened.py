"""What happened, for the timeline, and beside it what merchants are told of it."""

from collections.abc import Sequence

from adapters.sql import tables as t
from adapters.sql.rows.event import event_row
from adapters.sql.rows.webhooks import happened_row
from adapters.sql.writes import Insert, Write
from domain.errors import Conflict
from domain.payments.events import Event


def happened(
    events: Sequence[Event],
    payment_id: str,
    of: str,
    version: int,
    errors: dict[str, type[Conflict]],
) -> list[Write]:
    """`of` is the payment or refund that `version` counts. A row of the feed for each public
    event: it gets its number later, so that no state change waits for another's."""
    writes: list[Write] = []
    for index, event in enumerate(events):
        row = event_row(event, payment_id, of, version, index)
        writes.append(Insert(t.events, row, errors))
        if (told := happened_row(event, row)) is not None:
            writes.append(Insert(t.feed, told, errors))
    return writes
