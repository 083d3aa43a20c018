"""Which journals a payment's or refund's move makes (money.md, section 5).

An attempt's money is booked as paid, as surplus, or not at all. While a success is disputed its
booking stays: the ledger moves when somebody decides.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.ids import PaymentId
from domain.ledger.journal import (
    FEE_RECOVERY,
    PROVIDER_FEES,
    REFUNDS,
    SALES,
    SURPLUS,
    Journal,
    JournalKind,
    Transfer,
    balanced,
    receivable,
    reversed_transfers,
)
from domain.money import Money
from domain.payments.attempt import Attempt, AttemptStatus, Booking

BOOKED: Final = {Booking.PAID: JournalKind.PAID, Booking.SURPLUS: JournalKind.SURPLUS}
UNDONE: Final = {
    Booking.PAID: JournalKind.PAID_REVERSED,
    Booking.SURPLUS: JournalKind.SURPLUS_REVERSED,
}


def booked(
    payment_id: PaymentId,
    amount: Money,
    attempts: Sequence[Attempt],
    paid_by: int | None,
    at: datetime,
) -> tuple[tuple[Attempt, ...], tuple[Journal, ...]]:
    """The attempts with their bookings as they must be now, and the journals that get there."""
    journals: list[Journal] = []
    kept: list[Attempt] = []
    for attempt in attempts:
        wanted = _wanted(attempt, paid_by)
        if wanted is attempt.booked:
            kept.append(attempt)
            continue
        if attempt.booked is not Booking.NONE:
            undone = reversed_transfers(_transfers(attempt, amount, attempt.booked))
            kind = UNDONE[attempt.booked]
            journals.append(Journal(kind, at, attempt.id, undone, payment_id))
        if wanted is not Booking.NONE:
            transfers = _transfers(attempt, amount, wanted)
            journals.append(Journal(BOOKED[wanted], at, attempt.id, transfers, payment_id))
        kept.append(replace(attempt, booked=wanted))
    return tuple(kept), tuple(journals)


def given_back(provider: str, amount: Money, *, surplus: bool) -> tuple[Transfer, ...]:
    """A refund's transfers, when its money has left."""
    return (Transfer(SURPLUS if surplus else REFUNDS, receivable(provider), amount),)


def _wanted(attempt: Attempt, paid_by: int | None) -> Booking:
    if attempt.number == paid_by:
        return Booking.PAID
    if attempt.surplus and attempt.status is AttemptStatus.SUCCEEDED:
        return Booking.SURPLUS
    undecided = attempt.is_live and attempt.contradiction
    if undecided and (attempt.booked is Booking.SURPLUS or paid_by is None):
        return attempt.booked
    return Booking.NONE


def _transfers(attempt: Attempt, amount: Money, what: Booking) -> tuple[Transfer, ...]:
    """The fee is what the provider's schedule says; a settlement corrects it."""
    charged, currency = attempt.charged.minor, attempt.charged.currency
    holds = receivable(attempt.provider)
    if what is Booking.SURPLUS:
        return balanced({holds: charged, SURPLUS: -charged}, currency)
    fee = attempt.fee.minor
    legs = {
        holds: charged - fee,
        PROVIDER_FEES: fee,
        SALES: -amount.minor,
        FEE_RECOVERY: amount.minor - charged,
    }
    return balanced(legs, currency)
