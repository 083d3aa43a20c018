"""Pure translation: a Charge into Maya's words, Maya's words into an Outcome.

The same amount has another name on every endpoint: `totalAmount.value` creates,
`totalAmount.amount` refunds and reads a checkout (where `value` can be 0), a payment has a string
`amount`. All are pesos with decimals, written and read digit by digit, never as binary floats.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.signing import hmac_sha256_hex
from adapters.provider_kit.transport import Response
from adapters.providers.maya.errors import Sort, problem, refused, sort_of
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money
from domain.payments.outcome import (
    ActionType,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NextAction,
    NotFound,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Charge

EXPIRES_AFTER: Final = timedelta(hours=1)  # a checkout, by Maya's default
MOST_DIGITS: Final = 15  # of pesos; refuses 1e999999 before it is written out

OPEN: Final = frozenset(
    {
        "CREATED",  # a checkout's own word
        "PENDING_TOKEN",
        "PENDING_PAYMENT",
        "FOR_AUTHENTICATION",
        "AUTHENTICATING",
        "AUTH_SUCCESS",
        "AUTH_FAILED",  # the payer may try again in the same checkout
        "PAYMENT_PROCESSING",
        "AUTHORIZED",  # held, not moved
    }
)
MOVED: Final = "PAYMENT_SUCCESS"
REVERSED: Final = frozenset({"VOIDED", "REFUNDED"})  # it moved, and was given back later
ENDED: Final = {
    "PAYMENT_FAILED": Failure(
        FailureCode.PAYER_REJECTED,
        "The payment was refused at Maya.",
        FailureKind.DECLINED,
        "PAYMENT_FAILED",
    ),
    "PAYMENT_EXPIRED": Failure(
        FailureCode.EXPIRED,
        "Nobody paid in time at Maya.",
        FailureKind.EXPIRED,
        "PAYMENT_EXPIRED",
    ),
    "PAYMENT_CANCELLED": Failure(
        FailureCode.CANCELED,
        "The payment was canceled at Maya.",
        FailureKind.CANCELED,
        "PAYMENT_CANCELLED",
    ),
}
ENDED_AS: Final = {**ENDED, "EXPIRED": ENDED["PAYMENT_EXPIRED"]}  # a checkout's own word


class Total(msgspec.Struct, frozen=True):
    amount: Decimal | None = None
    value: Decimal | None = None
    currency: str | None = None


class Record(msgspec.Struct, frozen=True, rename="camel"):
    """A payment (`status`, `amount`) or a checkout (`paymentStatus`, `totalAmount`)."""

    id: str
    status: str
    payment_status: str | None = None
    is_paid: bool | None = None
    amount: Decimal | None = None
    currency: str | None = None
    total_amount: Total | None = None
    can_void: bool = False
    can_refund: bool = False
    request_reference_number: str | None = None
    metadata: Any = None

    @property
    def word(self) -> str:
        """The word that tells what became of the money."""
        return self.payment_status or self.status

    def money(self) -> Money | None:
        """None when it is not said, or not as an amount."""
        total = self.total_amount or Total()
        said = self.amount if self.amount is not None else total.amount
        said = said if said is not None else total.value
        code = self.currency or total.currency
        return None if said is None or code is None else exact(said, code)


class Created(msgspec.Struct, frozen=True, rename="camel"):
    checkout_id: str
    redirect_url: str


def exact(said: Decimal, code: str) -> Money | None:
    """None for what is not an amount of that currency: negative, not finite, too many decimals."""
    try:
        known = currency(code)
    except Invalid:
        return None
    if not said.is_finite() or said < 0 or said.adjusted() >= MOST_DIGITS:
        return None
    minor = int(said.scaleb(known.exponent))
    return Money(minor, known) if Decimal(minor).scaleb(-known.exponent) == said else None


def number(amount: Money) -> msgspec.Raw:
    """A JSON number in pesos, digit by digit: 1250 minor is 12.50."""
    return msgspec.Raw(amount.major.encode())


def proof(secret_key: str, attempt_id: str) -> str:
    """What a checkout carries so that its callbacks can be told from another merchant's: every
    merchant's are signed with the same key of Maya's, and anybody may choose a reference."""
    return hmac_sha256_hex(secret_key, f"cauri {attempt_id}".encode())[:32]


def checkout(charge: Charge, secret_key: str) -> dict[str, Any]:
    """The body that creates a checkout. Our reference is not unique at Maya: never send twice."""
    total = {"value": number(charge.amount)}
    item = {"name": charge.description or charge.reference, "quantity": 1, "code": charge.reference}
    body: dict[str, Any] = {
        "totalAmount": {**total, "currency": charge.amount.currency.code},
        "items": [{**item, "amount": total, "totalAmount": total}],
        "requestReferenceNumber": charge.attempt_id,
        "metadata": {"proof": proof(secret_key, charge.attempt_id)},
    }
    if buyer := _buyer(charge):
        body["buyer"] = buyer
    if charge.return_url is not None:
        body["redirectUrl"] = dict.fromkeys(("success", "failure", "cancel"), charge.return_url)
    return body


def _buyer(charge: Charge) -> dict[str, Any]:
    first, _, last = (charge.customer.name or "").strip().rpartition(" ")
    name = {"firstName": first or last, "lastName": last if first else ""}
    contact = {"phone": charge.customer.phone, "email": charge.customer.email}
    buyer: dict[str, Any] = {key: value for key, value in name.items() if value}
    if known := {key: value for key, value in contact.items() if value}:
        buyer["contact"] = known
    return buyer


def created(response: Response, charge: Charge, now: datetime) -> Outcome:
    """The answer to a create: two fields, and neither a status nor an amount."""
    if problem(response) is not None or response.status >= 300:
        return refused(response)
    try:
        read = decode(response.body, Created)
    except Undecodable as error:
        return unusable(response, str(error))
    if not read.checkout_id or not read.redirect_url.startswith(("https://", "http://")):
        return unusable(response, "no address to send the payer to")
    action = NextAction(
        type=ActionType.REDIRECT,
        url=read.redirect_url,
        expires_at=min(charge.expires_at, now + EXPIRES_AFTER),
    )
    return Pending(provider_reference=read.checkout_id, next_action=action)


def records(response: Response, reference: str) -> Sequence[Record] | NotFound | Unknown:
    """What a lookup found about our reference: an array, or one object. Never a refusal: a query
    that fails says nothing about the money."""
    if problem(response) is not None or response.status >= 300:
        if sort_of(response) is Sort.ABSENT:
            return NotFound(f"Maya does not know {reference}")
        found = problem(response)
        return unusable(response, found.word if found else "")
    try:
        read = decode(response.body, list[Record] | Record)  # type: ignore[arg-type]
    except Undecodable as error:
        return unusable(response, str(error))
    rows = [read] if isinstance(read, Record) else list(read)
    if not rows:
        return NotFound(f"Maya does not know {reference}")
    if any(row.request_reference_number != reference for row in rows):
        return unusable(response, "another reference")
    return rows


def outcome(record: Record) -> Outcome:
    """What one payment or checkout says about the money."""
    word = record.word
    if word in OPEN:
        return Pending(provider_reference=record.id)
    if (failure := ENDED_AS.get(word)) is not None:
        return Declined(failure=failure, provider_reference=record.id)
    if word != MOVED and word not in REVERSED:  # CAPTURED, DONE: holds that we never ask for
        return Unknown(reason=f"status {word[:40]}", provider_reference=record.id)
    amount = record.money()
    if amount is None or (word == MOVED and record.is_paid is False):
        return Unknown(reason=f"{word} contradicts itself", provider_reference=record.id)
    return Succeeded(amount=amount, provider_reference=record.id)


def together(rows: Iterable[Record]) -> Outcome:
    """What all payments under one reference add up to. Money that moved wins; if it moved twice,
    the sum is told, which is not what was asked for: a person looks."""
    rows = list(rows)
    said = [outcome(row) for row in held(rows) or rows]
    moved = [one for one in said if isinstance(one, Succeeded)]
    if len(moved) > 1:
        return summed(moved)
    for kind in (Succeeded, Unknown, Pending, Declined):
        if fitting := [one for one in said if isinstance(one, kind)]:
            return fitting[-1]
    return Unknown(reason="nothing was said")


def summed(moved: Sequence[Succeeded]) -> Outcome:
    """Money that moved more than once, told as one amount."""
    if len({one.amount.currency for one in moved}) > 1:
        return Unknown(reason="moved more than once, in different currencies")
    total = Money(sum(one.amount.minor for one in moved), moved[0].amount.currency)
    return Succeeded(amount=total, provider_reference=moved[0].provider_reference)


def held(rows: Sequence[Record]) -> Sequence[Record]:
    """The payments whose money is here; else those whose money was here."""
    kept = [row for row in rows if row.word == MOVED]
    return kept or [row for row in rows if row.word in REVERSED]
