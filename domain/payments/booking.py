"""Which journals a payment's or refund's move makes (money.md, section 5).

An attempt's money is booked as paid, as surplus, or not at all. While a success is disputed its
booking stays: the ledger moves when somebody decides.
"""

from collections.abc import Sequence
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
from domain.values import replace

BOOKED: Final = {Booking.PAID: JournalKind.PAID, Booking.SURPLUS: JournalKind.SURPLUS}
UNDONE: Final = {
    Booking.PAID: JournalKind.PAID_REVERSED,
    Booking.SURPLUS: JournalKind.SURPLUS_REVERSED,
}


def booked(
    payment_id: PaymentId,
    amount: Money,
    before: Sequence[Attempt],
    attempts: Sequence[Attempt],
    paid_by: int | None,
    at: datetime,
) -> tuple[tuple[Attempt, ...], tuple[Journal, ...]]:
    """The attempts with their bookings as they must be now, and the journals that get there from
    the attempts as they were `before`."""
    journals: list[Journal] = []
    kept: list[Attempt] = []
    was = {one.id: one for one in before}
    for attempt in attempts:
        old = was.get(attempt.id, attempt)
        wanted = booking_of(attempt, paid_by)
        revalued = wanted is Booking.SURPLUS and attempt.took != old.took
        if wanted is attempt.booked and not revalued:
            kept.append(attempt)
            continue
        if attempt.booked is not Booking.NONE:
            undone = reversed_transfers(held_as(old, amount, attempt.booked))
            kind = UNDONE[attempt.booked]
            journals.append(Journal(kind, at, attempt.id, undone, payment_id))
        if wanted is not Booking.NONE:
            transfers = held_as(attempt, amount, wanted)
            journals.append(Journal(BOOKED[wanted], at, attempt.id, transfers, payment_id))
        kept.append(replace(attempt, booked=wanted))
    return tuple(kept), tuple(journals)


def given_back(provider: str, amount: Money, *, surplus: bool) -> tuple[Transfer, ...]:
    """A refund's transfers, when its money has left."""
    return (Transfer(SURPLUS if surplus else REFUNDS, receivable(provider), amount),)


def booking_of(attempt: Attempt, paid_by: int | None) -> Booking:
    """As what its money must be booked now."""
    if attempt.number == paid_by:
        return Booking.PAID
    if attempt.surplus and attempt.status is AttemptStatus.SUCCEEDED:
        return Booking.SURPLUS
    undecided = attempt.is_live and attempt.contradiction
    if undecided and (attempt.booked is Booking.SURPLUS or paid_by is None):
        return attempt.booked
    return Booking.NONE


def held_as(attempt: Attempt, amount: Money, what: Booking) -> tuple[Transfer, ...]:
    """The transfers that book its money so; `amount` is the payment's, `what` is not NONE. The
    fee is what the provider's schedule says; a settlement corrects it."""
    charged, currency = attempt.charged.minor, attempt.charged.currency
    holds = receivable(attempt.provider)
    if what is Booking.SURPLUS:
        return balanced({holds: attempt.took.minor, SURPLUS: -attempt.took.minor}, currency)
    fee = attempt.fee.minor
    legs = {
        holds: charged - fee,
        PROVIDER_FEES: fee,
        SALES: -amount.minor,
        FEE_RECOVERY: amount.minor - charged,
    }
    return balanced(legs, currency)
