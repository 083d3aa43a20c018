"""PayNow's objects as they are read. Ids are flakes: digits in a string, never a number."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.paynow_gg.errors import Sort, sort_of
from domain.payments.outcome import NotFound, Unknown

T = TypeVar("T")
Flake = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,20}\Z")]


class Customer(msgspec.Struct, frozen=True):
    """Made for one attempt; every event about its order shows its metadata."""

    id: Flake
    metadata: Any = None

    @property
    def attempt_id(self) -> str | None:
        """Ours; None when another system made it."""
        return ours(self.metadata, "attempt_id", "att_")

    @property
    def refund_id(self) -> str | None:
        """Of the refund that we asked for; None when we asked for none."""
        return ours(self.metadata, "refund_id", "rfd_")


class Made(msgspec.Struct, frozen=True):
    """A checkout. It can't be asked about; its order can."""

    id: Flake
    url: str


class Order(msgspec.Struct, frozen=True):
    """Amounts in minor units of `currency`, which PayNow writes in small letters. The total is
    what was paid, tax included; what a gift card paid is no money."""

    id: Flake
    status: str
    currency: str
    total_amount: int
    tax_amount: int
    giftcard_usage_amount: int = 0
    customer_id: Flake | None = None


class Refund(msgspec.Struct, frozen=True):
    """`amount` has the tax in it, which goes back too."""

    id: Flake
    status: str
    amount: int
    tax_amount: int = 0
    currency: str | None = None


class Payment(msgspec.Struct, frozen=True):
    id: Flake
    order_id: Flake
    refunds: tuple[Refund, ...] | None = None


class Hook(msgspec.Struct, frozen=True):
    """Of one event. Its secret is shown each time it is asked for."""

    id: Flake
    url: str
    secret: str
    subscribed_to: str

    def __repr__(self) -> str:
        return f"Hook({self.id}, {self.url})"


def ours(metadata: object, name: str, prefix: str) -> str | None:
    """What we have noted there."""
    said = metadata.get(name) if isinstance(metadata, Mapping) else None
    return said if isinstance(said, str) and said.startswith(prefix) else None


def resource(response: Response, type_: type[T]) -> T | Unknown:
    """What an answer that worked is about."""
    if response.status not in (200, 201):
        return unusable(response)
    try:
        return decode(response.body, type_)
    except Undecodable as error:
        return unusable(response, str(error))


def looked_up(response: Response, type_: type[T]) -> T | NotFound | Unknown:
    """What a query found. Never a no: a query that fails says nothing about the money."""
    sort, word = sort_of(response)
    if sort is Sort.ABSENT:
        return NotFound("PayNow does not know it in this store")
    return unusable(response, word) if response.status >= 300 else resource(response, type_)
