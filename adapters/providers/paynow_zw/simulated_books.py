"""What the simulated Paynow knows of a transaction, and how it reads and writes messages.

Amounts are kept in cents of the integration's currency, as parsed from the wire.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode

from adapters.provider_kit.simulator import Booked, Prompt
from adapters.provider_kit.transport import Response

NUMBER: Final = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,2}))?")
LONGEST_TRACE: Final = 32
BOOKED: Final = {"Created": "pending", "Sent": "pending", "Cancelled": "canceled"}
MOVED: Final = frozenset({"Paid", "Refunded"})


@dataclass(frozen=True, slots=True)
class Integration:
    """A merchant's, with the one currency of its payment methods."""

    id: str
    key: str
    currency: str


INTEGRATIONS: Final[Mapping[str, Integration]] = {
    one.id: one
    for one in (
        Integration("1201", "3e9fed89-60e1-4ce5-ab6e-6b1eb2d4f977", "USD"),
        Integration("1202", "7c1d0a52-9b34-4f6e-8a75-2e60b9f1c3d8", "ZWG"),
    )
}
"""The first is the example of Paynow's own documentation, the second is invented."""


class Refusal(Exception):
    """The company's own error, in its words."""


@dataclass(slots=True, kw_only=True)
class Transaction:
    guid: str
    number: int  # the "paynowreference"
    integration: Integration
    asked: Mapping[str, str]  # the request, its names in lower case
    minor: int
    made_at: datetime
    status: str
    method: str | None = None  # of a prompt; None: by the page
    fate: tuple[datetime, str] | None = None  # of a documented test number: when it becomes what

    @property
    def reference(self) -> str:
        return self.asked["reference"]

    @property
    def phone(self) -> str | None:
        return self.asked.get("phone") or self.asked.get("authphone") or None

    @property
    def open(self) -> bool:
        return self.status in ("Created", "Sent")

    @property
    def amount(self) -> str:
        return f"{self.minor // 100}.{self.minor % 100:02d}"

    def settle(self, now: datetime) -> None:
        """Test numbers act by themselves, when it is time."""
        if self.open and self.fate is not None and now >= self.fate[0]:
            self.status = self.fate[1]

    def told(self, poll_url: str, *, polled: bool = False) -> list[tuple[str, str]]:
        """A status update. A poll writes the number with commas."""
        return [
            ("reference", self.reference),
            ("paynowreference", f"{self.number:,}" if polled else str(self.number)),
            ("amount", self.amount),
            ("status", self.status),
            ("pollurl", poll_url),
        ]

    def prompt(self) -> Prompt:
        return Prompt(
            reference=self.guid,
            merchant=f"Integration {self.integration.id}",
            amount=self.amount,
            currency=self.integration.currency,
            description=self.asked.get("additionalinfo", ""),
            open=self.open,
            status=self.status,
            approve_label="Enter PIN" if self.method else "Make Payment",
            decline_label="Cancel",
            phone=self.phone if self.method else None,
        )

    def booked(self) -> Booked:
        moved = self.status in MOVED
        return Booked(
            reference=self.asked.get("merchanttrace") or self.reference,
            provider_reference=self.guid,
            amount_minor=self.minor,
            currency=self.integration.currency,
            status="succeeded" if moved else BOOKED.get(self.status, "failed"),
            refunded_minor=self.minor if self.status == "Refunded" else 0,
            payer=self.phone,
            at=self.made_at,
        )


def digest(values: Sequence[str], key: str) -> str:
    """As Paynow's own C# has it: blanks around a value do not count."""
    text = "".join(value.strip() for value in values) + key
    return hashlib.sha512(text.encode()).hexdigest().upper()


def written(pairs: Sequence[tuple[str, str]], key: str, name: str = "hash") -> bytes:
    """A message with its hash, whose name is not always written alike."""
    return urlencode([*pairs, (name, digest([value for _, value in pairs], key))]).encode()


def asked_of(body: bytes) -> tuple[Integration, Mapping[str, str]]:
    """Who asks, and what. Raises Refusal."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=60)
    except ValueError:
        raise Refusal("Invalid message") from None
    fields = {name.lower(): value.strip() for name, value in pairs}
    integration = INTEGRATIONS.get(fields.get("id", ""))
    if integration is None:
        raise Refusal("Invalid Id.")
    values = [value for name, value in pairs if name.lower() != "hash"]
    right = digest(values, integration.key)
    if fields.get("hash", "").upper() != right:
        raise Refusal(f"Invalid Hash.  Hash should start with: {right[:6]}")
    return integration, fields


def cents(text: str) -> int:
    """Raises Refusal."""
    match = NUMBER.fullmatch(text)
    minor = int(match[1] + (match[2] or "").ljust(2, "0")) if match is not None else 0
    if minor == 0:
        raise Refusal("Invalid amount field")
    return minor


def checked(asked: Mapping[str, str]) -> int:
    """What every transaction needs: its amount in cents. Raises Refusal."""
    minor = cents(asked.get("amount", ""))
    if not asked.get("reference") or not asked.get("returnurl"):
        raise Refusal("Invalid reference or returnurl field")
    if len(asked.get("merchanttrace", "")) > LONGEST_TRACE:
        raise Refusal("Invalid merchanttrace field")
    return minor


def fate_of(phone: str, now: datetime) -> tuple[datetime, str] | None:
    """What is documented of the numbers for tests. Raises Refusal for the poor one."""
    if phone == "0774444444":
        raise Refusal("Insufficient balance")
    known = {"0771111111": (5, "Paid"), "0772222222": (30, "Paid"), "0773333333": (30, "Failed")}
    if phone not in known:
        return None
    seconds, status = known[phone]
    return now + timedelta(seconds=seconds), status


def refused(refusal: Refusal) -> Response:
    """HTTP 200, and no hash."""
    return reply(urlencode({"status": "Error", "error": str(refusal)}).encode())


def reply(body: bytes) -> Response:
    return Response(200, {"content-type": "text/html; charset=utf-8"}, body)
