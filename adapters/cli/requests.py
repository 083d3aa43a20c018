"""What is asked on the command line as the API would read it: the same limits, and the same
fingerprint, so that an idempotency key means the same from both sides."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Struct

from application.answers import RequestKey
from application.payments.new_payment import EXPIRES_S, LONGEST_S, SHORTEST_S, NewPayment
from domain.currencies import currency
from domain.errors import Invalid
from domain.fees.schedule import Bearer
from domain.ids import TenantId
from domain.money import Currency, Money
from domain.payments.intent import Customer
from domain.ports.ids import Ids

VISIBLE: Final = re.compile(r"[!-~]{1,255}")
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
KEY_BYTES: Final = 12
HINTS: Final = {
    "country": "must be an ISO 3166 code of two capitals, for example PH",
    "currency": "must be an ISO 4217 code in capitals, for example PHP",
    "method": "must be a provider's code, for example maya",
    "customer.email": "must be an e-mail address",
    "customer.phone": "must be in E.164, for example +639171234567",
    "expiresIn": f"must be {SHORTEST_S} to {LONGEST_S} seconds",
    "returnUrl": "must be an http or https address",
}

T = TypeVar("T")


class CustomerRequest(Struct, rename="camel", omit_defaults=True, frozen=True):
    id: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    name: Annotated[str, Meta(max_length=200)] | None = None
    email: Annotated[str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None
    phone: Annotated[str, Meta(pattern=r"^\+[1-9]\d{6,14}$")] | None = None


class PaymentRequest(Struct, rename="camel", omit_defaults=True, frozen=True):
    """The order of fields and what is left out are the fingerprint's."""

    amount: str
    currency: str
    reference: Annotated[str, Meta(min_length=1, max_length=64)]
    customer: CustomerRequest | None = None
    method: Annotated[str, Meta(pattern="^[a-z0-9_]{1,40}$")] | None = None
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    fee_bearer: Bearer = Bearer.MERCHANT
    description: Annotated[str, Meta(max_length=500)] = ""
    return_url: Annotated[str, Meta(max_length=2048, pattern=r"^https?://[^\s@\\]+$")] | None = None
    expires_in: Annotated[int, Meta(ge=SHORTEST_S, le=LONGEST_S)] = EXPIRES_S
    metadata: Annotated[
        dict[
            Annotated[str, Meta(min_length=1, max_length=40)], Annotated[str, Meta(max_length=500)]
        ],
        Meta(max_length=50),
    ] = {}

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "PaymentRequest":
        """From the API's words. Raises Invalid naming the field."""
        try:
            read = msgspec.convert(given, cls)
        except msgspec.ValidationError as error:
            raise _invalid(error) from None
        texts = [read.reference, read.description, *read.metadata, *read.metadata.values()]
        who = read.customer or CustomerRequest()
        texts += [one for one in (who.id, who.name, who.email) if one]
        if any(CONTROL.search(one) for one in texts):
            raise Invalid("must not hold control characters", "text")
        money = amount_of(read.amount, currency(read.currency))
        return msgspec.structs.replace(read, amount=money.major)

    def payment(self, tenant_id: TenantId) -> NewPayment:
        who = self.customer or CustomerRequest()
        return NewPayment(
            tenant_id=tenant_id,
            amount=Money.parse(self.amount, currency(self.currency)),
            reference=self.reference,
            customer=Customer(id=who.id, name=who.name, email=who.email, phone=who.phone),
            method=self.method,
            country=self.country,
            bearer=self.fee_bearer,
            description=self.description,
            return_url=self.return_url,
            expires_in_s=self.expires_in,
            metadata=self.metadata,
        )

    def canonical(self) -> bytes:
        """The same bytes as of the same request over HTTP. A default is left out by identity,
        which an equal number need not have."""
        usual = EXPIRES_S if self.expires_in == EXPIRES_S else self.expires_in
        same = msgspec.structs.replace(self, expires_in=usual)
        return msgspec.json.encode(same, order="deterministic")


def refund_bytes(payment_id: str, amount: Money | None, reason: str) -> bytes:
    """The same bytes as of the same request over HTTP."""
    return f"{payment_id}\n{amount.major if amount is not None else 'rest'}\n{reason}".encode()


def request_key(operation: str, key: str | None, canonical: bytes, ids: Ids) -> RequestKey:
    """`key` None makes one. Raises Invalid for one that no header could carry."""
    if key is None:
        key = f"cli_{ids.secret(KEY_BYTES).hex()}"
    if not VISIBLE.fullmatch(key):
        raise Invalid("must be 1 to 255 visible ASCII characters", "key")
    return RequestKey(operation, key, sha256(operation.encode() + b"\n" + canonical).digest())


def amount_of(text: str, money: Currency, field: str = "amount") -> Money:
    """More than zero, exact. Raises Invalid."""

    def read() -> Money:
        found = Money.parse(text.removeprefix("-"), money)
        if text.startswith("-") or found.minor == 0:
            raise Invalid("must be more than zero")
        return found

    return named(field, read)


def reason_of(text: str | None) -> str:
    """Raises Invalid."""
    told = (text or "").strip()
    if not 0 < len(told) <= 500 or CONTROL.search(told):
        raise Invalid("say why, in 1 to 500 characters", "reason")
    return told


def instant_of(text: str | None, field: str) -> datetime | None:
    """A time or a date, in UTC unless it says otherwise. Raises Invalid."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("must be like 2026-02-07T09:58:00Z or 2026-02-07", field) from None


def named(field: str, read: Callable[[], T]) -> T:
    """What `read` gives; its Invalid speaks of this field."""
    try:
        return read()
    except Invalid as error:
        raise Invalid(str(error), field) from None


def _invalid(error: msgspec.ValidationError) -> Invalid:
    told, _, place = str(error).partition(" - at `$")
    field = place.rstrip("`").strip(".") or "request"
    return Invalid(HINTS.get(field, told[:1].lower() + told[1:]), field)
