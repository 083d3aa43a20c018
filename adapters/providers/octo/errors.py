"""What OCTO's error numbers permit. Business errors are HTTP 200; only `error` tells them apart.

The whole list is not published: of the numbers here 0 to 3 and 22 are documented, 11 was seen by
clients. Any other is ambiguous: the payment may have been made, and is asked about.
"""

from typing import Final

from adapters.provider_kit.http import unusable
from adapters.provider_kit.transport import Response
from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind, Unknown

DONE: Final = 0
WRONG: Final = 1  # "Wrong params": a request that OCTO can't read
REFUSED: Final = 2  # "Wrong secret", "no_shop_found"
BAD_REFUND: Final = frozenset({3, 22})  # the older list, and the newer
TOO_OFTEN: Final = 11  # one read a second of one payment


def refused(response: Response, error: int) -> Declined | Unknown:
    """A create or refund that was not accepted."""
    if error == REFUSED:
        text = "OCTO does not accept this shop's number or secret."
        code, kind = FailureCode.PROVIDER_UNAVAILABLE, FailureKind.UNAVAILABLE
    elif error == WRONG:
        text = "OCTO could not make anything of the request."
        code, kind = FailureCode.INVALID_REQUEST, FailureKind.INVALID
    else:
        return unusable(response, f"error {error}")
    return Declined(failure=Failure(code, text, kind, str(error)), elsewhere=True)


def refund_refused(response: Response, error: int) -> Declined | Unknown:
    """A refund that was not accepted: a sum that OCTO does not give back is final."""
    if error in BAD_REFUND:
        text = "OCTO does not give this much back: more than is left, or too little or too much."
        failure = Failure(FailureCode.INVALID_REQUEST, text, FailureKind.INVALID, str(error))
        return Declined(failure=failure)
    return refused(response, error)
