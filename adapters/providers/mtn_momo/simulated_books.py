"""What the simulated MTN knows: requests to pay, what became of each, and what was given back.

Amounts are minor units here and strings in major units on the wire.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.provider_kit.simulator import Booked
from domain.currencies import CURRENCIES

PROMPT: Final = timedelta(minutes=5)
GIVING: Final = timedelta(seconds=20)  # how long a refund is PENDING
ENVIRONMENTS: Final[Mapping[str, tuple[str, str]]] = {
    "sandbox": ("EUR", ""),
    "mtnzambia": ("ZMW", "260"),
    "mtnuganda": ("UGX", "256"),
    "mtnghana": ("GHS", "233"),
    "mtnivorycoast": ("XOF", "225"),
    "mtncameroon": ("XAF", "237"),
    "mtnbenin": ("XOF", "229"),
    "mtncongo": ("XAF", "242"),
    "mtnswaziland": ("SZL", "268"),
    "mtnguineaconakry": ("GNF", "224"),
    "mtnsouthafrica": ("ZAR", "27"),
    "mtnliberia": ("LRD", "231"),
    "mtnsouthsudan": ("SSP", "211"),
    "mtnnigeria": ("NGN", "234"),
    "mtnrwanda": ("RWF", "250"),
}
"""The currency each takes, and how its payers' numbers begin."""
BOOKED: Final = {"PENDING": "pending", "SUCCESSFUL": "succeeded", "FAILED": "failed"}


@dataclass(slots=True, kw_only=True)
class Given:
    """One refund. `ends` is what becomes of it: a status and a reason."""

    id: str
    merchant: str
    body: dict[str, Any]  # as it was sent
    payer: str
    minor: int
    at: datetime
    ends: tuple[str, str] = ("SUCCESSFUL", "")
    financial_id: str = ""

    def status(self, now: datetime) -> str:
        return "PENDING" if now < self.at + GIVING else self.ends[0]

    def told(self, now: datetime, *, objects: bool) -> dict[str, Any]:
        """The answer to a query: `payee` in place of `payer`."""
        told = {key: self.body[key] for key in ("externalId", "amount", "currency")}
        told["payee"] = {"partyIdType": "MSISDN", "partyId": self.payer}
        ended = self.status(now)
        return {**told, **_end(ended, self.ends[1], self.financial_id, objects=objects)}


@dataclass(slots=True, kw_only=True)
class Asked:
    """One request to pay."""

    id: str  # X-Reference-Id
    merchant: str
    environment: str
    body: dict[str, Any]  # as it was sent
    minor: int
    callback_url: str
    created_at: datetime
    status: str = "PENDING"
    reason: str = ""
    financial_id: str = ""
    patient: bool = False  # the sandbox's payer who is never timed out
    given: list[Given] = field(default_factory=list)

    @property
    def external_id(self) -> str:
        return str(self.body["externalId"])

    @property
    def payer(self) -> str:
        return str(self.body["payer"]["partyId"])

    @property
    def currency(self) -> str:
        return str(self.body["currency"])

    def left(self, now: datetime) -> int:
        """What can still be given back; what is under way counts as given."""
        return self.minor - sum(one.minor for one in self.given if one.status(now) != "FAILED")

    def told(self, *, objects: bool) -> dict[str, Any]:
        """The answer to a query, and the body of the callback."""
        end = _end(self.status, self.reason, self.financial_id, objects=objects)
        return {**self.body, **end}

    def booked(self, now: datetime) -> Booked:
        done = [one.minor for one in self.given if one.status(now) == "SUCCESSFUL"]
        return Booked(
            reference=self.external_id,
            provider_reference=self.id,
            amount_minor=self.minor,
            currency=self.currency,
            status="expired" if self.reason == LATE else BOOKED[self.status],
            refunded_minor=sum(done),
            payer=f"+{self.payer}",
            at=self.created_at,
        )


LATE: Final = "COULD_NOT_PERFORM_TRANSACTION"


def _end(status: str, reason: str, financial_id: str, *, objects: bool) -> dict[str, Any]:
    end: dict[str, Any] = {"status": status}
    if status == "SUCCESSFUL":
        end["financialTransactionId"] = financial_id
    elif status == "FAILED":
        message = reason.replace("_", " ").capitalize() + "."
        end["reason"] = {"code": reason, "message": message} if objects else reason
    return end


def minor_of(text: object, code: str) -> int | None:
    """The amount in minor units; None unless it is a string of digits with at most the currency's
    decimals, above zero."""
    decimals = CURRENCIES[code].exponent if code in CURRENCIES else 2
    fraction = rf"(?:\.([0-9]{{1,{decimals}}}))?" if decimals else "()"
    match = re.fullmatch(rf"([0-9]{{1,16}}){fraction}", text) if isinstance(text, str) else None
    if match is None:
        return None
    return int(match[1] + (match[2] or "").ljust(decimals, "0")) or None


def is_request(body: object) -> bool:
    """Whether a body is a request to pay, by its types."""
    if not isinstance(body, dict) or not isinstance(body.get("payer"), dict):
        return False
    payer = body["payer"]
    texts = (body.get("externalId"), body.get("currency"), payer.get("partyId"))
    notes = (body.get("payerMessage", ""), body.get("payeeNote", ""))
    fits = all(isinstance(one, str) and one for one in texts) and payer["partyId"].isdigit()
    short = all(isinstance(one, str) and len(one) <= 160 for one in notes)
    return fits and short and payer.get("partyIdType") == "MSISDN"
