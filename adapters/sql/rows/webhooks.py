"""The feed, endpoints and deliveries as rows."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from adapters.sql import tables as t
from adapters.sql.rows.values import json, time, time_or_none, us, us_or_none, words
from adapters.sql.writes import Row
from domain.ids import EventId, PaymentId
from domain.payments.events import Event
from domain.webhooks.delivery import Delivery, DeliveryState, Try
from domain.webhooks.endpoint import EndpointState, WebhookEndpoint
from domain.webhooks.told import PUBLIC, NumberedEvent, Told, Topic

TOPICS: Final = words(Topic)
ENDPOINT_STATES: Final = words(EndpointState)
DELIVERY_STATES: Final = words(DeliveryState)

TOLD_COLUMNS: Final = (
    t.feed.c.id,
    t.feed.c.type,
    t.feed.c.at,
    t.feed.c.subject,
    t.feed.c.payment_id,
    t.feed.c.data,
    t.feed.c.version,
)
SHORT_COLUMNS: Final = (
    t.feed.c.id,
    t.feed.c.number,
    t.feed.c.type,
    t.feed.c.at,
    t.feed.c.subject,
    t.feed.c.payment_id,
)
NUMBERED_COLUMNS: Final = (*SHORT_COLUMNS, t.feed.c.body)
ENDPOINT_COLUMNS: Final = tuple(t.webhook_endpoints.c)
DELIVERY_COLUMNS: Final = tuple(
    column for column in t.deliveries.c if column.name not in ("tenant_id",)
)
TRY_COLUMNS: Final = tuple(
    column for column in t.delivery_tries.c if column.name not in ("tenant_id",)
)

_data: Final = msgspec.json.Decoder(dict[str, Any])
_words: Final = msgspec.json.Decoder(list[str])


def told_row(one: Told) -> Row:
    return {
        "id": one.id,
        "payment_id": one.payment_id,
        "type": one.topic,
        "at": us(one.at),
        "subject": one.subject,
        "data": json(dict(one.data)) if one.data is not None else None,
        "version": one.version,
    }


def happened_row(event: Event, stored: Row) -> Row | None:
    """Beside the stored row of a payment's or refund's event: None when merchants don't hear of
    such events."""
    if event.type not in PUBLIC:
        return None
    payment_id = stored["payment_id"]
    return {
        "id": stored["id"],
        "payment_id": payment_id,
        "type": stored["type"],
        "at": stored["at"],
        "subject": event.refund_id or payment_id,
        "data": None,
        "version": 0,
    }


def told_of(columns: Sequence[Any]) -> Told:
    """From TOLD_COLUMNS."""
    event_id, kind, at, subject, payment_id, data, version = columns
    return Told(
        id=event_id,
        topic=TOPICS[kind],
        at=time(at),
        subject=subject,
        payment_id=payment_id,
        data=_data.decode(data) if data is not None else None,
        version=version,
    )


def numbered_of(columns: Sequence[Any]) -> NumberedEvent:
    """From NUMBERED_COLUMNS, or from SHORT_COLUMNS without the body."""
    event_id, number, kind, at, subject, payment_id, *body = columns
    return NumberedEvent(
        id=EventId(event_id),
        number=number,
        topic=TOPICS[kind],
        at=time(at),
        subject=subject,
        payment_id=PaymentId(payment_id) if payment_id is not None else None,
        body=body[0] if body else None,
    )


def endpoint_row(one: WebhookEndpoint) -> Row:
    return {
        "id": one.id,
        "created_at": us(one.created_at),
        "version": one.version,
        **endpoint_changes(one),
    }


def endpoint_changes(one: WebhookEndpoint) -> Row:
    """The columns that may change."""
    return {
        "url": one.url,
        "description": one.description,
        "topics": json(sorted(one.topics)),
        "ordered": one.ordered,
        "sealed": one.sealed,
        "previous": one.previous,
        "previous_until": us_or_none(one.previous_until),
        "state": one.state,
        "reason": one.reason,
        "disabled_at": us_or_none(one.disabled_at),
        "failing_since": us_or_none(one.failing_since),
        "since_number": one.since_number,
    }


def endpoint_of(columns: Sequence[Any]) -> WebhookEndpoint:
    """From ENDPOINT_COLUMNS."""
    (
        endpoint_id, tenant_id, url, description, topics, ordered, sealed, previous,
        previous_until, state, reason, disabled_at, failing_since, since_number, created_at,
        version,
    ) = columns  # fmt: skip
    return WebhookEndpoint(
        id=endpoint_id,
        tenant_id=tenant_id,
        url=url,
        sealed=sealed,
        created_at=time(created_at),
        description=description,
        topics=frozenset(TOPICS[word] for word in _words.decode(topics) if word in TOPICS),
        ordered=bool(ordered),
        previous=previous,
        previous_until=time_or_none(previous_until),
        state=ENDPOINT_STATES[state],
        reason=reason,
        disabled_at=time_or_none(disabled_at),
        failing_since=time_or_none(failing_since),
        since_number=since_number,
        version=version,
    )


def delivery_row(one: Delivery) -> Row:
    return {
        "event_id": one.event_id,
        "endpoint_id": one.endpoint_id,
        "number": one.number,
        "payment_id": one.payment_id,
        "version": one.version,
        **delivery_changes(one),
    }


def delivery_changes(one: Delivery) -> Row:
    """The columns that may change."""
    return {
        "state": one.state,
        "tries": one.tries,
        "sends": one.sends,
        "replays": one.replays,
        "next_at": us(one.next_at),
        "last_status": one.last_status,
        "last_error": one.last_error,
        "delivered_at": us_or_none(one.delivered_at),
    }


def delivery_of(columns: Sequence[Any]) -> Delivery:
    """From DELIVERY_COLUMNS."""
    (
        event_id, endpoint_id, number, payment_id, state, tries, sends, replays, next_at,
        last_status, last_error, delivered_at, version,
    ) = columns  # fmt: skip
    return Delivery(
        endpoint_id=endpoint_id,
        event_id=event_id,
        number=number,
        payment_id=payment_id,
        next_at=time(next_at),
        state=DELIVERY_STATES[state],
        tries=tries,
        sends=sends,
        replays=replays,
        last_status=last_status,
        last_error=last_error,
        delivered_at=time_or_none(delivered_at),
        version=version,
    )


def try_row(one: Try) -> Row:
    return {
        "event_id": one.event_id,
        "endpoint_id": one.endpoint_id,
        "number": one.number,
        "at": us(one.at),
        "status": one.status,
        "error": one.error,
        "ms": one.ms,
        "answer": one.answer,
    }


def try_of(columns: Sequence[Any]) -> Try:
    """From TRY_COLUMNS."""
    event_id, endpoint_id, number, at, status, error, ms, answer = columns
    return Try(
        endpoint_id=endpoint_id,
        event_id=event_id,
        number=number,
        at=time(at),
        status=status,
        error=error,
        ms=ms,
        answer=answer,
    )
