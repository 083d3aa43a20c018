"""What Zamtel's status words permit. Only two are a known no; nothing documents the others.

Source: public client code, which agrees on these few.
"""

from collections.abc import Mapping
from typing import Final

from domain.payments.outcome import Failure, FailureCode, FailureKind

PAID: Final = "0"
REFUSED: Final[Mapping[str, Failure]] = {
    "E8003": Failure(
        FailureCode.PAYER_REJECTED, "The PIN was wrong.", FailureKind.DECLINED, "E8003"
    ),
    "2006": Failure(
        FailureCode.INSUFFICIENT_FUNDS, "The balance is too low.", FailureKind.DECLINED, "2006"
    ),
}
AMBIGUOUS: Final = frozenset({"-1", "E8027", "2001", "2005"})
"""Seen, and no proof that nothing moved: -1 "internal error" and E8027 "the system cannot process"
in answers to a collection; 2001 and 2005 only in answers to payouts."""
