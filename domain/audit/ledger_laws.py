"""Laws of the ledger: journals are whole, and say of a payment's money what its state says."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from domain.audit.dossier import Dossier, Found, Move, Posted, raw
from domain.ledger.journal import REFUNDS, SURPLUS, JournalKind, receivable
from domain.payments.attempt import Booking
from domain.payments.booking import BOOKED, UNDONE, booking_of, held_as
from domain.payments.refund import BOOKED as RETURNED
from domain.payments.refund import Refund, RefundState

ATTEMPTS: Final = (*BOOKED.values(), *UNDONE.values())
RETURNS: Final = tuple(kind for pair in RETURNED.values() for kind in pair)


def journals_are_whole(dossier: Dossier) -> Found:
    """As many transfers as there were, each of some money between two accounts."""
    for one in dossier.journals:
        if len(one.transfers) != one.size:
            yield one.id, f"has {len(one.transfers)} of its {one.size} transfers"
        for debit, credit, minor, _ in one.transfers:
            if minor <= 0 or debit == credit:
                yield one.id, f"moves {minor} from {credit} to {debit}"


def ledger_follows_payments(dossier: Dossier) -> Found:
    """Money that was taken is booked once, as what it is kept as; what is disputed stays as it
    was; what went back is booked once; nothing else is."""
    payment = dossier.payment
    of: dict[str, list[Posted]] = {}
    for one in dossier.journals:
        of.setdefault(one.subject, []).append(one)
    for attempt in payment.attempts:
        wanted = booking_of(attempt, payment.paid_by)
        if attempt.booked is not wanted:
            yield attempt.id, f"is booked as {attempt.booked}, its state makes it {wanted}"
        posted = _of_kinds(of, attempt.id, ATTEMPTS)
        for booking, kind in BOOKED.items():
            times = _times(posted, kind) - _times(posted, UNDONE[booking])
            if times != (attempt.booked is booking):
                yield attempt.id, f"is booked as {booking} {times} times"
        held = attempt.booked is not Booking.NONE
        transfers = held_as(attempt, payment.amount, attempt.booked) if held else ()
        yield from _differing(attempt.id, posted, [raw(one) for one in transfers])
    for refund in dossier.refunds:
        yield from _returned(refund, _of_kinds(of, refund.id, RETURNS))
    known: set[str] = {one.id for one in payment.attempts}
    known |= {one.id for one in dossier.refunds}
    for one in dossier.journals:
        if one.kind in (*ATTEMPTS, *RETURNS) and one.subject not in known:
            yield one.id, f"books {one.subject}, which is not of this payment"


def _returned(refund: Refund, posted: Sequence[Posted]) -> Found:
    gone = refund.state is RefundState.SUCCEEDED
    kind, undone = RETURNED[refund.surplus]
    times = _times(posted, kind) - _times(posted, undone)
    if times != gone:
        yield refund.id, f"is {refund.state}, and booked {times} times"
    account = SURPLUS if refund.surplus else REFUNDS
    left = (account, receivable(refund.provider), refund.amount.minor, refund.amount.currency.code)
    yield from _differing(refund.id, posted, [left] if gone else [])


def _of_kinds(
    of: dict[str, list[Posted]], subject: str, kinds: Sequence[JournalKind]
) -> Sequence[Posted]:
    return [one for one in of.get(subject, ()) if one.kind in kinds]


def _times(posted: Sequence[Posted], kind: JournalKind) -> int:
    return sum(one.kind is kind for one in posted)


def _differing(row: str, posted: Sequence[Posted], wanted: Sequence[Move]) -> Found:
    """Accounts that hold something else of it than they must."""
    is_held = _sums(move for one in posted for move in one.transfers)
    shall_be = _sums(wanted)
    for account, currency in sorted({*is_held, *shall_be}):
        holds, should = is_held[account, currency], shall_be[account, currency]
        if holds != should:
            yield row, f"{account} holds {holds} {currency} of it, and should hold {should}"


def _sums(moves: Iterable[Move]) -> Counter[tuple[str, str]]:
    """By account and currency: debits less credits, minor units."""
    sums = Counter[tuple[str, str]]()
    for debit, credit, minor, currency in moves:
        sums[debit, currency] += minor
        sums[credit, currency] -= minor
    return sums
