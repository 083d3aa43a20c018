"""What the simulated CashiPay knows of a payment request, and how it reads what is sent.

Amounts are pounds with decimals, as on the wire; the books are told piastres.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.simulator import Booked
from adapters.provider_kit.transport import Request, Response

LIFETIME: Final = timedelta(days=1)
PREFIX: Final = "cashipay-sim-"
BOOKED: Final = {
    "COMPLETED": "succeeded",
    "FAILED": "failed",
    "EXPIRED": "expired",
    "CANCELLED": "canceled",
}
DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
TEXTS: Final = ("merchantOrderId", "customerEmail", "callbackUrl", "returnUrl")
QR: Final = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kc"
    "QAAAABJRU5ErkJggg=="
)  # one grey dot: what it would hold is not what is tried here


class Refusal(Exception):
    """The company's own error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(slots=True, kw_only=True)
class Requested:
    number: str
    merchant: str
    order: str
    pounds: Decimal
    description: str
    phone: str | None
    callback_url: str
    return_url: str
    made_at: datetime
    status: str = "PENDING"

    def told(self) -> dict[str, Any]:
        value = msgspec.Raw(f"{self.pounds:f}".encode())
        return {
            "referenceNumber": self.number,
            "merchantOrderId": self.order,
            "status": self.status,
            "amount": {"value": value, "currency": "SDG"},
            "expiresAt": (self.made_at + LIFETIME).isoformat().replace("+00:00", "Z"),
        }

    def booked(self) -> Booked:
        return Booked(
            reference=self.order,
            provider_reference=self.number,
            amount_minor=int(self.pounds * 100),
            currency="SDG",
            status=BOOKED.get(self.status, "pending"),
            refunded_minor=0,
            payer=self.phone,
            at=self.made_at,
        )


def merchant_of(request: Request) -> str:
    """Raises Refusal."""
    given = request.headers.get("authorization", "")
    match = re.fullmatch(rf"Bearer {PREFIX}([a-y0-9-]+)", given)
    if match is None:
        raise Refusal(401, "Unauthorized")
    return match[1]


def checked(body: Mapping[str, Any]) -> Decimal:
    """The amount, in pounds. Raises Refusal."""
    for name in TEXTS:
        if not isinstance(body.get(name), str) or not body[name]:
            raise Refusal(422, f"{name} is required")
    amount = body.get("amount")
    value = amount.get("value") if isinstance(amount, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not _fits(Decimal(value)):
        raise Refusal(422, "amount must be greater than 0")
    if not isinstance(amount, Mapping) or amount.get("currency") != "SDG":
        raise Refusal(422, "currency is not supported")
    return Decimal(value)


def body_of(raw: bytes) -> dict[str, Any]:
    try:
        read = DECODER.decode(raw)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError):
        raise Refusal(400, "Malformed request") from None
    if not isinstance(read, dict):
        raise Refusal(400, "Malformed request")
    return read


def reply(status: int, body: object) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))


def _fits(pounds: Decimal) -> bool:
    return pounds.is_finite() and 0 < pounds < 10**13 and pounds * 100 == int(pounds * 100)
