"""Examples of webhooks and events for the documentation; a test decodes each with its type."""

from typing import Any, Final

EVENT_ID: Final = "evt_01KGVSQV4G7Q0W3E8R5T2Y6U1I000003"
ENDPOINT: Final[dict[str, Any]] = {
    "id": "whk_01KGVSQV4G7Q0W3E8R5T2Y6U1I",
    "url": "https://shop.example/hooks",
    "description": "orders",
    "events": ["payment.failed", "payment.succeeded"],
    "ordered": False,
    "status": "active",
    "disabledReason": None,
    "disabledAt": None,
    "failingSince": None,
    "sinceNumber": 41,
    "previousSecretUntil": None,
    "createdAt": "2026-02-07T09:58:00Z",
}
SECRET: Final = "whsec_3q2+7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="  # noqa: S105 - an example
DELIVERY: Final[dict[str, Any]] = {
    "event": EVENT_ID,
    "number": 42,
    "state": "delivered",
    "attempts": 2,
    "replays": 0,
    "nextAt": None,
    "lastStatus": 200,
    "lastError": None,
    "deliveredAt": "2026-02-07T09:58:06Z",
}
TRY: Final[dict[str, Any]] = {
    "number": 1,
    "at": "2026-02-07T09:58:01Z",
    "status": 500,
    "error": "it answered 500",
    "ms": 31,
    "answer": "try later",
}
EVENT: Final[dict[str, Any]] = {
    "id": EVENT_ID,
    "type": "refund.succeeded",
    "timestamp": "2026-02-07T11:00:02Z",
    "number": 42,
    "data": {
        "id": "rfd_01KGVTA0Z8N3M5K7J9H2G4F6D8",
        "paymentId": "pay_01KGVSQV4G7Q0W3E8R5T2Y6U1I",
        "status": "succeeded",
        "amount": "500.00",
        "currency": "PHP",
    },
}
BODIES: Final[dict[str, Any]] = {
    "EndpointBody": {
        "url": "https://shop.example/hooks",
        "description": "orders",
        "events": ["payment.succeeded", "payment.failed"],
    },
    "EndpointPatch": {"status": "active", "events": []},
    "ReplayBody": {"fromNumber": 17, "toNumber": 42},
}
