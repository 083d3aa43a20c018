"""What happens inside the simulated ZainCash: transactions, payers, reversals, webhooks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec

from adapters.provider_kit import jwt
from adapters.provider_kit.simulator import MAGIC, Action, Booked, Outgoing, World

FILS: Final = 1_000  # of a dinar: the books count them, the wire counts dinars
LIFETIME: Final = timedelta(minutes=15)
STATUS: Final = {Action.APPROVE: "SUCCESS", Action.DECLINE: "FAILED"}
OPEN: Final = ("PENDING", "OTP_SENT", "CUSTOMER_AUTHENTICATION_REQUIRED")
BOOKED: Final = {
    "SUCCESS": "succeeded",
    "REFUNDED": "succeeded",
    "FAILED": "failed",
    "EXPIRED": "expired",
}


class Refusal(Exception):
    """The company's own error: a code in capitals under an HTTP status."""

    def __init__(self, status: int, code: str, **more: str) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"code": code, **more}


@dataclass(slots=True, kw_only=True)
class Transaction:
    id: str
    merchant: str
    external: str  # externalReferenceId: a UUID, once for each merchant
    order: str
    dinars: int
    phone: str | None
    service: str
    success_url: str
    failure_url: str
    made_at: datetime
    updated_at: datetime
    status: str = "PENDING"
    error: str | None = None
    reversed: int = 0  # how often

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def ends_at(self) -> datetime:
        return self.made_at + LIFETIME

    def details(self) -> dict[str, Any]:
        return {
            "transactionId": self.id,
            "externalReferenceId": self.external,
            "orderId": self.order,
            "amount": {"currency": "IQD", "value": self.dinars, "feeValue": 0},
        }

    def booked(self) -> Booked:
        return Booked(
            reference=self.order,
            provider_reference=self.id,
            amount_minor=self.dinars * FILS,
            currency="IQD",
            status=BOOKED.get(self.status, "pending"),
            refunded_minor=self.reversed * self.dinars * FILS,
            payer=self.phone,
            at=self.made_at,
        )


class Company:
    """`addresses` are where the business team has entered each merchant's webhook."""

    def __init__(self, world: World, send: Callable[[Outgoing], None]) -> None:
        self.world, self._send = world, send
        self.transactions: dict[str, Transaction] = {}
        self.addresses: dict[str, str] = {}
        self._external: dict[tuple[str, str], Transaction] = {}

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def new_id(self) -> str:
        return str(UUID(int=self.world.random.getrandbits(128), version=4))

    def init(self, merchant: str, body: Mapping[str, Any]) -> Transaction:
        """Raises Refusal, also for an externalReferenceId that was used before."""
        external, dinars, urls = _checked(body)
        known = self._external.get((merchant, external))
        if known is not None:
            code = "PAYMENT_GATEWAY_DUPLICATE_REFERENCE"
            raise Refusal(400, code, transactionId=known.id)
        phone = (body.get("customer") or {}).get("phone")
        now = self.now
        one = Transaction(
            id=self.new_id(),
            merchant=merchant,
            external=external,
            order=str(body["orderId"]),
            dinars=dinars,
            phone=None if phone is None else str(phone),
            service=str(body["serviceType"]),
            success_url=str(urls["successUrl"]),
            failure_url=str(urls["failureUrl"]),
            made_at=now,
            updated_at=now,
        )
        self.transactions[one.id] = self._external[(merchant, external)] = one
        if (action := MAGIC.get((one.phone or "")[-4:])) is not None:
            self.act(one, action)
        return one

    def named(self, merchant: str, id_: str) -> Transaction:
        """Raises Refusal."""
        self.expire()
        try:
            UUID(id_)
        except ValueError:
            raise Refusal(400, "PAYMENT_GATEWAY_BAD_REQUEST") from None
        one = self.transactions.get(id_)
        if one is None:
            raise Refusal(404, "PAYMENT_GATEWAY_TRANSACTION_NOT_FOUND")
        if one.merchant != merchant:
            raise Refusal(403, "PAYMENT_GATEWAY_UNAUTHORIZED")
        return one

    def act(self, one: Transaction, action: Action) -> None:
        """The payer acts; what is decided stays as it is."""
        self.expire()
        if one.is_open and (status := STATUS.get(action)) is not None:
            one.error = "Insufficient balance" if status == "FAILED" else None
            self._move(one, status)
            self.tell(one)

    def send_code(self, one: Transaction) -> None:
        """The payer has typed number and PIN, and waits for the code."""
        if one.is_open:
            self._move(one, "OTP_SENT")

    def reverse(self, one: Transaction) -> str:
        """Not idempotent: what was reversed is reversed again. Raises Refusal."""
        if one.status not in ("SUCCESS", "REFUNDED"):
            raise Refusal(400, "PAYMENT_GATEWAY_TRANSACTION_NOT_REVERSIBLE")
        one.reversed += 1
        self._move(one, "REFUNDED")
        self.tell(one, "REFUND_COMPLETED", "SUCCESS")
        return self.new_id()

    def expire(self) -> None:
        """By the clock, whenever anybody looks; nobody is told."""
        now = self.now
        for one in self.transactions.values():
            if one.is_open and now >= one.ends_at:
                self._move(one, "EXPIRED")

    def tell(self, one: Transaction, type_: str = "STATUS_CHANGED", was: str = "OTP_SENT") -> None:
        """A webhook, where the merchant has had one entered."""
        url = self.addresses.get(one.merchant)
        if url is None:
            return
        body = {"webhook_token": self.token(one, type_, was)}
        self._send(
            Outgoing(
                url=url,
                headers={"content-type": "application/json"},
                body=msgspec.json.encode(body),
                due_at=self.now,
                about=one.order,
            )
        )

    def token(self, one: Transaction, type_: str = "STATUS_CHANGED", was: str = "OTP_SENT") -> str:
        """What a webhook and the payer's way back carry: one fact has one eventId."""
        data = {
            "transactionId": one.id,
            "merchantReferenceId": one.external,
            "customerMsisdn": one.phone,
            "orderId": one.order,
            "serviceType": one.service,
            "errorMessage": one.error,
            "previousStatus": was,
            "currentStatus": one.status,
            "amount": {"currency": "IQD", "value": one.dinars, "feeValue": 0},
        }
        number = UUID(bytes=sha256(f"{one.id} {type_} {one.status}".encode()).digest()[:16])
        said = {"eventType": type_, "eventId": str(number), "timestamp": stamp(one.updated_at)}
        return jwt.signed({**said, "data": data}, api_key(one.merchant))

    def _move(self, one: Transaction, status: str) -> None:
        one.status, one.updated_at = status, self.now


def api_key(merchant: str) -> str:
    return f"zc-api-key-sim-{merchant}"


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _checked(body: Mapping[str, Any]) -> tuple[str, int, Mapping[str, Any]]:
    """The external reference, the dinars and the addresses. Raises Refusal."""
    bad = Refusal(400, "PAYMENT_GATEWAY_BAD_REQUEST")
    amount, urls = body.get("amount"), body.get("redirectUrls")
    if not isinstance(amount, dict) or not isinstance(urls, dict):
        raise bad
    words = [body.get(name) for name in ("orderId", "serviceType")]
    words += [urls.get(name) for name in ("successUrl", "failureUrl")]
    dinars = _dinars(amount.get("value"))
    if not all(isinstance(word, str) and word for word in words) or dinars is None:
        raise bad
    if amount.get("currency") != "IQD" or body.get("language") not in ("En", "Ar", "Ku"):
        raise bad
    if not isinstance(body.get("customer") or {}, dict):
        raise bad
    try:
        external = str(UUID(str(body.get("externalReferenceId"))))
    except ValueError:
        raise bad from None
    return external, dinars, urls


def _dinars(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:16])
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and isinstance(value, int) and 0 < value < 10**12 else None
