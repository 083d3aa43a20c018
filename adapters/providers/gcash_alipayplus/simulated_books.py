"""What the simulated Alipay+ knows of a payment and its refunds. Amounts are minor units, as on
the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.provider_kit.simulator import Booked
from adapters.providers.gcash_alipayplus.simulated_gate import Refusal, stamp

IN_PROCESS_FOR: Final = timedelta(seconds=60)  # how long a refund of xx.02 pesos takes
BOOKED: Final = {
    "SUCCESS": "succeeded",
    "FAIL": "failed",
    "CANCELLED": "canceled",
    "PROCESSING": "pending",
}


@dataclass(slots=True, kw_only=True)
class Given:
    """One refund."""

    id: str
    request_id: str
    minor: int
    asked: Mapping[str, Any]
    notify_url: str
    at: datetime
    status: str  # SUCCESS, PROCESSING

    def words(self) -> dict[str, Any]:
        return {
            "refundRequestId": self.request_id,
            "refundId": self.id,
            "refundAmount": {"currency": "PHP", "value": str(self.minor)},
            "refundTime": stamp(self.at),
        }


@dataclass(slots=True, kw_only=True)
class Payment:
    id: str
    client: str
    request_id: str
    asked: Mapping[str, Any]
    minor: int
    order: str
    description: str
    phone: str | None
    redirect_url: str
    notify_url: str
    created_at: datetime
    expires_at: datetime
    status: str = "PROCESSING"  # SUCCESS, FAIL, CANCELLED
    code: str = "PAYMENT_IN_PROCESS"
    paid_at: datetime | None = None
    given: list[Given] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.status == "PROCESSING"

    @property
    def left(self) -> int:
        """What can still be given back; what is under way counts as given."""
        return self.minor - sum(one.minor for one in self.given)

    def words(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "paymentRequestId": self.request_id,
            "paymentId": self.id,
            "paymentAmount": {"currency": "PHP", "value": str(self.minor)},
            "paymentCreateTime": stamp(self.created_at),
        }
        if self.paid_at is not None:
            told["paymentTime"] = stamp(self.paid_at)
        return told

    def booked(self) -> Booked:
        given = sum(one.minor for one in self.given if one.status == "SUCCESS")
        expired = self.code == "ORDER_IS_CLOSED"
        return Booked(
            reference=self.request_id,
            provider_reference=self.id,
            amount_minor=self.minor,
            currency="PHP",
            status="expired" if expired else BOOKED[self.status],
            refunded_minor=given,
            payer=self.phone,
            at=self.created_at,
        )


def opened(id_: str, client: str, body: Mapping[str, Any], now: datetime) -> Payment:
    """A payment as pay asks for it. Raises Refusal."""
    order = _part(body, "order")
    minor = pesos(body, "paymentAmount")
    if pesos(order, "orderAmount") != minor:
        raise Refusal("PARAM_ILLEGAL")
    if text(body, "productCode") != "CASHIER_PAYMENT":
        raise Refusal("PARAM_ILLEGAL")
    if text(_part(body, "paymentMethod"), "paymentMethodType") != "GCASH":
        raise Refusal("NO_PAY_OPTIONS")
    if text(_part(body, "env"), "terminalType") not in ("WEB", "WAP", "APP"):
        raise Refusal("PARAM_ILLEGAL")
    return Payment(
        id=id_,
        client=client,
        request_id=text(body, "paymentRequestId"),
        asked=body,
        minor=minor,
        order=text(order, "referenceOrderId"),
        description=text(order, "orderDescription", 256),
        phone=(order.get("buyer") or {}).get("buyerPhoneNo"),
        redirect_url=text(body, "paymentRedirectUrl", 2048),
        notify_url=str(body.get("paymentNotifyUrl", "")),
        created_at=now,
        expires_at=_ends(body, now),
    )


def text(body: Mapping[str, Any], name: str, most: int = 64) -> str:
    """Raises Refusal."""
    value = body.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= most:
        raise Refusal("PARAM_ILLEGAL")
    return value


def pesos(body: Mapping[str, Any], name: str) -> int:
    """Centavos of an amount. Raises Refusal."""
    amount = _part(body, name)
    value = text(amount, "value", 16)
    if text(amount, "currency") != "PHP":
        raise Refusal("CURRENCY_NOT_SUPPORT")
    if not (value.isascii() and value.isdigit()) or int(value) < 1:
        raise Refusal("PARAM_ILLEGAL")
    return int(value)


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    if not isinstance(value, Mapping):
        raise Refusal("PARAM_ILLEGAL")
    return value


def _ends(body: Mapping[str, Any], now: datetime) -> datetime:
    """As asked for, with an offset; else by contract, here an hour. Raises Refusal."""
    try:
        ends = datetime.fromisoformat(
            body.get("paymentExpiryTime", stamp(now + timedelta(hours=1)))
        )
    except (TypeError, ValueError):
        raise Refusal("PARAM_ILLEGAL") from None
    if ends.tzinfo is None:
        raise Refusal("PARAM_ILLEGAL")
    return ends
