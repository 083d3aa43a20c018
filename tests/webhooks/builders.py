"""Values of the feed and its deliveries for tests."""

from typing import Any

from domain.ids import EndpointId, EventId, TenantId
from domain.webhooks.delivery import Delivery, Try
from domain.webhooks.endpoint import WebhookEndpoint
from domain.webhooks.told import NumberedEvent, Told, Topic
from tests.builders import ACME, NOW, payment_id

URL = "https://shop.example/hooks"


def endpoint_id(number: int = 1) -> EndpointId:
    return EndpointId(f"whk_{number:026d}")


def event_id(number: int = 1) -> EventId:
    return EventId(f"evt_{number:026d}")


def an_endpoint(number: int = 1, tenant_id: TenantId = ACME, **more: Any) -> WebhookEndpoint:
    known: dict[str, Any] = {"url": URL, "sealed": b"\x01sealed\x00", "created_at": NOW}
    return WebhookEndpoint(id=endpoint_id(number), tenant_id=tenant_id, **(known | more))


def told(number: int = 1, **more: Any) -> Told:
    known: dict[str, Any] = {
        "topic": Topic.WALLET_CREDITED,
        "at": NOW,
        "subject": "wal_1",
        "data": {"amount": "5.00", "text": "ü\u2028"},
    }
    return Told(id=event_id(number), **(known | more))


def numbered(one: Told, number: int, body: bytes | None = None) -> NumberedEvent:
    return NumberedEvent(
        id=one.id,
        number=number,
        topic=one.topic,
        at=one.at,
        subject=one.subject,
        payment_id=one.payment_id,
        body=body if body is not None else f'{{"number": {number}}}\x00'.encode(),
    )


def a_delivery(number: int = 1, endpoint: int = 1, **more: Any) -> Delivery:
    known: dict[str, Any] = {
        "endpoint_id": endpoint_id(endpoint),
        "event_id": event_id(number),
        "payment_id": payment_id(),
        "next_at": NOW,
    }
    return Delivery(number=number, **(known | more))


def a_try(number: int = 1, **more: Any) -> Try:
    known: dict[str, Any] = {
        "endpoint_id": endpoint_id(),
        "event_id": event_id(),
        "at": NOW,
        "status": 500,
        "error": "it answered 500",
        "ms": 12,
        "answer": "Überlast\n",
    }
    return Try(number=number, **(known | more))
