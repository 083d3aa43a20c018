"""What PayMongo's errors permit, as pure functions.

A no counts only as PayMongo wrote it: `{"errors": [{"code", "detail", "source"}]}` with codes
that are known here. 5xx, another body or another code says nothing about what was executed.
Sources: "Errors", "Payment Intent and Payment Method errors", "Refund errors", "E-wallet errors".
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind, Unknown


class Problem(msgspec.Struct, frozen=True):
    code: str
    detail: str = ""  # may repeat what was sent, even the key: never shown as it is


class Problems(msgspec.Struct, frozen=True):
    errors: Annotated[tuple[Problem, ...], msgspec.Meta(min_length=1)]


class Sort(StrEnum):
    ACCOUNT = "account"  # key, mode or contract: an operator must act
    REQUEST = "request"
    SMALL = "small"
    LARGE = "large"
    ABSENT = "absent"
    RATE = "rate"  # not processed; lifted within a minute
    WAIT = "wait"  # of a refund: passes by itself
    NEVER = "never"  # of a refund: will not pass
    AMBIGUOUS = "ambiguous"


WORDS: Final[Mapping[Sort, str]] = {
    Sort.ACCOUNT: """
        api_key_invalid authentication_failed forbidden livemode_mismatched
        organization_not_allowed""",
    Sort.REQUEST: """
        parameter_attribute_invalid parameter_blank parameter_data_type_invalid
        parameter_format_invalid parameter_invalid parameter_required parameter_too_long""",
    Sort.SMALL: "parameter_below_minimum",
    Sort.LARGE: "parameter_above_maximum allowed_amount_exceeded",
    Sort.ABSENT: "resource_not_found",
    Sort.WAIT: "available_balance_insufficient resource_pending_state resource_processing_state",
    Sort.NEVER: """
        allowed_date_exceeded payment_method_not_allowed refund_not_allowed
        resource_disputed_state resource_failed_state""",
    Sort.AMBIGUOUS: "provider_processing_error resource_processing_error",
}
SORTS: Final[Mapping[str, Sort]] = {
    code: sort for sort, codes in WORDS.items() for code in codes.split()
}
OF_A_CHARGE: Final = frozenset(
    {Sort.ACCOUNT, Sort.REQUEST, Sort.SMALL, Sort.LARGE, Sort.ABSENT, Sort.RATE}
)  # a state of the intent is no answer to an attach: it may be our own attach that made it so

FAILURES: Final[Mapping[Sort, tuple[FailureCode, FailureKind, str]]] = {
    Sort.ACCOUNT: (
        FailureCode.PROVIDER_UNAVAILABLE,
        FailureKind.UNAVAILABLE,
        "PayMongo does not accept this account's key for it.",
    ),
    Sort.REQUEST: (
        FailureCode.INVALID_REQUEST,
        FailureKind.INVALID,
        "PayMongo found something wrong in the request.",
    ),
    Sort.SMALL: (
        FailureCode.INVALID_REQUEST,
        FailureKind.INVALID,
        "The amount is below PayMongo's minimum.",
    ),
    Sort.LARGE: (
        FailureCode.LIMIT_EXCEEDED,
        FailureKind.INVALID,
        "The amount is above what PayMongo permits here.",
    ),
    Sort.ABSENT: (
        FailureCode.INVALID_REQUEST,
        FailureKind.INVALID,
        "PayMongo does not know it in this environment.",
    ),
    Sort.RATE: (
        FailureCode.PROVIDER_UNAVAILABLE,
        FailureKind.UNAVAILABLE,
        "PayMongo takes no more requests at the moment.",
    ),
    Sort.WAIT: (
        FailureCode.PROVIDER_UNAVAILABLE,
        FailureKind.UNAVAILABLE,
        "PayMongo can't refund it now; it is tried again.",
    ),
    Sort.NEVER: (
        FailureCode.INVALID_REQUEST,
        FailureKind.INVALID,
        "PayMongo does not refund this payment.",
    ),
}
NO_PAGE: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "GCash needs a page to send the payer back to: give returnUrl, or set one for the account.",
    FailureKind.INVALID,
    "return_url",
)


def problems(response: Response) -> tuple[Problem, ...]:
    """PayMongo's own errors in an answer; none when it is not of that form."""
    try:
        return decode(response.body, Problems).errors
    except Undecodable:
        return ()


def sort_of(response: Response) -> tuple[Sort, str]:
    """What the answer permits, and PayMongo's word for it. Several errors: all must agree that
    nothing was executed, and the first is told."""
    if response.status == 429:
        return Sort.RATE, "429"
    found = problems(response)
    if response.status >= 500 or response.status < 400 or not found:
        return Sort.AMBIGUOUS, ""
    sorts = [SORTS.get(one.code, Sort.AMBIGUOUS) for one in found]
    word = found[0].code[:60]
    if response.status in (401, 403):
        return Sort.ACCOUNT, word
    return (Sort.AMBIGUOUS if Sort.AMBIGUOUS in sorts else sorts[0]), word


def no(sort: Sort, word: str, *, elsewhere: bool) -> Declined:
    code, kind, message = FAILURES[sort]
    return Declined(failure=Failure(code, message, kind, word), elsewhere=elsewhere)


def charge_refused(response: Response) -> Declined | Unknown:
    """Nothing can be charged for a reason that is not the payer's; or nothing is known."""
    sort, word = sort_of(response)
    return no(sort, word, elsewhere=True) if sort in OF_A_CHARGE else unusable(response, word)


def refund_refused(response: Response) -> Declined | Unknown:
    """Nothing was given back; with `elsewhere` the same refund may be sent again later."""
    sort, word = sort_of(response)
    if sort is Sort.AMBIGUOUS:
        return unusable(response, word)
    return no(sort, word, elsewhere=sort in (Sort.WAIT, Sort.RATE, Sort.ACCOUNT))


def unavailable(reason: str, *, timed_out: bool = False) -> Declined:
    """No usable answer to a step that can't be charged: as good as a no."""
    code = FailureCode.PROVIDER_TIMEOUT if timed_out else FailureCode.PROVIDER_UNAVAILABLE
    message = "PayMongo did not open the payment."
    failure = Failure(code, message, FailureKind.UNAVAILABLE, reason[:100] or None)
    return Declined(failure=failure, elsewhere=True)
