"""What PayNow's errors permit. A no counts only in its own form, `{"status", "code", "message"}`,
and under the status that it names; whatever else comes, a 409 or 5xx too, leaves it open."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind, Unknown

WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}", re.ASCII)


class Problem(msgspec.Struct, frozen=True):
    """`message` is left out: it may repeat what was sent."""

    status: int
    code: str

    @property
    def word(self) -> str:
        """The code, if it looks like one; it is shown to people."""
        return self.code if WORD.fullmatch(self.code) else "no code of PayNow's"


class Sort(StrEnum):
    ACCOUNT = "account"  # the key, its rights or the store: an operator must act
    ABSENT = "absent"
    REQUEST = "request"
    RATE = "rate"  # not executed; lifted soon
    AMBIGUOUS = "ambiguous"


STATUSES: Final[Mapping[int, Sort]] = {
    400: Sort.REQUEST,
    401: Sort.ACCOUNT,
    403: Sort.ACCOUNT,
    404: Sort.ABSENT,
    422: Sort.REQUEST,
    429: Sort.RATE,
}
FAILURES: Final[Mapping[Sort, tuple[FailureCode, FailureKind, str]]] = {
    Sort.ACCOUNT: (
        FailureCode.PROVIDER_UNAVAILABLE,
        FailureKind.UNAVAILABLE,
        "PayNow does not accept this store's key for it.",
    ),
    Sort.ABSENT: (
        FailureCode.INVALID_REQUEST,
        FailureKind.INVALID,
        "PayNow does not know the store, or the product.",
    ),
    Sort.REQUEST: (
        FailureCode.INVALID_REQUEST,
        FailureKind.INVALID,
        "PayNow found something wrong in the request.",
    ),
    Sort.RATE: (
        FailureCode.PROVIDER_UNAVAILABLE,
        FailureKind.UNAVAILABLE,
        "PayNow takes no more requests at the moment.",
    ),
}


def problem(response: Response) -> Problem | None:
    """PayNow's own error in an answer; None when it is not of that form."""
    try:
        found = decode(response.body, Problem)
    except Undecodable:
        return None
    return found if found.status == response.status else None


def sort_of(response: Response) -> tuple[Sort, str]:
    """What the answer permits, and PayNow's word for it."""
    found = problem(response)
    if found is None:
        return Sort.AMBIGUOUS, ""
    return STATUSES.get(response.status, Sort.AMBIGUOUS), found.word


def refused(response: Response, *, elsewhere: bool = True) -> Declined | Unknown:
    """Nothing was made or given back, for a reason that is not the payer's; or nothing is known.
    Of a refund `elsewhere` says that it may be sent again."""
    sort, word = sort_of(response)
    if sort is Sort.AMBIGUOUS:
        return unusable(response, word)
    code, kind, message = FAILURES[sort]
    passes = elsewhere or sort in (Sort.ACCOUNT, Sort.RATE)
    return Declined(failure=Failure(code, message, kind, word), elsewhere=passes)
