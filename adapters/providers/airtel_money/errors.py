"""What Airtel's codes permit. Only few of them are a no by themselves.

An answer has two codes: `result_code` (ESB…, ROUTER…) of its front door and `response_code`
(DP008…) of the product. The public transcripts disagree about what DP008 codes mean, so they
never decide whether money moved; they only choose the words for a failure that is certain.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind, Unknown

OK: Final = "ESB000010"
DUPLICATE: Final = "ESB000041"
ABSENT: Final = "ESB000045"
FAILED: Final = "ESB000011"
MISMATCH: Final = "DP00800001026"  # the signature of the message
NO_WALLET: Final = "DP00800001005"  # of a push that was refused with HTTP 400
GATEWAY: Final = (401, 403, 429)  # refused before it reached Airtel's own system
TIMEOUT: Final = 408
ALIVE: Final = frozenset(f"DP008000010{one}" for one in ("00", "01", "03", "06", "24"))
"""What means success or "still under way" in one transcript or the other."""


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
    FailureCode.LIMIT_EXCEEDED, FailureKind.DECLINED, False, "A limit of the wallet is reached."
)
STRANGER: Final = Row(
    FailureCode.PAYER_NOT_FOUND, FailureKind.DECLINED, True, "That number has no Airtel Money."
)
SET_UP: Final = Row(
    FailureCode.PROVIDER_UNAVAILABLE,
    FailureKind.UNAVAILABLE,
    True,
    "Airtel does not accept this account as it is set up; look at it in Airtel's portal.",
)
DOWN: Final = Row(
    FailureCode.PROVIDER_UNAVAILABLE, FailureKind.UNAVAILABLE, True, "Airtel was not available."
)
WRONG: Final = Row(
    FailureCode.INVALID_REQUEST,
    FailureKind.INVALID,
    True,
    "Airtel could not make anything of the request.",
)
UNTOLD: Final = Row(
    FailureCode.UNKNOWN, FailureKind.DECLINED, False, "Airtel could not complete it."
)

NO: Final[Mapping[str, Row]] = {
    "ESB000033": STRANGER,
    "ESB000034": SET_UP,
    "ESB000035": SET_UP,
    "ESB000036": STRANGER,
    "ESB000039": SET_UP,
    "ROUTER001": SET_UP,
    "ROUTER003": WRONG,
    "ROUTER005": SET_UP,
    "ROUTER006": SET_UP,
    "ROUTER007": SET_UP,
    "ROUTER112": SET_UP,
    "ROUTER114": SET_UP,
    "ROUTER115": SET_UP,
    "ROUTER116": SET_UP,
    "ROUTER119": SET_UP,
    MISMATCH: SET_UP,
}
"""Definite in any answer to a POST; the others leave open whether it was taken."""
COMMON: Final[Mapping[str, Row]] = {
    "DP00800001002": REJECTED,  # a wrong PIN
    "DP00800001003": LIMITED,
    "DP00800001004": WRONG,
    "DP00800001005": LATE,  # no PIN was entered
    "DP00800001007": POOR,
    "DP00800001008": REJECTED,
    "DP00800001009": UNTOLD,
    "DP00800001010": SET_UP,
    "DP00800001024": LATE,
    "DP00800001029": LATE,
}
ZAMBIA: Final[Mapping[str, Row]] = {
    "DP00800001002": UNTOLD,
    "DP00800001005": POOR,
    "DP00800001007": REJECTED,
    "DP00800001009": LATE,
    "DP00800001010": UNTOLD,
}
"""Why a payment failed, once it is certain that it did, by the country's transcript."""


class Verdict(msgspec.Struct, frozen=True):
    """The `status` beside an answer's data. Its own success flag was published wrongly."""

    message: str = ""
    result_code: str = ""
    response_code: str = ""
    success: bool | None = None

    @property
    def codes(self) -> tuple[str, str]:
        return self.result_code, self.response_code

    @property
    def word(self) -> str:
        """A code that can be shown: a known one, or none."""
        told = [one for one in self.codes if one in SHOWN]
        return " ".join(told) or "no code of Airtel's"


SHOWN: Final = (
    frozenset((*NO, *COMMON, OK, DUPLICATE, ABSENT, FAILED, *ALIVE))
    | {f"ESB0000{one}" for one in ("01", "04", "08", "14")}
    | {"ROUTER117", "DP00800001025", "0000900"}
)


class _Envelope(msgspec.Struct, frozen=True):
    status: Verdict


class _Door(msgspec.Struct, frozen=True):
    """What the token desk and the gateway answer."""

    error: Any = None
    error_description: Any = None


def verdict(response: Response) -> Verdict | None:
    """The codes in a body, if it holds any."""
    try:
        found = decode(response.body, _Envelope).status
    except Undecodable:
        return None
    return found if any(found.codes) else None


def at_the_door(response: Response) -> bool:
    """Whether the gateway itself says no: nothing was looked at."""
    if response.status not in GATEWAY:
        return False
    try:
        door = decode(response.body, _Door)
    except Undecodable:
        return False
    return isinstance(door.error, str) or verdict(response) is not None


def refused(response: Response) -> Declined | Unknown:
    """The answer to a POST that was not accepted: a no, or nothing certain."""
    if at_the_door(response):
        return no(DOWN if response.status == 429 else SET_UP, str(response.status))
    found = verdict(response)
    if found is None or found.success is not False:
        return unusable(response)
    if response.status >= 500 or response.status == TIMEOUT:
        return unusable(response, found.word)
    for code in found.codes:
        if code in NO:
            return no(NO[code], code)
    if response.status == 400 and found.response_code == NO_WALLET and not found.result_code:
        return no(STRANGER, NO_WALLET)
    if found.result_code == FAILED and found.response_code not in ALIVE:
        return no(UNTOLD, FAILED)
    return unusable(response, found.word)


def failed(code: str, country: str) -> Declined:
    """A payment that has failed, and why as far as the code tells in that country."""
    row = (ZAMBIA if country == "ZM" else COMMON).get(code, UNTOLD)
    return no(row, code if code in COMMON else None)


def no(row: Row, provider_code: str | None) -> Declined:
    failure = Failure(row.code, row.words, row.kind, provider_code)
    return Declined(failure=failure, elsewhere=row.elsewhere)
