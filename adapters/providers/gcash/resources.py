"""PayMongo's resources as they are read, and how an answer becomes one.

Bodies are `{"data": {"id", "type", "attributes"}}`; amounts are whole centavos.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.gcash.errors import Sort, sort_of
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money
from domain.payments.outcome import NotFound, Unknown

T = TypeVar("T")
Centavos = Annotated[int, msgspec.Meta(ge=0, le=10**15)]

MOVED: Final = frozenset({"paid", "refunded", "partially_refunded"})  # of a payment; "paid" is sure
UNTOUCHED: Final = "awaiting_payment_method"  # at first, and again after each failed attempt


class Envelope(msgspec.Struct, Generic[T], frozen=True):
    data: T


class RefundFacts(msgspec.Struct, frozen=True):
    amount: Centavos
    status: str  # pending, processing, succeeded, failed
    currency: str = "PHP"
    notes: str | None = None
    updated_at: int = 0


class Refund(msgspec.Struct, frozen=True):
    id: str
    attributes: RefundFacts


class PaymentFacts(msgspec.Struct, frozen=True):
    """`refunds`: seen in published events, in no list of attributes; None when it is not there."""

    amount: Centavos
    status: str  # pending, paid, failed
    currency: str = "PHP"
    payment_intent_id: str | None = None
    failed_code: str | None = None
    failed_message: str | None = None
    metadata: Any = None
    refunds: tuple[Refund, ...] | None = None


class Payment(msgspec.Struct, frozen=True):
    id: str
    attributes: PaymentFacts

    def money(self) -> Money | None:
        return money(self.attributes.amount, self.attributes.currency)


class Redirect(msgspec.Struct, frozen=True):
    url: str


class Step(msgspec.Struct, frozen=True):
    redirect: Redirect | None = None


class LastError(msgspec.Struct, frozen=True):
    failed_code: str | None = None
    failed_message: str | None = None


class IntentFacts(msgspec.Struct, frozen=True):
    status: str
    amount: Centavos
    currency: str
    next_action: Step | None = None
    last_payment_error: LastError | None = None
    payments: tuple[Payment, ...] | None = None
    metadata: Any = None


class Intent(msgspec.Struct, frozen=True):
    id: str
    attributes: IntentFacts

    @property
    def moved(self) -> Sequence[Payment]:
        """The payments whose money was taken; there should be one at most."""
        return [one for one in self.attributes.payments or () if one.attributes.status in MOVED]

    @property
    def error(self) -> LastError | PaymentFacts | None:
        """Why the last attempt failed; None before any did."""
        facts = self.attributes
        rows = [one.attributes for one in facts.payments or ()]
        fallen = [row for row in rows if row.status == "failed"]
        return facts.last_payment_error or (fallen[-1] if fallen else None)

    @property
    def is_untouched(self) -> bool:
        """Nothing was ever attached, as far as PayMongo shows now."""
        facts = self.attributes
        return facts.status == UNTOUCHED and self.error is None and not facts.payments


class Method(msgspec.Struct, frozen=True):
    id: str


def money(minor: int, code: str) -> Money | None:
    """None for a currency that does not exist."""
    try:
        return Money(minor, currency(code))
    except Invalid:
        return None


def owner(metadata: object) -> str | None:
    """Our attempt in an intent's or payment's metadata; None when another system made it."""
    said = metadata.get("attempt_id") if isinstance(metadata, Mapping) else None
    return said if isinstance(said, str) and said else None


def resource(response: Response, type_: type[T]) -> T | Unknown:
    """What a 2xx answer is about. PayMongo answers 200 to everything that worked."""
    if not 200 <= response.status < 300:
        return unusable(response)
    try:
        return decode(response.body, Envelope[type_]).data  # type: ignore[valid-type]
    except Undecodable as error:
        return unusable(response, str(error))


def looked_up(response: Response, id_: str, type_: type[T]) -> T | NotFound | Unknown:
    """What a query found. Never a no: a query that fails says nothing about the money."""
    sort, word = sort_of(response)
    if sort is Sort.ABSENT:
        return NotFound(f"PayMongo does not know {id_} in this environment")
    if response.status >= 300:
        return unusable(response, word)
    found = resource(response, type_)
    if not isinstance(found, Unknown) and getattr(found, "id", None) != id_:
        return unusable(response, "another id")
    return found
