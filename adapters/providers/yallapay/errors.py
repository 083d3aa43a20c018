"""What YallaPay's refusals permit. Success is `responseCode` "0"; no list of the others is public.

Any other code comes instead of a link, so nothing is there that a payer could pay. One refusal is
no such proof: a reference that is known already has its link from an earlier call.
Source: YallaPay's library for Flutter, which raises for every code but "0".
"""

import re
from typing import Final

from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind

DONE: Final = "0"
DUPLICATE: Final = "duplicate"  # "Duplicate client reference ID"
MISSING: Final = "not found"  # assumed: what an unknown reference is answered is not documented
KEYS: Final = frozenset({401, 403})  # HTTP statuses


def word(code: str) -> str:
    """The code, if it looks like one; it is shown to people."""
    return code if re.fullmatch(r"-?[0-9A-Za-z_]{1,12}", code) else "not a code of YallaPay's"


def refused(status: int, code: str) -> Declined:
    """No link was made. Another provider may be tried: the payer is not the cause."""
    shown = word(code)
    if status in KEYS:
        text = f"YallaPay does not accept this account's token ({shown})."
        failure = Failure(FailureCode.PROVIDER_UNAVAILABLE, text, FailureKind.UNAVAILABLE, shown)
    else:
        text = f"YallaPay made no payment link of it ({shown})."
        failure = Failure(FailureCode.INVALID_REQUEST, text, FailureKind.INVALID, shown)
    return Declined(failure=failure, elsewhere=True)
