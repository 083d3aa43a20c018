"""What the simulated PayMongo knows: intents, the payments tried in each, and their refunds.

Amounts are whole centavos, here and on the wire; times on the wire are whole Unix seconds. What a
payment shows beyond the published examples (`payment_intent_id`, `metadata`, `refunds`) was seen
in events that others published; no page of PayMongo's lists every attribute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.provider_kit.simulator import Booked

Account = tuple[str, bool]  # the merchant, and whether it is the live environment

LIFETIME: Final = timedelta(hours=4)  # of a GCash page, from the attach ("E-wallets")
FRESH: Final = "awaiting_payment_method"  # also after a failure: there is no failed intent
WAITING: Final = "awaiting_next_action"
PAID: Final = "succeeded"


class Refusal(Exception):
    """The company's own error; `attribute` names what is wrong in the request, if anything is."""

    def __init__(
        self, code: str, detail: str, attribute: str | None = None, *, status: int = 400
    ) -> None:
        super().__init__(code)
        self.status = status
        one: dict[str, Any] = {"code": code, "detail": detail}
        if attribute is not None:
            one["source"] = {"pointer": f"attributes.{attribute}", "attribute": attribute}
        self.body = {"errors": [one]}


@dataclass(slots=True, kw_only=True)
class Refund:
    """Pending while `settles_at` is set."""

    id: str
    payment_id: str
    minor: int
    reason: str
    notes: str | None
    at: datetime
    updated_at: datetime
    status: str = "succeeded"
    settles_at: datetime | None = None

    def shown(self, live: bool) -> dict[str, Any]:
        facts = {
            "amount": self.minor,
            "currency": "PHP",
            "livemode": live,
            "notes": self.notes,
            "payment_id": self.payment_id,
            "reason": self.reason,
            "status": self.status,
            "created_at": unix(self.at),
            "updated_at": unix(self.updated_at),
        }
        return {"id": self.id, "type": "refund", "attributes": facts}


@dataclass(slots=True, kw_only=True)
class Payment:
    """One try to pay an intent: paid, or failed with GCash's code."""

    id: str
    account: Account
    intent: "Intent"
    minor: int
    at: datetime
    failed: tuple[str, str] | None = None  # code and message
    refunds: list[Refund] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Centavos that can still be given back; what is under way counts as given."""
        return self.minor - sum(one.minor for one in self.refunds)

    @property
    def refunded(self) -> int:
        return sum(one.minor for one in self.refunds if one.status == "succeeded")

    @property
    def status(self) -> str:
        if self.failed is not None:
            return "failed"
        return "refunded" if self.refunded == self.minor else "paid"

    def shown(self) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "amount": self.minor,
            "currency": "PHP",
            "status": self.status,
            "description": self.intent.description,
            "livemode": self.account[1],
            "billing": self.intent.billing,
            "source": {"id": self.intent.source_id, "type": "gcash"},
            "payment_intent_id": self.intent.id,
            "metadata": self.intent.metadata,
            "refunds": [one.shown(self.account[1]) for one in self.refunds],
            "paid_at": unix(self.at) if self.failed is None else None,
            "created_at": unix(self.at),
            "updated_at": unix(max([self.at, *(one.updated_at for one in self.refunds)])),
        }
        if self.failed is not None:
            facts["failed_code"], facts["failed_message"] = self.failed
        return {"id": self.id, "type": "payment", "attributes": facts}


@dataclass(slots=True, kw_only=True)
class Intent:
    id: str
    account: Account
    minor: int
    description: str | None
    metadata: Mapping[str, Any] | None
    client_key: str
    created_at: datetime
    updated_at: datetime
    status: str = FRESH
    billing: Mapping[str, Any] | None = None
    return_url: str | None = None
    source_id: str = ""  # of the page that the last attach opened
    expires_at: datetime | None = None
    failed: tuple[str, str] | None = None  # code and message of the last try
    payments: list[Payment] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """The merchant's own, where metadata holds it."""
        return str((self.metadata or {}).get("attempt_id") or self.id)

    @property
    def is_open(self) -> bool:
        """The payer can decide."""
        return self.status == WAITING

    @property
    def payer(self) -> str | None:
        told = self.billing or {}
        return str(told.get("phone") or told.get("email") or "") or None

    def booked(self) -> Booked:
        after = "expired" if self.failed and "expired" in self.failed[1] else "failed"
        return Booked(
            reference=self.reference,
            provider_reference=self.id,
            amount_minor=self.minor,
            currency="PHP",
            status={PAID: "succeeded", WAITING: "pending"}.get(self.status, after),
            refunded_minor=sum(one.refunded for one in self.payments),
            payer=self.payer,
            at=self.created_at,
        )

    def shown(self, page: str) -> dict[str, Any]:
        """As every call about it answers. `page` is where its payer decides."""
        redirect = {"url": page, "return_url": self.return_url}
        facts = {
            "amount": self.minor,
            "capture_type": "automatic",
            "client_key": self.client_key,
            "currency": "PHP",
            "description": self.description,
            "livemode": self.account[1],
            "status": self.status,
            "last_payment_error": _error(self.failed),
            "payment_method_allowed": ["gcash"],
            "payments": _shown(self.payments),
            "next_action": {"type": "redirect", "redirect": redirect} if self.is_open else None,
            "metadata": self.metadata,
            "created_at": unix(self.created_at),
            "updated_at": unix(self.updated_at),
        }
        return {"id": self.id, "type": "payment_intent", "attributes": facts}


def unix(at: datetime) -> int:
    return int(at.timestamp())


def _shown(payments: Sequence[Payment]) -> list[dict[str, Any]]:
    return [one.shown() for one in payments]


def _error(failed: tuple[str, str] | None) -> dict[str, str] | None:
    return None if failed is None else {"failed_code": failed[0], "failed_message": failed[1]}
