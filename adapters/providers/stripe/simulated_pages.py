"""The simulated Stripe's Checkout Sessions: pages that live for a while, each with an intent once a
payer has tried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.providers.stripe.simulated_books import Paying, Who, invalid, unix
from adapters.providers.stripe.simulated_forms import email, only, priced, whole_number

SHORTEST: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=24)
FOREVER: Final = timedelta(days=3650)
TAKEN: Final = """
    mode client_reference_id success_url cancel_url expires_at payment_method_types
    adaptive_pricing customer_email line_items metadata payment_intent_data expand
"""
WORDS: Final = {"open": "pending", "complete": "succeeded", "expired": "expired"}


@dataclass(slots=True, kw_only=True)
class Page(Paying):
    """A page, and the intent behind it."""

    metadata: dict[str, str]
    success_url: str
    cancel_url: str | None
    ends_at: datetime

    @property
    def is_open(self) -> bool:
        return self.status == "open"

    @property
    def intent_status(self) -> str:
        waits = "canceled" if self.status == "expired" else "requires_payment_method"
        return "succeeded" if self.paid else waits

    @property
    def booked_status(self) -> str:
        return WORDS[self.status]

    def pay(self) -> None:
        self.status, self.paid, self.error = "complete", True, None

    def reopen(self) -> None:
        if self.status == "expired":
            self.status, self.ends_at = "open", self.ends_at + FOREVER

    def decline(self) -> None:
        """The page stays as it is."""

    def goes_back(self) -> str | None:
        return self.success_url if self.paid else self.cancel_url

    def shown(self, *, whole: bool = False) -> dict[str, Any]:
        """`whole`: with its intent instead of the intent's id."""
        return {
            "id": self.id,
            "object": "checkout.session",
            "adaptive_pricing": {"enabled": False},
            "amount_subtotal": self.units,
            "amount_total": self.units,
            "cancel_url": self.cancel_url,
            "client_reference_id": self.reference,
            "created": unix(self.made_at),
            "currency": self.currency,
            "customer": None,
            "customer_email": self.payer,
            "expires_at": unix(self.ends_at),
            "livemode": self.live,
            "metadata": self.metadata,
            "mode": "payment",
            "payment_intent": self.intent_shown() if whole and self.intent_id else self.intent_id,
            "payment_method_types": ["card"],
            "payment_status": "paid" if self.paid else "unpaid",
            "status": self.status,
            "success_url": self.success_url,
            "url": self.url if self.is_open else None,
        }


def page(
    who: Who, said: Mapping[str, Any], new_id: Callable[[str], str], root: str, now: datetime
) -> Page:
    """A new one. Raises Refusal."""
    only(said, TAKEN)
    if said.get("mode") != "payment" or not str(said.get("success_url", "")).startswith("http"):
        raise invalid("Missing or invalid mode or success_url.", param="mode")
    units, currency, words = priced(said)
    id_ = new_id(f"cs_{'live' if who[1] else 'test'}")
    return Page(
        id=id_,
        account=who[0],
        live=who[1],
        reference=said.get("client_reference_id"),
        units=units,
        currency=currency,
        words=words,
        metadata=dict(said.get("metadata") or {}),
        intent_metadata=dict((said.get("payment_intent_data") or {}).get("metadata") or {}),
        payer=email(said),
        success_url=str(said["success_url"]),
        cancel_url=said.get("cancel_url"),
        made_at=now,
        ends_at=_ends(said, now),
        url=f"{root}/c/pay/{id_}",
        status="open",
    )


def _ends(said: Mapping[str, Any], now: datetime) -> datetime:
    if "expires_at" not in said:
        return now + LONGEST
    at = datetime.fromtimestamp(whole_number(said["expires_at"], "expires_at"), UTC)
    if not SHORTEST <= at - now.replace(microsecond=0) <= LONGEST:
        words = "The `expires_at` timestamp must be 30 minutes to 24 hours from creation."
        raise invalid(words, param="expires_at")
    return at
