"""What Stripe's errors permit, as pure functions.

A no counts only as Stripe wrote it: `{"error": {"type", "code", "decline_code", "param"}}` under a
status that says nothing was executed. 409 (the key is in use), 424 and 5xx leave it open, and so
does `idempotency_error`: something of ours is already there under the key.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind, Unknown


class Problem(msgspec.Struct, frozen=True):
    """`message` is left out: it may repeat what was sent, even a part of the key."""

    type: str
    code: str | None = None
    decline_code: str | None = None
    param: str | None = None

    @property
    def word(self) -> str:
        """The most particular of Stripe's codes."""
        return (self.decline_code or self.code or self.type)[:60]


class Wrapped(msgspec.Struct, frozen=True):
    error: Problem


class Sort(StrEnum):
    ACCOUNT = "account"  # key, rights or contract: an operator must act
    REQUEST = "request"
    SMALL = "small"
    LARGE = "large"
    ABSENT = "absent"
    RATE = "rate"  # not executed; lifted soon
    AMBIGUOUS = "ambiguous"


CODES: Final = {
    "amount_too_small": Sort.SMALL,
    "amount_too_large": Sort.LARGE,
    "resource_missing": Sort.ABSENT,
    "api_key_expired": Sort.ACCOUNT,
    "platform_api_key_expired": Sort.ACCOUNT,
    "secret_key_required": Sort.ACCOUNT,
    "testmode_charges_only": Sort.ACCOUNT,
    "livemode_mismatch": Sort.ACCOUNT,
    "idempotency_key_in_use": Sort.AMBIGUOUS,
    "lock_timeout": Sort.RATE,
    "rate_limit": Sort.RATE,
}
STATUSES: Final = {401: Sort.ACCOUNT, 403: Sort.ACCOUNT, 404: Sort.ABSENT, 429: Sort.RATE}

FAILURES: Final[Mapping[Sort, tuple[FailureCode, FailureKind, str]]] = {
    Sort.ACCOUNT: (
        FailureCode.PROVIDER_UNAVAILABLE,
        FailureKind.UNAVAILABLE,
        "Stripe does not accept this account's key for it.",
    ),
    Sort.REQUEST: (
        FailureCode.INVALID_REQUEST,
        FailureKind.INVALID,
        "Stripe found something wrong in the request.",
    ),
    Sort.SMALL: (
        FailureCode.INVALID_REQUEST,
        FailureKind.INVALID,
        "The amount is below Stripe's minimum.",
    ),
    Sort.LARGE: (
        FailureCode.LIMIT_EXCEEDED,
        FailureKind.INVALID,
        "The amount is above what Stripe permits.",
    ),
    Sort.ABSENT: (
        FailureCode.INVALID_REQUEST,
        FailureKind.INVALID,
        "Stripe does not know it in this account.",
    ),
    Sort.RATE: (
        FailureCode.PROVIDER_UNAVAILABLE,
        FailureKind.UNAVAILABLE,
        "Stripe takes no more requests at the moment.",
    ),
}
UNTAKEN: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "Stripe does not take this amount: the currency, or its last digits.",
    FailureKind.INVALID,
)
CARD_DECLINED: Final = "The card was declined."
CARDS: Final[Mapping[str, tuple[FailureCode, str]]] = {
    "insufficient_funds": (FailureCode.INSUFFICIENT_FUNDS, "The card has insufficient funds."),
    "card_velocity_exceeded": (FailureCode.LIMIT_EXCEEDED, "The card's limit is exceeded."),
    "withdrawal_count_limit_exceeded": (
        FailureCode.LIMIT_EXCEEDED,
        "The card's limit is exceeded.",
    ),
    "expired_card": (FailureCode.PAYER_REJECTED, "The card has expired."),
    "incorrect_cvc": (FailureCode.PAYER_REJECTED, "The card's security code is wrong."),
    "incorrect_number": (FailureCode.PAYER_REJECTED, "The card's number is wrong."),
    "authentication_required": (FailureCode.PAYER_REJECTED, "The card was not authenticated."),
    "payment_intent_authentication_failure": (
        FailureCode.PAYER_REJECTED,
        "The card was not authenticated.",
    ),
}  # fraud, lost and stolen cards are no different to a payer from any other decline


def problem(response: Response) -> Problem | None:
    """Stripe's own error in an answer; None when it is not of that form."""
    try:
        return decode(response.body, Wrapped).error
    except Undecodable:
        return None


def sort_of(response: Response) -> tuple[Sort, str]:
    """What the answer permits, and Stripe's word for it."""
    found = problem(response)
    status = response.status
    if found is None or status not in (400, 401, 403, 404, 429):
        return Sort.AMBIGUOUS, "" if found is None else found.word
    if found.type == "idempotency_error" or found.type == "api_error":
        return Sort.AMBIGUOUS, found.word
    return CODES.get(found.code or "") or STATUSES.get(status, Sort.REQUEST), found.word


def no(sort: Sort, word: str, *, elsewhere: bool) -> Declined:
    code, kind, message = FAILURES[sort]
    return Declined(failure=Failure(code, message, kind, word), elsewhere=elsewhere)


def charge_refused(response: Response) -> Declined | Unknown:
    """No page was made, for a reason that is not the payer's; or nothing is known."""
    sort, word = sort_of(response)
    return unusable(response, word) if sort is Sort.AMBIGUOUS else no(sort, word, elsewhere=True)


def refund_refused(response: Response) -> Declined | Unknown:
    """Nothing was given back. With `elsewhere` the same may be sent again, under the same key:
    only what Stripe refuses before it keeps an answer under the key."""
    sort, word = sort_of(response)
    if sort is Sort.AMBIGUOUS:
        return unusable(response, word)
    return no(sort, word, elsewhere=sort in (Sort.RATE, Sort.ACCOUNT))


def card_failure(found: Problem) -> Failure:
    """Why the last card was declined, in words that a payer may read."""
    code, words = CARDS.get(found.word, (FailureCode.UNKNOWN, CARD_DECLINED))
    return Failure(code, words, FailureKind.DECLINED, found.word)
