"""The simulated Stripe's books: what is to be paid, what was, and what went back."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from adapters.provider_kit.simulator import Booked

NO_DECIMALS: Final = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
THREE_DECIMALS: Final = "bhd jod kwd omr tnd"
WHOLE_ONLY: Final = "isk ugx"  # sent with two decimals that are zero
STANDARD: Final = {**dict.fromkeys(f"{NO_DECIMALS} {WHOLE_ONLY}".split(), 0), "mga": 2}
"""The decimals of ISO 4217, where they are neither two nor as many as here."""
LEAST: Final = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50}
MOST_UNITS: Final = 99_999_999

SLOW: Final = timedelta(seconds=60)  # a refund that is pending
COMES_BACK: Final = timedelta(days=1)  # one that the bank returns
Who = tuple[str, bool]  # whose key it is, and whether it is live


class Refusal(Exception):
    """Stripe's own error. `early`: found before anything was executed, so not kept under a key."""

    def __init__(
        self, status: int, kind: str, words: str, *, early: bool = True, **more: Any
    ) -> None:
        super().__init__(words)
        self.status, self.early = status, early
        self.body = {"error": {"type": kind, "message": words, **more}}


def invalid(words: str, *, status: int = 400, early: bool = True, **more: Any) -> Refusal:
    return Refusal(status, "invalid_request_error", words, early=early, **more)


def missing(what: str, id_: str) -> Refusal:
    return invalid(f"No such {what}: '{id_}'", status=404, code="resource_missing", param="id")


def decimals(code: str) -> int:
    """Of what is sent."""
    return 0 if code in NO_DECIMALS.split() else 3 if code in THREE_DECIMALS.split() else 2


def major(units: int, code: str) -> str:
    """For a payer's eyes."""
    return str(Decimal(units).scaleb(-decimals(code)))


def minor_of(units: int, code: str) -> int:
    """As the standard counts it: what was really taken."""
    standard = STANDARD.get(code, decimals(code))
    return int(Decimal(units).scaleb(standard - decimals(code)))


@dataclass(slots=True, kw_only=True)
class Returned:
    """One refund. A sum that ends in 32 is pending for a minute, in 34 it fails then, in 36 it
    succeeds and comes back after a day."""

    id: str
    units: int
    reason: str | None
    metadata: dict[str, str]
    at: datetime
    told: str = ""  # the status that callbacks have told

    def status(self, now: datetime) -> str:
        kind = self.units % 100
        if kind in (32, 34) and now < self.at + SLOW:
            return "pending"
        if kind == 34 or (kind == 36 and now >= self.at + COMES_BACK):
            return "failed"
        return "succeeded"


@dataclass(slots=True, kw_only=True)
class Paying(ABC):
    """An intent and its refunds. `id` is what the merchant knows it by: its page's, or its own."""

    id: str
    account: str
    live: bool
    reference: str | None
    units: int
    currency: str  # lower case
    words: str
    payer: str | None = None  # an e-mail
    intent_metadata: dict[str, str]
    made_at: datetime
    url: str  # where its payer decides
    status: str
    intent_id: str | None = None  # of a page none until a payer tries
    intent_at: datetime | None = None
    secret: str = ""  # the intent's id and what only its payer's browser may know
    charge_id: str | None = None
    paid: bool = False
    error: dict[str, Any] | None = None
    canceled_for: str | None = None
    returned: list[Returned] = field(default_factory=list)

    @property
    @abstractmethod
    def is_open(self) -> bool:
        """Whether it can be paid."""

    @property
    @abstractmethod
    def intent_status(self) -> str:
        """In Stripe's words."""

    @property
    @abstractmethod
    def booked_status(self) -> str:
        """In the words of the books."""

    @abstractmethod
    def pay(self) -> None:
        """Its card was charged."""

    @abstractmethod
    def reopen(self) -> None:
        """What ended unpaid can be paid again, as no company promises."""

    @abstractmethod
    def decline(self) -> None:
        """Its card was declined; another may be tried."""

    @abstractmethod
    def goes_back(self) -> str | None:
        """Where its payer's browser goes after paying, or not."""

    def back(self, now: datetime) -> int:
        """Given back, or on its way."""
        return sum(one.units for one in self.returned if one.status(now) != "failed")

    def intent_shown(self) -> dict[str, Any]:
        """The intent; there is one once a payer has tried."""
        action = {"type": "redirect_to_url", "redirect_to_url": {"url": self.url}}
        return {
            "id": self.intent_id,
            "object": "payment_intent",
            "amount": self.units,
            "amount_received": self.units if self.paid else 0,
            "cancellation_reason": self.canceled_for,
            "client_secret": self.secret,
            "created": unix(self.intent_at or self.made_at),
            "currency": self.currency,
            "description": self.words,
            "last_payment_error": self.error,
            "latest_charge": self.charge_id,
            "livemode": self.live,
            "metadata": self.intent_metadata,
            "next_action": action if self.intent_status == "requires_action" else None,
            "payment_method_types": ["card"],
            "status": self.intent_status,
        }

    def refund(self, one: Returned, now: datetime) -> dict[str, Any]:
        status = one.status(now)
        why = {"failure_reason": "expired_or_canceled_card"} if status == "failed" else {}
        return {
            "id": one.id,
            "object": "refund",
            "amount": one.units,
            "charge": self.charge_id,
            "created": unix(one.at),
            "currency": self.currency,
            "metadata": one.metadata,
            "payment_intent": self.intent_id,
            "reason": one.reason,
            "status": status,
            **why,
        }

    def booked(self, now: datetime) -> Booked:
        return Booked(
            reference=self.reference or self.id,
            provider_reference=self.id,
            amount_minor=minor_of(self.units, self.currency),
            currency=self.currency.upper(),
            status=self.booked_status,
            refunded_minor=minor_of(self.back(now), self.currency),
            payer=self.payer,
            at=self.made_at,
        )


def unix(at: datetime) -> int:
    return int(at.timestamp())
