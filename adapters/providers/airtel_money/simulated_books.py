"""What the simulated Airtel knows: pushes, and what became of each.

Amounts are minor units here and JSON numbers in major units on the wire.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.simulator import Booked
from domain.currencies import CURRENCIES

PROMPT: Final = timedelta(minutes=5)
COUNTRIES: Final[Mapping[str, tuple[str, str, int]]] = {
    "ZM": ("ZMW", "260", 9),
    "UG": ("UGX", "256", 9),
    "KE": ("KES", "254", 9),
    "TZ": ("TZS", "255", 9),
    "RW": ("RWF", "250", 9),
    "MW": ("MWK", "265", 9),
    "NG": ("NGN", "234", 10),
    "CD": ("CDF", "243", 9),
    "CG": ("XAF", "242", 9),
    "GA": ("XAF", "241", 8),
    "TD": ("XAF", "235", 8),
    "NE": ("XOF", "227", 8),
    "MG": ("MGA", "261", 9),
    "SC": ("SCR", "248", 7),
}
"""The currency of each, its telephone code, and how long its national numbers are."""
BOOKED: Final = {
    "TIP": "pending",
    "TA": "pending",
    "TS": "succeeded",
    "TR": "succeeded",
    "TF": "failed",
    "TE": "expired",
}


@dataclass(slots=True, kw_only=True)
class Push:
    """One payment that was asked for. Its status is as an enquiry tells it."""

    id: str  # the merchant's
    merchant: str
    country: str
    msisdn: str  # national
    reference: str
    minor: int
    at: datetime
    status: str = "TIP"
    airtel_money_id: str = ""
    ambiguous: bool = False  # paid, and not known to Airtel itself for a while

    @property
    def phone(self) -> str:
        return f"+{COUNTRIES[self.country][1]}{self.msisdn}"

    def told(self) -> dict[str, Any]:
        """The transaction of an enquiry: Airtel's id only for what succeeded."""
        told = {"id": self.id, "message": MESSAGES[self.status], "status": self.status}
        if self.airtel_money_id and self.status in ("TS", "TR"):
            told["airtel_money_id"] = self.airtel_money_id
        return told

    def booked(self) -> Booked:
        return Booked(
            reference=self.id,
            provider_reference=self.id,  # its own comes only with the money
            amount_minor=self.minor,
            currency=COUNTRIES[self.country][0],
            status=BOOKED[self.status],
            refunded_minor=self.minor if self.status == "TR" else 0,
            payer=self.phone,
            at=self.at,
        )


MESSAGES: Final = {
    "TIP": "In progress",
    "TA": "Ambiguous",
    "TS": "success",
    "TR": "Reversed",
    "TF": "FAILED",
    "TE": "Expired",
}


class _Money(msgspec.Struct):
    amount: Decimal


class _Asked(msgspec.Struct):
    transaction: _Money


def minor_of(raw: bytes, code: str) -> int | None:
    """The amount of a push in minor units, as it was written; None unless it is a JSON number
    above zero with at most the currency's decimals."""
    try:
        amount = msgspec.json.decode(raw, type=_Asked).transaction.amount
    except (msgspec.MsgspecError, ValueError):
        return None
    if not amount.is_finite() or amount <= 0 or amount.adjusted() > 12:
        return None
    scaled = amount.scaleb(CURRENCIES[code].exponent)
    return int(scaled) if scaled == int(scaled) else None


def is_push(body: object) -> bool:
    """Whether a body is a push, by its types."""
    if not isinstance(body, dict):
        return False
    subscriber, transaction = body.get("subscriber"), body.get("transaction")
    if not isinstance(subscriber, dict) or not isinstance(transaction, dict):
        return False
    reference, amount = body.get("reference"), transaction.get("amount")
    number = isinstance(amount, int | float) and not isinstance(amount, bool)
    texts = isinstance(reference, str) and 4 <= len(reference) <= 64
    known = isinstance(transaction.get("id"), str) and bool(transaction["id"])
    return texts and number and known and isinstance(subscriber.get("msisdn"), str | int)
