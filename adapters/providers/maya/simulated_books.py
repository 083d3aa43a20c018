"""What the simulated Maya knows: checkouts, the payment in each, refunds, and what may be undone.

A payment has its checkout's id. Amounts are centavos here and pesos on the wire.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters.provider_kit.simulator import Booked

MANILA: Final = ZoneInfo("Asia/Manila")
LIFETIME: Final = timedelta(hours=1)
REFUNDABLE: Final = timedelta(days=180)
ONGOING_FOR: Final = timedelta(seconds=60)  # how long a refund of xx.02 pesos is answered 202

OPEN: Final = ("PENDING_TOKEN", "AUTH_FAILED")
BOOKED: Final = {
    "PAYMENT_SUCCESS": "succeeded",
    "VOIDED": "succeeded",
    "REFUNDED": "succeeded",
    "PAYMENT_FAILED": "failed",
    "PAYMENT_EXPIRED": "expired",
    "PAYMENT_CANCELLED": "canceled",
}


@dataclass(frozen=True, slots=True)
class Given:
    """One refund."""

    id: str
    minor: int
    reason: str
    at: datetime
    slow: bool

    def status(self, now: datetime) -> str:
        return "ONGOING" if self.slow and now < self.at + ONGOING_FOR else "SUCCESS"


@dataclass(slots=True, kw_only=True)
class Checkout:
    id: str
    merchant: str
    reference: str  # requestReferenceNumber: the merchant's, and not unique
    minor: int
    currency: str
    description: str
    phone: str | None
    email: str | None
    redirects: dict[str, str]
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    status: str = "PENDING_TOKEN"
    paid_at: datetime | None = None
    given: list[Given] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def expires_at(self) -> datetime:
        return self.created_at + LIFETIME

    @property
    def left(self) -> int:
        """Centavos that can still be given back; what is under way counts as given."""
        return self.minor - sum(one.minor for one in self.given)

    def can_void(self, now: datetime) -> bool:
        """Until midnight in Manila of the day of the payment, and only whole."""
        return self.status == "PAYMENT_SUCCESS" and not self.given and self._same_day(now)

    def can_refund(self, now: datetime, *, strict: bool) -> bool:
        """From the next day in Manila for 180 days; not `strict`: from the first minute."""
        if self.status != "PAYMENT_SUCCESS" or self.paid_at is None or not self.left:
            return False
        return now <= self.paid_at + REFUNDABLE and not (strict and self._same_day(now))

    def _same_day(self, now: datetime) -> bool:
        paid_at = self.paid_at
        return paid_at is not None and _day(paid_at) == _day(now)

    def as_payment(self, now: datetime, *, strict: bool) -> dict[str, Any]:
        """What a read by id or reference answers."""
        return {
            "id": self.id,
            "isPaid": self.status in ("PAYMENT_SUCCESS", "VOIDED", "REFUNDED"),
            "status": self.status,
            "amount": shortest(self.minor),
            "currency": self.currency,
            "canVoid": self.can_void(now),
            "canRefund": self.can_refund(now, strict=strict),
            "canCapture": False,
            "createdAt": stamp(self.created_at),
            "updatedAt": stamp(self.updated_at),
            "description": self.description,
            "paymentTokenId": None,
            "requestReferenceNumber": self.reference,
            "metadata": self.metadata,
        }

    def as_checkout(self, now: datetime) -> dict[str, Any]:
        """What a read of the checkout answers: `value` is 0, `amount` holds the total."""
        word = {"PAYMENT_EXPIRED": "EXPIRED"}.get(self.status, "COMPLETED")
        given = sum(one.minor for one in self.given if one.status(now) == "SUCCESS")
        return {
            "id": self.id,
            "requestReferenceNumber": self.reference,
            "createdAt": stamp(self.created_at),
            "updatedAt": stamp(self.updated_at),
            "expiredAt": stamp(self.expires_at),
            "status": "CREATED" if self.is_open else word,
            "paymentStatus": self.status,
            "refundedAmount": shortest(given),
            "totalAmount": {"amount": pesos(self.minor), "currency": self.currency, "value": 0},
            "metadata": self.metadata,
        }

    def booked(self, now: datetime) -> Booked:
        given = sum(one.minor for one in self.given if one.status(now) == "SUCCESS")
        return Booked(
            reference=self.reference,
            provider_reference=self.id,
            amount_minor=self.minor,
            currency=self.currency,
            status=BOOKED.get(self.status, "pending"),
            refunded_minor=self.minor if self.status == "VOIDED" else given,
            payer=self.phone or self.email,
            at=self.created_at,
        )


def centavos(value: object) -> int | None:
    """None unless it is a JSON number with at most two decimals, above zero."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    amount = Decimal(value)
    if not 0 < amount < 10**12 or amount * 100 != int(amount * 100):
        return None
    return int(amount * 100)


def pesos(minor: int) -> str:
    """ "1000.10" """
    return f"{minor // 100}.{minor % 100:02d}"


def shortest(minor: int) -> str:
    """ "1000.1": reads drop zeros at the end."""
    return pesos(minor).rstrip("0").rstrip(".")


def stamp(at: datetime) -> str:
    return f"{at.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _day(at: datetime) -> str:
    return f"{at.astimezone(MANILA):%Y-%m-%d}"
