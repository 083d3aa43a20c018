"""Whether a line of a bank's statement is the money that an attempt waits for. Pure.

Only what is exact is a match: our reference, one attempt, the amount to the minor unit, a day on
which it can have been paid, and no line before it. All else is a person's.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from domain.errors import NotVerifiable
from domain.ids import AttemptId
from domain.payments.attempt import Attempt, AttemptStatus
from domain.payments.payment import Payment
from domain.statements.entry import Entry

LAST_ZONE: Final = timedelta(hours=12)  # where a day begins last


class Fate(StrEnum):
    """What became of a line."""

    MATCHED = "matched"
    WAITS = "waits_for_another"  # one person of two has confirmed it
    ALREADY = "already_matched"
    DIFFERS = "amount_differs"
    AGAIN = "paid_again"  # another line has paid it
    NUMBER_USED = "number_used"  # the bank's number is another payment's
    REPEATED = "number_repeated"  # it stood on an earlier line of this file
    SEVERAL = "several_payments"  # it names more than one
    CLOSED = "not_waiting"  # rejected, canceled, or paid otherwise
    EARLY = "too_early"  # booked before the payment was asked for
    REVERSED = "reversed"  # the bank took a movement back that names the payment
    UNKNOWN = "unknown"  # it names no payment


FOR_A_PERSON: Final = frozenset(Fate) - {Fate.MATCHED, Fate.ALREADY, Fate.UNKNOWN}


def statement_id(attempt: AttemptId, bank: str, number: str) -> str:
    """Of the evidence that a statement has this line: the same line is the same fact, from
    whichever file."""
    return f"{_about(attempt)}{bank}:{number}"


def seen(attempt: Attempt) -> frozenset[str]:
    """The ids of what statements have said of it."""
    about = _about(attempt.id)
    return frozenset(one.id for one in attempt.evidence if one.id.startswith(about))


def fate_of(entry: Entry, fact: str, payment: Payment, attempt: Attempt) -> Fate:
    """What a credit that names this attempt alone is: MATCHED when it is exactly what is waited
    for. `fact` is its statement_id."""
    known = seen(attempt)
    taken = attempt.status is AttemptStatus.SUCCEEDED
    if taken and fact in known:
        return Fate.ALREADY
    if entry.day < (attempt.opened_at - LAST_ZONE).date():
        return Fate.EARLY
    if entry.amount != (attempt.took if taken else attempt.charged):
        return Fate.DIFFERS
    if known - {fact}:
        return Fate.AGAIN
    if taken:  # a person saw it before its line was read
        return Fate.ALREADY
    return Fate.MATCHED if _waits(payment, attempt) else Fate.CLOSED


def _waits(payment: Payment, attempt: Attempt) -> bool:
    try:
        payment.verifiable(attempt.id)
    except NotVerifiable:
        return False
    return True


def _about(attempt: AttemptId) -> str:
    return f"{attempt}:statement:"
