"""What the simulated OCTO knows: shops, payments, refunds. Sums are minor units here and decimals
in major units on the wire."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.simulator import Booked

UZ: Final = timezone(timedelta(hours=5))
CURRENCIES: Final = ("UZS", "USD", "RUB")
DECIMALS: Final = 2  # of all three
SOM_OF_A_DOLLAR: Final = {"UZS": 12_500, "USD": 1, "RUB": 90}  # nobody's rate: the simulator's
UNDER_WAY_FOR: Final = timedelta(seconds=60)  # how long a refund of xx.02 is pending
OPEN: Final = ("created", "wait_user_action", "waiting_for_capture")
WRONG_CODES: Final = 3  # then it is canceled


@dataclass(frozen=True, slots=True)
class Given:
    """One refund."""

    id: str
    key: str  # shop_refund_id
    minor: int
    at: datetime
    slow: bool

    def status(self, now: datetime) -> str:
        return "pending" if self.slow and now < self.at + UNDER_WAY_FOR else "succeeded"


@dataclass(slots=True, kw_only=True)
class Paying:
    """A payment, under the shop's own id."""

    uuid: str
    shop: int
    reference: str
    minor: int
    currency: str
    description: str
    phone: str | None
    email: str | None
    auto_capture: bool
    return_url: str | None
    notify_url: str | None
    made_at: datetime
    ends_at: datetime
    status: str = "created"
    wrong_codes: int = 0
    captured_minor: int = 0
    paid_at: datetime | None = None
    read_at: datetime | None = None
    given: dict[str, Given] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.status in ("created", "wait_user_action")

    @property
    def took(self) -> int:
        """What the payer's card was charged."""
        return self.captured_minor or self.minor

    @property
    def left(self) -> int:
        return self.took - sum(one.minor for one in self.given.values())

    def refunded(self, now: datetime) -> int:
        given = self.given.values()
        return sum(one.minor for one in given if one.status(now) == "succeeded")

    def told(self, now: datetime, page: str) -> dict[str, Any]:
        return {
            "shop_transaction_id": self.reference,
            "octo_payment_UUID": self.uuid,
            "status": self.status,
            "octo_pay_url": page,
            "total_sum": written(self.took),
            "refunded_sum": written(self.refunded(now)),
        }

    def booked(self, now: datetime) -> Booked:
        status = {"succeeded": "succeeded", "canceled": "canceled"}.get(self.status, "pending")
        if status == "canceled" and now >= self.ends_at and not self.wrong_codes:
            status = "expired"
        return Booked(
            reference=self.reference,
            provider_reference=self.uuid,
            amount_minor=self.took,
            currency=self.currency,
            status=status,
            refunded_minor=self.refunded(now),
            payer=self.phone or self.email,
            at=self.made_at,
        )


def minor_of(value: object) -> int | None:
    """None unless it is a JSON number above zero with at most two decimals."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    scaled = Decimal(value) * 10**DECIMALS
    if not 0 < scaled < 10**15 or scaled != int(scaled):
        return None
    return int(scaled)


def written(minor: int) -> msgspec.Raw:
    """As a JSON number: 103.33"""
    return msgspec.Raw(f"{minor // 100}.{minor % 100:02d}".encode())


def local(at: datetime) -> str:
    return f"{at.astimezone(UZ):%Y-%m-%d %H:%M:%S}"
