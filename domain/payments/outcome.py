"""What a provider said, and what each answer permits (money.md §2 in five classes, and a sixth
that only a query can give).

| Outcome   | Meaning                                        | Then                          |
|-----------|------------------------------------------------|-------------------------------|
| Succeeded | money moved                                    | final                         |
| Pending   | the provider has it; somebody must act         | wait, query on a ladder       |
| Declined  | its own definite no: nothing was or will be    | another provider, or failed   |
| NotSent   | no byte can have reached it                    | another provider at once      |
| Unknown   | everything else                                | no other provider; query      |
| NotFound  | a query that finds nothing                     | twice, late enough: as NotSent|
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.money import Money


class FailureKind(StrEnum):
    DECLINED = "declined"
    UNAVAILABLE = "unavailable"
    INVALID = "invalid"
    EXPIRED = "expired"
    CANCELED = "canceled"


class FailureCode(StrEnum):
    """The stable words of the public API."""

    INSUFFICIENT_FUNDS = "insufficient_funds"
    PAYER_REJECTED = "payer_rejected"
    PAYER_NOT_FOUND = "payer_not_found"
    LIMIT_EXCEEDED = "limit_exceeded"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    PROVIDER_TIMEOUT = "provider_timeout"
    EXPIRED = "expired"
    CANCELED = "canceled"
    RISK_REJECTED = "risk_rejected"
    BOUNCED = "bounced"  # it was paid, and its bank took that back
    INVALID_REQUEST = "invalid_request"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why it did not work: a stable code, words for a person, the provider's own code."""

    code: FailureCode
    message: str
    kind: FailureKind
    provider_code: str | None = None


class ActionType(StrEnum):
    REDIRECT = "redirect"
    APPROVE_ON_PHONE = "approve_on_phone"
    SHOW_QR = "show_qr"
    SHOW_FORM = "show_form"
    PAY_OFFLINE = "pay_offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """What the payer does next. Which fields are set follows from `type` (api.md, nextAction).

    With `client_secret` a browser may pay this one payment: it is for the payer, never for a log.
    """

    type: ActionType
    url: str | None = None
    message: str | None = None
    payload: str | None = None
    image_url: str | None = None
    instructions: str | None = None
    reference_code: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    publishable_key: str | None = None  # opens the provider's form in the merchant's page
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """Money moved. `amount` is what the provider says it took, as it said it."""

    amount: Money
    provider_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    provider_reference: str | None = None
    next_action: NextAction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The provider's own no. `elsewhere`: may another provider sensibly try?"""

    failure: Failure
    elsewhere: bool = False
    provider_reference: str | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request can have reached the provider: `reason` says how that is known."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """No usable answer after sending. `timed_out` only chooses the words shown to people."""

    reason: str
    timed_out: bool = False
    provider_reference: str | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """The provider was asked about our reference and does not know it."""

    reason: str = "not found"


Outcome = Succeeded | Pending | Declined | NotSent | Unknown
Answer = Outcome | NotFound  # what a query can say

UNREACHED: Final = "The provider could not be reached."
WRONG_AMOUNT: Final = Failure(
    FailureCode.UNKNOWN,
    "Another amount was paid than was due; it goes back.",
    FailureKind.DECLINED,
)
NO_PROVIDER: Final = Failure(
    FailureCode.PROVIDER_UNAVAILABLE, "No provider could take it.", FailureKind.UNAVAILABLE
)
