"""What the simulated SyberPay knows of a payment, and how it reads a request.

Amounts are kept as the text that was sent, and hashed; the books are told piastres.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.simulator import Booked
from adapters.provider_kit.transport import Response

BOOKED: Final = {"Successful": "succeeded", "Failed": "failed", "Cancelled": "canceled"}
NUMBER: Final = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,2})?")


class Literal(str):
    """A JSON number, as it was written."""

    __slots__ = ()


DECODER: Final = msgspec.json.Decoder(float_hook=Literal)


class Refusal(Exception):
    """The company's own error."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


@dataclass(slots=True, kw_only=True)
class Paying:
    id: str
    merchant: str
    reference: str
    text: str  # the amount
    info: Mapping[str, Any]
    made_at: datetime
    status: str = "Pending"

    @property
    def phone(self) -> str | None:
        said = self.info.get("customerPhoneNumber")
        return None if said is None else str(said)

    def told(self) -> dict[str, Any]:
        """As `payment` of a status answer. What is not paid yet is a "Failure" there."""
        paid = self.status == "Successful"
        return {
            **asked_of(self),
            "responseCode": 0 if paid else 2,
            "responseMessage": "Approved" if paid else "Not paid",
            "status": "Failure" if self.status == "Pending" else self.status,
        }

    def booked(self) -> Booked:
        return Booked(
            reference=self.reference,
            provider_reference=self.id,
            amount_minor=int(Decimal(self.text) * 100),
            currency="SDG",
            status=BOOKED.get(self.status, "pending"),
            refunded_minor=0,
            payer=self.phone,
            at=self.made_at,
        )


def asked_of(one: Paying) -> dict[str, Any]:
    """What was asked for, as each answer repeats it."""
    return {
        "applicationId": f"app-sim-{one.merchant}",
        "serviceId": f"svc-sim-{one.merchant}",
        "customerRef": one.reference,
        "amount": msgspec.Raw(one.text.encode()),
        "currency": "SDG",
        "tranTimestamp": f"{one.made_at:%Y-%m-%d %H:%M:%S}",
        "paymentInfo": dict(one.info),
    }


def merchant_of(body: Mapping[str, Any]) -> str:
    """Raises Refusal."""
    match = re.fullmatch(r"app-sim-([a-z0-9-]+)", str(body.get("applicationId")))
    if match is None:
        raise Refusal(3, "Invalid application")
    return match[1]


def checked(body: Mapping[str, Any], merchant: str, *fields: str) -> None:
    """Raises Refusal unless the hash is of these fields between the merchant's key and salt."""
    if body.get("hash") != hash_of(merchant, *fields):
        raise Refusal(5, "Invalid hash")


def hash_of(merchant: str, *fields: str) -> str:
    text = "|".join((f"key-sim-{merchant}", *fields, f"salt-sim-{merchant}"))
    return hashlib.sha256(text.encode()).hexdigest()


def text_of(amount: object) -> str:
    """An amount as it was written, as a text or as a number. Raises Refusal."""
    text = str(amount)
    if isinstance(amount, bool) or NUMBER.fullmatch(text) is None or not Decimal(text):
        raise Refusal(2, "Invalid Transaction Amount/Currency")
    return text


def body_of(raw: bytes) -> dict[str, Any]:
    try:
        read = DECODER.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Refusal(4, "Malformed request") from None
    if not isinstance(read, dict):
        raise Refusal(4, "Malformed request")
    return read


def reply(body: object) -> Response:
    return Response(200, {"content-type": "application/json"}, msgspec.json.encode(body))
