"""What the simulated YallaPay knows of a payment link, and how it reads a request.

Amounts are pounds with decimals, as on the wire; the books are told piastres.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.simulator import Booked
from adapters.provider_kit.transport import Request, Response

LOCAL: Final = timezone(timedelta(hours=2))
LEAST: Final = Decimal(1000)
PREFIX: Final = "test_sk_sim_"
DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
BOOKED: Final = {"SUCCESSFUL": "succeeded", "CANCELLED": "canceled", "EXPIRED": "expired"}


class Refusal(Exception):
    """The company's own error."""

    def __init__(self, code: str, words: str, status: int = 200) -> None:
        super().__init__(words)
        self.code, self.words, self.status = code, words, status


@dataclass(slots=True, kw_only=True)
class Link:
    id: str
    merchant: str
    reference: str
    pounds: Decimal
    description: str
    redirects: Mapping[str, str | None]
    made_at: datetime
    status: str = "PENDING"
    paid_at: datetime | None = None

    @property
    def day(self) -> str:
        """That a status query must name."""
        return f"{self.made_at.astimezone(LOCAL):%Y-%m-%d}"

    def told(self) -> dict[str, Any]:
        paid = None if self.paid_at is None else self.paid_at.astimezone(LOCAL)
        return {
            "clientReferenceId": self.reference,
            "paymentReferenceId": f"yp-{self.id}",
            "status": self.status,
            "amount": msgspec.Raw(f"{self.pounds:f}".encode()),
            "paymentDate": f"{paid:%Y-%m-%d}" if paid else "",
            "paymentTime": f"{paid:%H:%M:%S}" if paid else "",
        }

    def booked(self) -> Booked:
        return Booked(
            reference=self.reference,
            provider_reference=f"yp-{self.id}",
            amount_minor=int(self.pounds * 100),
            currency="SDG",
            status=BOOKED.get(self.status, "pending"),
            refunded_minor=0,
            payer=None,
            at=self.made_at,
        )


def merchant_of(request: Request) -> str:
    given = request.headers.get("authorization", "")
    match = re.fullmatch(rf"Bearer {PREFIX}([a-y0-9-]+)", given)
    if match is None:
        raise Refusal("401", "Unauthorized", 401)
    return match[1]


def body_of(raw: bytes) -> dict[str, Any]:
    try:
        read = DECODER.decode(raw)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError):
        raise Refusal("1", "Malformed request", 400) from None
    if not isinstance(read, dict):
        raise Refusal("1", "Malformed request", 400)
    return read


def pounds_of(value: object) -> Decimal:
    """A JSON number from a thousand, of two decimals at most. Raises Refusal."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not _fits(Decimal(value)):
        raise Refusal("1", "Invalid amount")
    return Decimal(value)


def _fits(pounds: Decimal) -> bool:
    return pounds.is_finite() and LEAST <= pounds < 10**13 and pounds * 100 == int(pounds * 100)


def reply(status: int, body: object) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))
