"""Stripe's objects as they are read, and how an answer becomes one."""

from collections.abc import Mapping
from typing import Any, Final, Generic, Literal, TypeVar

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.stripe.errors import Problem, Sort, sort_of
from domain.payments.outcome import NotFound, Unknown

T = TypeVar("T")

PAGE: Final = 100  # the most of a list
MARK: Final = "own_page"  # a page's intent has our attempt in its metadata too, but not this
WAITS: Final = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
"""In which an intent's payer must still act."""


class Intent(msgspec.Struct, frozen=True):
    """A payment: behind a page, or on its own with `MARK` in its metadata. A declined card makes
    it "requires_payment_method" again."""

    id: str
    object: Literal["payment_intent"]
    status: str
    last_payment_error: Problem | None = None
    amount: int | None = None
    amount_received: int | None = None
    currency: str | None = None
    client_secret: str | None = None
    cancellation_reason: str | None = None
    metadata: Any = None

    def __repr__(self) -> str:
        return f"Intent({self.id}, {self.status})"  # the client secret is for one browser only

    @property
    def attempt_id(self) -> str | None:
        """Ours, of an intent on its own; None of a page's, and of another system's."""
        own = isinstance(self.metadata, Mapping) and self.metadata.get("form") == MARK
        said = self.metadata.get("attempt_id") if own else None
        return said if isinstance(said, str) and said.startswith("att_") else None

    @property
    def can_be_closed(self) -> bool:
        return self.status in WAITS


class Session(msgspec.Struct, frozen=True):
    """A payment page. `payment_intent` is null until a payer tried, an id, or shown in full where
    that was asked for. `url` is null once the page has closed."""

    id: str
    object: Literal["checkout.session"]
    status: str | None
    payment_status: str
    expires_at: int
    amount_total: int | None = None
    currency: str | None = None
    client_reference_id: str | None = None
    created: int = 0
    url: str | None = None
    payment_intent: Intent | str | None = None

    @property
    def intent_id(self) -> str | None:
        intent = self.payment_intent
        return intent.id if isinstance(intent, Intent) else intent

    @property
    def attempt_id(self) -> str | None:
        """Ours; None when another system made it."""
        said = self.client_reference_id or ""
        return said if said.startswith("att_") else None

    @property
    def can_be_closed(self) -> bool:
        return self.status == "open"


class Refund(msgspec.Struct, frozen=True):
    """`failure_reason`: why it came back."""

    id: str
    object: Literal["refund"]
    amount: int
    currency: str
    status: str | None
    failure_reason: str | None = None
    metadata: Any = None

    @property
    def refund_id(self) -> str | None:
        """Ours; None when somebody made it in Stripe's dashboard."""
        said = self.metadata.get("refund_id") if isinstance(self.metadata, Mapping) else None
        return said if isinstance(said, str) and said.startswith("rfd_") else None


class Hook(msgspec.Struct, frozen=True):
    """`secret` is told once, when it is made."""

    id: str
    object: Literal["webhook_endpoint"]
    url: str
    secret: str | None = None

    def __repr__(self) -> str:
        return f"Hook({self.id}, {self.url})"


class Page(msgspec.Struct, Generic[T], frozen=True):
    object: Literal["list"]
    data: tuple[T, ...]
    has_more: bool


def resource(response: Response, type_: type[T]) -> T | Unknown:
    """What an answer that worked is about; Stripe answers 200 to it."""
    if response.status != 200:
        return unusable(response)
    try:
        return decode(response.body, type_)
    except Undecodable as error:
        return unusable(response, str(error))


def looked_up(response: Response, id_: str, type_: type[T]) -> T | NotFound | Unknown:
    """What a query found. Never a no: a query that fails says nothing about the money."""
    sort, word = sort_of(response)
    if sort is Sort.ABSENT:
        return NotFound(f"Stripe does not know {id_[:80]} in this account")
    if response.status != 200:
        return unusable(response, word)
    found = resource(response, type_)
    if not isinstance(found, Unknown) and getattr(found, "id", None) != id_:
        return unusable(response, "another id")
    return found
