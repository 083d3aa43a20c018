"""What the simulated pawaPay knows: deposits, what became of each, and what was given back.

Amounts are minor units here and strings in major units on the wire.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.provider_kit.simulator import Booked

CURRENCY: Final = "ZMW"
PREFIXES: Final = {
    "MTN_MOMO_ZMB": ("26096", "26076", "26056"),
    "AIRTEL_OAPI_ZMB": ("26097", "26077", "26057"),
    "ZAMTEL_ZMB": ("26095", "26075", "26055"),
}
PROMPT: Final = timedelta(minutes=5)
GIVING: Final = timedelta(seconds=20)  # how long a refund is PROCESSING
LEAST, MOST = 100, 2_000_000_000  # minor units
AMOUNT: Final = re.compile(r"(0|[1-9][0-9]{0,17})(?:\.([0-9]?[1-9]))?")
UUID4: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
BOOKED: Final = {"PROCESSING": "pending", "COMPLETED": "succeeded", "FAILED": "failed"}


@dataclass(slots=True, kw_only=True)
class Entry:
    """What deposits and refunds share. `body` is as it was sent."""

    id: str
    merchant: str
    body: dict[str, Any]
    minor: int
    at: datetime
    status: str = "PROCESSING"
    code: str = ""  # of its failure
    transaction: str = ""  # the mobile network's own id

    def told(self) -> dict[str, Any]:
        """As a query's `data` and a callback tell it: metadata as one object."""
        told: dict[str, Any] = {
            "status": self.status,
            "amount": decimal(self.minor),
            "currency": CURRENCY,
        }
        told |= {"country": "ZMB", "created": stamp(self.at)}
        if self.transaction:
            told["providerTransactionId"] = self.transaction
        if self.code:
            words = self.code.replace("_", " ").capitalize() + "."
            told["failureReason"] = {"failureCode": self.code, "failureMessage": words}
        for key in ("clientReferenceId", "customerMessage"):
            if key in self.body:
                told[key] = self.body[key]
        metadata: dict[str, Any] = {}
        for row in self.body.get("metadata", []):
            metadata |= {key: value for key, value in row.items() if key != "isPII"}
        return {**told, "metadata": metadata} if metadata else told


@dataclass(slots=True, kw_only=True)
class Deposit(Entry):
    stuck: bool = False  # nobody ever hears of it
    refunds: list["Refund"] = field(default_factory=list)

    @property
    def account(self) -> dict[str, Any]:
        return {"type": "MMO", "accountDetails": self.body["payer"]["accountDetails"]}

    @property
    def phone(self) -> str:
        return str(self.body["payer"]["accountDetails"]["phoneNumber"])

    @property
    def reference(self) -> str:
        """What the merchant calls it."""
        return str(self.body.get("clientReferenceId", self.id))

    def left(self) -> int:
        """What can still be given back; what is under way counts as given."""
        return self.minor - sum(one.minor for one in self.refunds if one.status != "FAILED")

    def told(self) -> dict[str, Any]:
        return {"depositId": self.id, **Entry.told(self), "payer": self.account}

    def booked(self) -> Booked:
        done = [one.minor for one in self.refunds if one.status == "COMPLETED"]
        return Booked(
            reference=self.reference,
            provider_reference=self.id,
            amount_minor=self.minor,
            currency=CURRENCY,
            status=BOOKED[self.status],
            refunded_minor=sum(done),
            payer=f"+{self.phone}",
            at=self.at,
        )


@dataclass(slots=True, kw_only=True)
class Refund(Entry):
    of: Deposit
    ends: str = "COMPLETED"

    def told(self) -> dict[str, Any]:
        return {"refundId": self.id, **Entry.told(self), "recipient": self.of.account}


def minor_of(text: object) -> int | None:
    """The amount in minor units; None unless it is a string as pawaPay wants it."""
    match = AMOUNT.fullmatch(text) if isinstance(text, str) else None
    return int(match[1] + (match[2] or "").ljust(2, "0")) if match is not None else None


def decimal(minor: int) -> str:
    """ "100.00": answers have two decimals, whatever was sent."""
    return f"{minor // 100}.{minor % 100:02d}"


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def network(phone: str) -> str | None:
    found = [name for name, starts in PREFIXES.items() if phone.startswith(starts)]
    return found[0] if found and len(phone) == 12 else None
