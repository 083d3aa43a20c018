"""What ZainCash's refusals permit. HTTP 400 to 404 are documented; the shape of their bodies is
not, so a code is looked for wherever it may stand."""

import re
from typing import Any, Final

from adapters.provider_kit.guard import unavailable
from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind, Unknown

CODE: Final = re.compile(r"[A-Z]+(_[A-Z0-9]+)+", re.ASCII)
ABSENT: Final = "PAYMENT_GATEWAY_TRANSACTION_NOT_FOUND"
DUPLICATES: Final = ("DUPLICAT", "ALREADY_EXISTS")  # parts of the code, as a client has seen it
MOST_CODE: Final = 80


def code(response: Response) -> str:
    """The first word in capitals in an error's body, one level deep; "" when there is none."""
    for value in _values(response):
        if isinstance(value, str) and len(value) <= MOST_CODE and CODE.fullmatch(value):
            return value
    return ""


def duplicate(response: Response) -> Unknown | None:
    """Our externalReferenceId was used before, so the payment may be there: under the id that the
    refusal names, if it names one."""
    word = code(response)
    if not any(part in word for part in DUPLICATES):
        return None
    known = _known(response)
    return Unknown(reason=f"made before ({word})", provider_reference=known)


def refused(response: Response) -> Declined | Unknown:
    """An init or reverse that was not accepted."""
    word, status = code(response), response.status
    if status == 401:  # no token, or one that is over: nothing was executed
        return unavailable(word or "HTTP 401")
    if status == 403 and word:
        return unavailable(word)
    if status in (400, 404) and word:
        text = f"ZainCash could not make anything of the request ({word})."
        failure = Failure(FailureCode.INVALID_REQUEST, text, FailureKind.INVALID, word)
        return Declined(failure=failure, elsewhere=True)
    return unusable(response, word)


def _values(response: Response) -> list[Any]:
    try:
        body = decode(response.body, dict[str, Any])
    except Undecodable:
        return []
    inner = [one for value in body.values() if isinstance(value, dict) for one in value.values()]
    return [*body.values(), *inner]


def _known(response: Response) -> str | None:
    try:
        body = decode(response.body, dict[str, Any])
    except Undecodable:
        return None
    places = [body, *(one for one in body.values() if isinstance(one, dict))]
    found = [one["transactionId"] for one in places if isinstance(one.get("transactionId"), str)]
    return found[0] if found else None
