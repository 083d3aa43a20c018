"""What Paynow's words permit: its statuses, and the errors of a transaction that was not made.

Source: "Status update", "Initiate a transaction" and "Test mode" of Paynow's documentation. Errors
are sentences without a code and without a hash; few are documented, so any other one is looked
into before it is believed (`client`).
"""

from collections.abc import Mapping
from typing import Final

from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind

WAITING: Final = frozenset({"created", "sent"})
PAID: Final = frozenset({"paid", "awaiting delivery", "delivered"})
"""Of all three the payer has paid; they differ in when Paynow settles."""
UNDONE: Final = frozenset({"disputed", "refunded"})
"""It was paid, and is held or was given back by hand: for a person."""
ENDED: Final[Mapping[str, Failure]] = {
    "cancelled": Failure(
        FailureCode.PAYER_REJECTED,
        "The payment was cancelled at Paynow.",
        FailureKind.DECLINED,
        "Cancelled",
    ),
    "failed": Failure(
        FailureCode.PAYER_REJECTED,
        "The payer did not confirm it.",
        FailureKind.DECLINED,
        "Failed",
    ),
}
POOR: Final = "insufficient balance"
INVALID: Final = ("invalid amount field", "invalid hash", "invalid id")
"""The first is documented, the second was seen ("Invalid Hash.  Hash should start with: …"), the
third is assumed: with a wrong number or key no trace is answered either."""
LONGEST: Final = 60  # characters of an error that are kept


def known(error: str) -> Declined | None:
    """A no that can be taken at its word; None for any other."""
    words = error.lower()
    if words.startswith(POOR):
        return _no(FailureCode.INSUFFICIENT_FUNDS, "The balance is too low.", error)
    if words.startswith(INVALID):
        text = "Paynow did not take the request."
        return _no(FailureCode.INVALID_REQUEST, text, error, elsewhere=True)
    return None


def unmade(error: str) -> Declined:
    """Other words, about a transaction that Paynow then did not know."""
    return _no(FailureCode.UNKNOWN, "Paynow made no transaction of it.", error)


def _no(code: FailureCode, text: str, error: str, *, elsewhere: bool = False) -> Declined:
    kind = FailureKind.INVALID if code is FailureCode.INVALID_REQUEST else FailureKind.DECLINED
    first = error.partition(".")[0].strip()[:LONGEST]  # what follows may be a piece of the hash
    return Declined(failure=Failure(code, text, kind, first or None), elsewhere=elsewhere)
