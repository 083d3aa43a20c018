"""What merchants should hear of and don't, off the shelf; in the words of the SQL adapter."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from adapters.memory.database import OPEN_JOBS, Shelf
from domain.audit.dossier import Check
from domain.ids import EventId
from domain.ports.audit import Stray
from domain.ports.webhooks import Head
from domain.webhooks.told import PUBLIC


def mistold(shelf: Shelf, since: datetime) -> Iterator[Stray]:
    for row, told in (*_not_in_feed(shelf), *_numbers(shelf), *_deliveries(shelf, since)):
        yield Stray(Check.TOLD, row, told)


def _not_in_feed(shelf: Shelf) -> Iterator[tuple[str, str]]:
    for events in shelf.events.values():
        for _, event_id, event in events:
            if event.type in PUBLIC and EventId(event_id) not in shelf.feed:
                yield event_id, f"is a {event.type}, and stands in no feed"


def _numbers(shelf: Shelf) -> Iterator[tuple[str, str]]:
    numbered = sorted(
        (row.number, name) for name, row in shelf.feed.items() if row.number is not None
    )
    for (before, _), (number, name) in pairwise([(0, ""), *numbered]):
        if number != before + 1:
            yield name, f"is number {number}, and none comes before it"
    last, head = numbered[-1][0] if numbered else 0, shelf.heads.get("", Head()).number
    if head != last:
        yield "feed", f"its head is {head}, its last number {last}"


def _deliveries(shelf: Shelf, since: datetime) -> Iterator[tuple[str, str]]:
    for name, row in shelf.feed.items():
        if row.number is None or row.body is None or row.told.at < since:
            continue
        for endpoint in shelf.endpoints.values():
            hears = endpoint.is_active and endpoint.hears(row.told.topic, row.told.subject)
            is_new = row.number > endpoint.since_number
            if hears and is_new and (endpoint.id, name) not in shelf.deliveries:
                yield name, f"was never on its way to {endpoint.id}, which hears it"
    for delivery in shelf.deliveries.values():
        if delivery.is_waiting and shelf.job_states.get(delivery.job_id) not in OPEN_JOBS:
            told = f"waits to go to {delivery.endpoint_id}, and nobody brings it"
            yield delivery.event_id, told
