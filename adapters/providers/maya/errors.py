"""What Maya's error codes permit. HTTP says nothing: even system timeouts come as 400.

Body `{"code", "message"}`, from the key gate `{"code", "error"}`. Source: Maya Developer Hub,
"Online Payment Errors", "Payment Related Errors", "Other Payment Errors".
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind, Unknown


class Sort(StrEnum):
    CONFIGURATION = "configuration"  # keys or the merchant's set-up: an operator must act
    REQUEST = "request"  # a bug of ours; nothing was made of it
    REFUSED = "refused"  # definite: the payer must use something else
    DEAD = "dead"  # the session is over
    AMBIGUOUS = "ambiguous"  # "confirm with the GET by requestReferenceNumber, then retry"
    UPSTREAM = "upstream"  # nothing was executed, try again
    ABSENT = "absent"
    STATE = "state"  # of a refund or void


WORDS: Final[Mapping[Sort, str]] = {
    Sort.CONFIGURATION: """
        K001 K002 K003 K004 K006 K007 PY0017 PY0019 PY0058 PY0037 PY0070 2501 2522""",
    Sort.REQUEST: "2553 PY0064 PYBY0001 PY0044",
    Sort.REFUSED: """
        PY0002 PY0036 PY0100 PY0101 PY0105 PY0117 PY0119 PY0120 PY0121 PY0123 PY0124 PY0136
        PY0137 PY0138 PY0146""",
    Sort.DEAD: "PY0057 PY0103",
    Sort.AMBIGUOUS: """
        PY0015 PY0016 PY0040 PY0041 PY0066 PY0067 PY0069 PY0143 PY0144 PY9999 PY0068 PY0116""",
    Sort.UPSTREAM: """
        K999 PY0001 PY0013 PY0014 PY0059 PY0114 PY0115 PY0129 PY0130 PY0140 PY0141 PY0169 PY0170
        PYBY0006 PYBY0012 PYBY9999""",
    Sort.ABSENT: "PY0009 PY0038 PY0046 PY0063",
    Sort.STATE: """
        PY0045 PY0047 PY0048 PY0072 PY0073 PY0082 PY0093 PY0094 PY0095 PY0096 PY0104 PY0113""",
}
SORTS: Final[Mapping[str, Sort]] = {
    code: sort for sort, codes in WORDS.items() for code in codes.split()
}

RISK: Final = frozenset({"PY0101", "PY0136", "PY0137", "PY0138"})
PASSING: Final[Mapping[str, str]] = {
    "PY0072": "Maya gives nothing back before midnight in Manila of the day of the payment.",
    "PY0073": "The day of the payment is over in Manila: it is refunded, no longer voided.",
    "PY0093": "Maya was changing the payment at that moment.",
}  # states that pass by themselves: the same refund may be sent again later


class Problem(msgspec.Struct, frozen=True):
    code: str | int = ""
    message: str = ""
    error: str = ""

    @property
    def word(self) -> str:
        """The code, if it looks like one of Maya's; it is shown to people."""
        code = str(self.code)
        return code if re.fullmatch(r"[A-Z]{0,6}[0-9]{1,6}", code) else "no code of Maya's"

    @property
    def words(self) -> str:
        """What Maya said, for an operator."""
        said = self.message or self.error
        return f"{said[:200]} ({self.word})" if said else self.word


def problem(response: Response) -> Problem | None:
    """The error in a body, if it is one. PY0146 comes with HTTP 200."""
    try:
        found = decode(response.body, Problem)
    except Undecodable:
        return None
    return found if found.code else None


def sort_of(response: Response) -> Sort:
    """What the answer permits. 5xx, unknown codes and no code at all are ambiguous."""
    found = problem(response)
    if found is None or response.status >= 500:
        return Sort.AMBIGUOUS
    return SORTS.get(found.word, Sort.AMBIGUOUS)


def refused(response: Response) -> Declined | Unknown:
    """The outcome of a call that moves money and was not accepted."""
    found, sort = problem(response), sort_of(response)
    if found is None or sort is Sort.AMBIGUOUS:
        return unusable(response, found.word if found else "")
    code = found.word
    match sort:
        case Sort.CONFIGURATION:
            text = f"Maya does not accept this account's keys or set-up ({code})."
            return _no(FailureCode.PROVIDER_UNAVAILABLE, text, FailureKind.UNAVAILABLE, code)
        case Sort.REQUEST | Sort.ABSENT:
            text = f"Maya could not make anything of the request ({code})."
            return _no(FailureCode.INVALID_REQUEST, text, FailureKind.INVALID, code)
        case Sort.UPSTREAM:
            text = "Maya is unavailable at the moment."
            return _no(FailureCode.PROVIDER_UNAVAILABLE, text, FailureKind.UNAVAILABLE, code)
        case Sort.DEAD:
            return Declined(
                failure=Failure(
                    FailureCode.EXPIRED, "The payment expired at Maya.", FailureKind.EXPIRED, code
                )
            )
        case Sort.STATE if code in PASSING:
            return later(code)
        case Sort.STATE:
            text = f"Maya no longer gives this back, or not this much ({code})."
            failure = Failure(FailureCode.INVALID_REQUEST, text, FailureKind.INVALID, code)
            return Declined(failure=failure)
    return Declined(failure=_decline(code))


def later(code: str) -> Declined:
    """Maya's own rule forbids it now and will permit it."""
    text = PASSING[code]
    return _no(FailureCode.PROVIDER_UNAVAILABLE, text, FailureKind.UNAVAILABLE, code)


def _no(code: FailureCode, text: str, kind: FailureKind, provider_code: str) -> Declined:
    """Nothing was executed, and the payer is not the cause."""
    return Declined(failure=Failure(code, text, kind, provider_code), elsewhere=True)


def _decline(code: str) -> Failure:
    word, text = FailureCode.PAYER_REJECTED, "The card or account was refused; use another."
    if code == "PY0105":
        word, text = FailureCode.INSUFFICIENT_FUNDS, "The balance is too low."
    elif code == "PY0123":
        word, text = FailureCode.LIMIT_EXCEEDED, "The account's limit is reached; it may pay later."
    elif code == "PY0146":
        text = "The payer left Maya's page."
    elif code in RISK:
        word, text = FailureCode.RISK_REJECTED, "Maya or the bank refused it as a risk."
    return Failure(word, text, FailureKind.DECLINED, code)
