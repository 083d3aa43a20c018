"""What is asked on the command line as the API would read it: the same fields refused for the same
reasons (application.payments.well_formed), and the same fingerprint, so that an idempotency key
means the same from both sides."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from application.answers import RequestKey
from application.payments import well_formed
from application.payments.new_payment import EXPIRES_S, NewPayment
from application.payments.well_formed import HINTS, LONGEST_TEXT
from application.text import instant, plain
from domain.currencies import currency
from domain.errors import Invalid
from domain.fees.schedule import Bearer
from domain.ids import TenantId
from domain.money import Currency, Money
from domain.payments.intent import Customer
from domain.ports.ids import Ids

VISIBLE: Final = re.compile(r"[!-~]{1,255}")
KEY_BYTES: Final = 12

T = TypeVar("T")


class CustomerRequest(Struct, rename="camel", omit_defaults=True, frozen=True):
    id: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None


class PaymentRequest(Struct, rename="camel", omit_defaults=True, frozen=True):
    """The order of fields and what is left out are the fingerprint's."""

    amount: str
    currency: str
    reference: str | None = None
    customer: CustomerRequest | None = None
    method: str | None = None
    country: str | None = None
    fee_bearer: Bearer = Bearer.MERCHANT
    description: str = ""
    return_url: str | None = None
    expires_in: int = EXPIRES_S
    metadata: dict[str, str] = {}

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "PaymentRequest":
        """From the API's words. Raises Invalid naming the field."""
        read = msgspec.convert(given, cls)
        money = amount_of(read.amount, currency(read.currency))
        faults: list[Invalid] = []
        well_formed.check(read, lambda field, told: faults.append(Invalid(told, field)))
        if faults:
            raise faults[0]
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
    return named(field, lambda: well_formed.amount(text, money))


def text_of(text: str, field: str, longest: int, shortest: int = 0) -> str:
    """Raises Invalid for what the API would refuse."""
    return named(field, lambda: plain(text, longest, shortest))


def reason_of(text: str | None) -> str:
    """Of a person's word: never empty. Raises Invalid."""
    if not (told := (text or "").strip()):
        told = f"say why with --reason, in 1 to {LONGEST_TEXT} characters"
        raise Invalid(told, "reason")
    return text_of(told, "reason", LONGEST_TEXT)


def form_of(text: str | None, form: str, field: str) -> str | None:
    """Raises Invalid for what has not that form."""
    if text is not None and not re.fullmatch(form, text):
        raise Invalid(HINTS[field], field)
    return text


def instant_of(text: str | None, field: str) -> datetime | None:
    """A time or a date, in UTC unless it says otherwise. Raises Invalid."""
    return named(field, lambda: instant(text)) if text is not None else None


def named(field: str, read: Callable[[], T]) -> T:
    """What `read` gives; its Invalid speaks of this field."""
    try:
        return read()
    except Invalid as error:
        raise Invalid(str(error), field) from None
