"""The simulated PayNow's books: customers, checkouts with their orders, and what went back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from adapters.provider_kit.simulator import Booked

SLOW: Final = timedelta(seconds=60)  # a refund that takes its time
LIVES: Final = timedelta(hours=24)  # an order that nobody pays
WORDS: Final = {401: "unauthorized", 403: "forbidden", 404: "not-found", 429: "rate-limited"}


class Refusal(Exception):
    """PayNow's own error."""

    def __init__(self, status: int, words: str, code: str = "") -> None:
        super().__init__(words)
        self.status = status
        self.body = {
            "status": status,
            "code": code or WORDS.get(status, "bad-request"),
            "message": words,
            "trace_id": "234a5bcd543ef3fa53ce929d0e0e4736",
            "errors": None,
        }


@dataclass(slots=True, kw_only=True)
class Player:
    """A customer."""

    id: str
    store_id: str
    name: str
    metadata: dict[str, str]

    def shown(self) -> dict[str, Any]:
        ids = {"id": self.id, "store_id": self.store_id}
        return {**ids, "name": self.name, "profile": None, "metadata": self.metadata}


@dataclass(slots=True, kw_only=True)
class Returned:
    """One refund. Of an order whose total ends in 32 it takes a minute, in 34 it fails then."""

    id: str
    minor: int
    tax: int
    at: datetime
    told: str = ""  # the status that events have told

    def status(self, now: datetime) -> str:
        kind = self.minor % 100
        if kind in (32, 34) and now < self.at + SLOW:
            return "processing"
        return "failed" if kind == 34 else "completed"


@dataclass(slots=True, kw_only=True)
class Sale:
    """A checkout, the one order of it, and the payment of that."""

    id: str
    token: str
    order_id: str
    line_id: str
    payment_id: str
    product_id: str
    player: Player
    price: int
    quantity: int
    tax: int
    currency: str  # in small letters, as PayNow writes it
    words: str
    metadata: dict[str, str]
    return_url: str | None
    cancel_url: str | None
    at: datetime
    shown_yet: bool  # whether the order is there before anybody has paid
    status: str = "created"
    paid_at: datetime | None = None
    declined: bool = False
    disputed: str = "none"
    returned: list[Returned] = field(default_factory=list)

    @property
    def subtotal(self) -> int:
        return self.price * self.quantity

    @property
    def total(self) -> int:
        """What the payer is charged."""
        return self.subtotal + self.tax

    @property
    def is_open(self) -> bool:
        return self.status == "created"

    def back(self, now: datetime) -> int:
        """Given back, or on its way."""
        return sum(one.minor for one in self.returned if one.status(now) != "failed")

    def order(self) -> dict[str, Any]:
        """As a query shows it."""
        amounts = {
            "currency": self.currency,
            "discount_amount": 0,
            "subtotal_amount": self.subtotal,
            "tax_amount": self.tax,
            "total_amount": self.total,
            "giftcard_usage_amount": 0,
        }
        return {
            "id": self.order_id,
            "pretty_id": f"pn-{self.order_id[-10:]}",
            "store_id": self.player.store_id,
            "customer_id": self.player.id,
            "customer": self.player.shown(),
            "checkout_id": self.id,
            "type": "one_time",
            "status": self.status,
            "is_subscription": False,
            "created_at": moment(self.at),
            "completed_at": moment(self.paid_at),
            **amounts,
            "lines": [self.line()],
            "last_payment_error": (
                {"decline_code": "generic_decline", "message": "Declined"}
                if self.declined
                else None
            ),
        }

    def line(self) -> dict[str, Any]:
        return {
            "id": self.line_id,
            "product_id": self.product_id,
            "product_name": self.words,
            "quantity": self.quantity,
            "price": self.price,
            "tax_amount": self.tax,
            "total_amount": self.total,
        }

    def completed(self) -> dict[str, Any]:
        """As ON_ORDER_COMPLETED tells it: no customer_id, capital letters, the checkout inside."""
        told = {key: value for key, value in self.order().items() if key != "customer_id"}
        checkout = {"id": self.id, "metadata": self.metadata, "lines": []}
        return {**told, "currency": self.currency.upper(), "checkout": checkout}

    def delivered(self) -> dict[str, Any]:
        return {
            "id": str(int(self.line_id) + 1),
            "store_id": self.player.store_id,
            "customer": self.player.shown(),
            "checkout_id": self.id,
            "order_id": self.order_id,
            "order_line_id": self.line_id,
            "product_id": self.product_id,
            "state": "active",
            "added_at": moment(self.paid_at),
        }

    def payment(self, now: datetime) -> dict[str, Any]:
        """As a query shows it."""
        return {
            **self.dispute(),
            "customer_id": self.player.id,
            "refunds": [self.refund(one, now) for one in self.returned],
        }

    def dispute(self) -> dict[str, Any]:
        """As ON_CHARGEBACK tells the payment."""
        status = self.status if self.status in ("refunded", "chargeback") else "completed"
        return {
            "id": self.payment_id,
            "store_id": self.player.store_id,
            "order_id": self.order_id,
            "customer": self.player.shown(),
            "gateway": "stripe",
            "currency": self.currency,
            "tax_inclusive": False,
            "amount": self.total,
            "tax_amount": self.tax,
            "status": status,
            "chargeback_status": self.disputed,
        }

    def refund(self, one: Returned, now: datetime) -> dict[str, Any]:
        return {
            "id": one.id,
            "store_id": self.player.store_id,
            "payment_id": self.payment_id,
            "customer_id": self.player.id,
            "order_line_id": None,
            "status": one.status(now),
            "failure_reason": "declined" if one.status(now) == "failed" else None,
            "currency": self.currency,
            "amount": one.minor,
            "tax_amount": one.tax,
            "store_refund_amount": one.minor - one.tax,
            "created_at": moment(one.at),
        }

    def given_back(self, one: Returned, now: datetime) -> dict[str, Any]:
        """As ON_REFUND tells it: with its order and customer."""
        return {
            **self.refund(one, now),
            "order_id": self.order_id,
            "customer": self.player.shown(),
            "gateway": "stripe",
        }

    def booked(self, now: datetime) -> Booked:
        word = {"created": "pending", "canceled": "canceled"}.get(self.status, "succeeded")
        gone = self.total if self.status == "chargeback" else self.back(now)
        return Booked(
            reference=self.metadata.get("attempt_id", self.id),
            provider_reference=self.order_id,
            amount_minor=self.total,
            currency=self.currency.upper(),
            status=word,
            refunded_minor=gone,
            payer=self.player.name,
            at=self.at,
        )


def major(minor: int) -> str:
    """For a payer's eyes."""
    return str(Decimal(minor).scaleb(-2))


def moment(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at is not None else None
