"""Webhook endpoints, deliveries and events in the API's words."""

from collections.abc import Sequence
from typing import Any

import msgspec

from application.webhooks.endpoints import MadeEndpoint
from application.webhooks.replay import Replayed
from domain.webhooks.delivery import Delivery, Try
from domain.webhooks.endpoint import WebhookEndpoint
from domain.webhooks.told import NumberedEvent


def endpoint_words(one: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": one.id,
        "url": one.url,
        "description": one.description,
        "events": sorted(one.topics),
        "ordered": one.ordered,
        "status": one.state,
        "disabledReason": one.reason,
        "disabledAt": one.disabled_at,
        "failingSince": one.failing_since,
        "sinceNumber": one.since_number,
        "previousSecretUntil": one.previous_until,
        "createdAt": one.created_at,
    }


def made_words(made: MadeEndpoint) -> dict[str, Any]:
    return {**endpoint_words(made.endpoint), "secret": made.secret}


def delivery_words(one: Delivery) -> dict[str, Any]:
    return {
        "event": one.event_id,
        "number": one.number,
        "state": one.state,
        "attempts": one.sends,
        "replays": one.replays,
        "nextAt": one.next_at if one.is_waiting else None,
        "lastStatus": one.last_status,
        "lastError": one.last_error,
        "deliveredAt": one.delivered_at,
    }


def log_words(one: Delivery, tries: Sequence[Try]) -> dict[str, Any]:
    return {"delivery": delivery_words(one), "attempts": [_try(each) for each in tries]}


def _try(one: Try) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": one.at,
        "status": one.status,
        "error": one.error,
        "ms": one.ms,
        "answer": one.answer,
    }


def replay_words(done: Replayed) -> dict[str, Any]:
    if (rest := done.rest) is None:
        return {"replayed": done.events, "next": None}
    left = {
        "fromNumber": rest.first,
        "toNumber": rest.last,
        "from": rest.since.isoformat() if rest.since is not None else None,
        "to": rest.until.isoformat() if rest.until is not None else None,
        "failed": rest.failed or None,
    }
    given = {name: value for name, value in left.items() if value is not None}
    return {"replayed": done.events, "next": given}


def event_json(one: NumberedEvent) -> bytes:
    """Its body as it was sent; null stands for data that is no longer kept."""
    if one.body is not None:
        return one.body
    told = {"id": one.id, "type": one.topic, "timestamp": one.at, "number": one.number}
    return msgspec.json.encode({**told, "data": None})
