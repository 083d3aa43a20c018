"""What MTN's words permit. HTTP alone says little: plain business refusals come as 500.

A refusal is `{"code", "message"}`; the gateway before MTN answers `{"statusCode", "message"}`. A
final status FAILED has a `reason`: an object like the first, or (since 2024) the code alone.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind, Unknown

ABSENT: Final = "RESOURCE_NOT_FOUND"
GATEWAY: Final = (401, 403, 429)  # refused before it reached MTN's own system
LIVE: Final = frozenset({"ONGOING", "DELAYED", "PENDING"})  # not final, whatever stands beside


class Row(NamedTuple):
    code: FailureCode
    kind: FailureKind
    elsewhere: bool  # may another provider sensibly try
    words: str


REJECTED: Final = Row(
    FailureCode.PAYER_REJECTED, FailureKind.DECLINED, False, "The payer refused it on the phone."
)
LATE: Final = Row(
    FailureCode.EXPIRED, FailureKind.EXPIRED, False, "Nobody approved it on the phone in time."
)
POOR: Final = Row(
    FailureCode.INSUFFICIENT_FUNDS, FailureKind.DECLINED, False, "The balance is too low."
)
LIMITED: Final = Row(
    FailureCode.LIMIT_EXCEEDED, FailureKind.DECLINED, False, "The payer's limit is reached."
)
STRANGER: Final = Row(
    FailureCode.PAYER_NOT_FOUND, FailureKind.DECLINED, True, "That number has no active MTN wallet."
)
SET_UP: Final = Row(
    FailureCode.PROVIDER_UNAVAILABLE,
    FailureKind.UNAVAILABLE,
    True,
    "MTN does not accept this account as it is set up; look at it in MTN's portal.",
)
DOWN: Final = Row(
    FailureCode.PROVIDER_UNAVAILABLE, FailureKind.UNAVAILABLE, True, "MTN was not available."
)
WRONG: Final = Row(
    FailureCode.INVALID_REQUEST,
    FailureKind.INVALID,
    True,
    "MTN could not make anything of the request.",
)
UNTOLD: Final = Row(
    FailureCode.UNKNOWN,
    FailureKind.DECLINED,
    False,
    "MTN could not complete it; often the balance is too low.",
)

REASONS: Final[Mapping[str, Row]] = {
    "APPROVAL_REJECTED": REJECTED,
    "REJECTED": REJECTED,
    "EXPIRED": LATE,
    "COULD_NOT_PERFORM_TRANSACTION": LATE,  # "typically not approved within five minutes"
    "NOT_ENOUGH_FUNDS": POOR,
    "LOW_BALANCE_OR_PAYEE_LIMIT_REACHED_OR_NOT_ALLOWED": POOR,
    "PAYER_LIMIT_REACHED": LIMITED,
    "PAYER_NOT_FOUND": STRANGER,
    "SENDER_ACCOUNT_NOT_ACTIVE": STRANGER,
    "PAYEE_LIMIT_REACHED": SET_UP,
    "PAYEE_NOT_FOUND": SET_UP,
    "PAYEE_NOT_ALLOWED_TO_RECEIVE": SET_UP,
    "NOT_ALLOWED": SET_UP,
    "NOT_ALLOWED_TARGET_ENVIRONMENT": SET_UP,
    "INVALID_CALLBACK_URL_HOST": SET_UP,
    "INVALID_CURRENCY": SET_UP,
    "VALIDATION_ERROR": WRONG,
    "TRANSACTION_NOT_FOUND": WRONG,
    "SERVICE_UNAVAILABLE": DOWN,
    "INTERNAL_PROCESSING_ERROR": UNTOLD,
}
"""Of a status FAILED, which is final whatever its reason is."""
DEFINITE: Final = REASONS.keys() - {"SERVICE_UNAVAILABLE", "INTERNAL_PROCESSING_ERROR"}
"""Of an answer to a POST: the others leave open whether it was taken."""


class Problem(msgspec.Struct, frozen=True, rename="camel"):
    """An error of MTN's (`code`), of the gateway (`statusCode`) or of the token desk (`error`)."""

    code: str = ""
    message: str = ""
    status_code: int = 0
    error: str = ""

    @property
    def word(self) -> str:
        """A code that can be shown: one of the documented ones, or none."""
        known = self.code in REASONS or self.code == ABSENT
        return self.code if known else str(self.status_code or "") or "no code of MTN's"


def problem(response: Response) -> Problem | None:
    """The error in a body, if it is one."""
    try:
        found = decode(response.body, Problem)
    except Undecodable:
        return None
    return found if found.code or found.status_code or found.error else None


def refused(response: Response) -> Declined | Unknown:
    """The answer to a POST that was not accepted: a no, or nothing certain."""
    found = problem(response)
    if found is None:
        return unusable(response)
    if response.status in GATEWAY:
        return no(DOWN if response.status == 429 else SET_UP, str(response.status))
    if response.status in (400, 500) and found.code in DEFINITE:
        return no(REASONS[found.code], found.code)
    return unusable(response, found.word)


def failed(reason: Any) -> Declined | Unknown:
    """What a status FAILED means, by its reason in either shape."""
    code = reason.get("code") if isinstance(reason, dict) else reason
    code = code if isinstance(code, str) else ""
    if code in LIVE:
        return Unknown(reason=f"FAILED, and yet {code}")
    return no(REASONS.get(code, UNTOLD), code if code in REASONS else None)


def no(row: Row, provider_code: str | None) -> Declined:
    failure = Failure(row.code, row.words, row.kind, provider_code)
    return Declined(failure=failure, elsewhere=row.elsewhere)
