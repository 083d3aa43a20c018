"""What EBS's codes say of one transfer. noebs tells them under HTTP 502: a no is a 5xx there.

A definite no ends one try of the payer's, never the payment: the same token may be paid with
another card. Source: EBS's tables as noebs's documentation transcribes them.
"""

from enum import StrEnum
from typing import Final

APPROVED: Final = 0
NOT_FOUND: Final = frozenset({178, 642})  # of the transaction that is asked about
AMBIGUOUS: Final = frozenset({72, 191, 194, 196, 301, 613, 617, 696})
"""72 routing; 191 the destination is not available, and may have served it; 196, 696 system error;
301 the biller's timeout, 617 the switch's; 194, 613 a duplicate, so an earlier one exists."""
REFUSED: Final = frozenset(
    {52, 53, 103, 130, 158, 161, 201, 205, 251, 281, 300, 302, 303, 304, 305, 306}
    | {338, 355, 362, 375, 389, 412, 413, 465, 467, 536, 540, 541, 543, 550, 554, 618}
    | {code for code in range(600, 623) if code not in AMBIGUOUS}
)
FIELDS: Final = frozenset({103, 130} | set(range(600, 623))) - AMBIGUOUS  # format and set-up
APPLICATION: Final = 601


class Verdict(StrEnum):
    MOVED = "moved"
    REFUSED = "refused"
    UNKNOWN = "unknown"


def verdict(code: int) -> Verdict:
    """Codes that no table lists are unknown."""
    if code == APPROVED:
        return Verdict.MOVED
    return Verdict.REFUSED if code in REFUSED else Verdict.UNKNOWN
