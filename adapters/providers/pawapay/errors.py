"""What pawaPay's failure codes permit.

A deposit or refund that is not taken is REJECTED (HTTP 200) or refused with 400, 401 or 403, each
with a `failureReason`; one that was taken ends FAILED with such a reason, which is final. Source:
"Failure codes" of the documentation.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from adapters.provider_kit.transport import Response
from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind

REFUSALS: Final = (400, 401, 403)
UNSURE: Final = "UNKNOWN_ERROR"  # "do not assume failure": look


class Reason(msgspec.Struct, frozen=True, rename="camel"):
    failure_code: str = ""


class Row(NamedTuple):
    code: FailureCode
    kind: FailureKind
    elsewhere: bool  # may another provider sensibly try; of a refund: may it be sent again
    words: str


SET_UP: Final = Row(
    FailureCode.PROVIDER_UNAVAILABLE,
    FailureKind.UNAVAILABLE,
    True,
    "pawaPay does not accept this account as it is set up; look at it in pawaPay's dashboard.",
)
DOWN: Final = Row(
    FailureCode.PROVIDER_UNAVAILABLE,
    FailureKind.UNAVAILABLE,
    True,
    "That mobile network is not available at pawaPay now.",
)
WRONG: Final = Row(
    FailureCode.INVALID_REQUEST, FailureKind.INVALID, True, "pawaPay did not accept the request."
)
BOUNDS: Final = Row(
    FailureCode.LIMIT_EXCEEDED,
    FailureKind.INVALID,
    True,
    "The amount is below or above what that mobile network takes.",
)
STRANGER: Final = Row(
    FailureCode.PAYER_NOT_FOUND,
    FailureKind.DECLINED,
    True,
    "That number has no mobile money account.",
)
REJECTED: Final = Row(
    FailureCode.PAYER_REJECTED,
    FailureKind.DECLINED,
    False,
    "The payer did not approve it on the phone.",
)
POOR: Final = Row(
    FailureCode.INSUFFICIENT_FUNDS, FailureKind.DECLINED, False, "The balance is too low."
)
LIMITED: Final = Row(
    FailureCode.LIMIT_EXCEEDED, FailureKind.DECLINED, False, "A limit of the wallet is reached."
)
BUSY: Final = Row(
    FailureCode.UNKNOWN,
    FailureKind.DECLINED,
    False,
    "Another payment still waits on that phone; try again in ten minutes.",
)
CANCELED: Final = Row(
    FailureCode.CANCELED, FailureKind.CANCELED, False, "It was canceled in pawaPay's dashboard."
)
UNTOLD: Final = Row(
    FailureCode.UNKNOWN,
    FailureKind.DECLINED,
    False,
    "The mobile network failed it without saying why.",
)
EMPTY: Final = Row(
    FailureCode.PROVIDER_UNAVAILABLE,
    FailureKind.UNAVAILABLE,
    True,
    "The pawaPay wallet holds too little to give it back; top it up.",
)
WAIT: Final = Row(
    FailureCode.PROVIDER_UNAVAILABLE,
    FailureKind.UNAVAILABLE,
    True,
    "Another refund of this payment is still under way.",
)
SPENT: Final = Row(
    FailureCode.INVALID_REQUEST, FailureKind.INVALID, False, "That much is not left to give back."
)
UNPAID: Final = Row(
    FailureCode.INVALID_REQUEST, FailureKind.INVALID, False, "pawaPay has no such paid deposit."
)

CODES: Final[Mapping[str, Row]] = {
    "NO_AUTHENTICATION": SET_UP,
    "AUTHENTICATION_ERROR": SET_UP,
    "AUTHORISATION_ERROR": SET_UP,
    "HTTP_SIGNATURE_ERROR": SET_UP,
    "DEPOSITS_NOT_ALLOWED": SET_UP,
    "REFUNDS_NOT_ALLOWED": SET_UP,
    "INVALID_PROVIDER": SET_UP,
    "INVALID_INPUT": WRONG,
    "MISSING_PARAMETER": WRONG,
    "UNSUPPORTED_PARAMETER": WRONG,
    "INVALID_PARAMETER": WRONG,
    "DUPLICATE_METADATA_FIELD": WRONG,
    "INVALID_AMOUNT": WRONG,
    "INVALID_CURRENCY": WRONG,
    "INVALID_PHONE_NUMBER": WRONG,
    "AMOUNT_OUT_OF_BOUNDS": BOUNDS,
    "PROVIDER_TEMPORARILY_UNAVAILABLE": DOWN,
    "PAYER_NOT_FOUND": STRANGER,
    "RECIPIENT_NOT_FOUND": STRANGER,
    "PAYMENT_NOT_APPROVED": REJECTED,
    "INSUFFICIENT_BALANCE": POOR,
    "PAYER_LIMIT_REACHED": LIMITED,
    "WALLET_LIMIT_REACHED": LIMITED,
    "PAYMENT_IN_PROGRESS": BUSY,
    "TRANSACTION_ALREADY_IN_PROCESS": BUSY,
    "MANUALLY_CANCELLED": CANCELED,
    "UNSPECIFIED_FAILURE": UNTOLD,
    "PAWAPAY_WALLET_OUT_OF_FUNDS": EMPTY,
    "REFUND_IN_PROGRESS": WAIT,
    "DEPOSIT_ALREADY_REFUNDED": SPENT,
    "AMOUNT_TOO_LARGE": SPENT,
    "NOT_FOUND": UNPAID,
    "INVALID_STATE": UNPAID,
}
DOORS: Final = frozenset(code for code, row in CODES.items() if row in (SET_UP, WRONG))
"""What is refused with 400, 401 or 403, before it became a deposit or a refund."""


def refused(response: Response, reason: Reason | None, *, rejected: bool) -> Declined | None:
    """The no in an answer to a POST; None when it holds none that is certain."""
    if reason is None or not reason.failure_code or reason.failure_code == UNSURE:
        return None
    if response.status == 200 and rejected:
        return no(CODES.get(reason.failure_code, UNTOLD), reason.failure_code)
    if response.status in REFUSALS and reason.failure_code in DOORS:
        return no(CODES[reason.failure_code], reason.failure_code)
    return None


def failed(reason: Reason | None) -> Declined:
    """What a status FAILED means: the end, whatever its reason."""
    code = reason.failure_code if reason is not None else ""
    return no(CODES.get(code, UNTOLD), code or None)


def no(row: Row, provider_code: str | None) -> Declined:
    known = provider_code if provider_code in CODES or provider_code is None else "another code"
    failure = Failure(row.code, row.words, row.kind, known)
    return Declined(failure=failure, elsewhere=row.elsewhere)
