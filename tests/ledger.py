"""What tests ask of journals."""

from collections import Counter
from collections.abc import Iterable

from domain.audit.dossier import Posted, raw
from domain.ledger.journal import Journal


def net(journals: Iterable[Journal]) -> dict[str, int]:
    """What they have debited each account with, less what they credited it with, in minor units."""
    sums = Counter[str]()
    for one in (move for journal in journals for move in journal.transfers):
        sums[one.debit] += one.amount.minor
        sums[one.credit] -= one.amount.minor
    return dict(sums)


def posted(name: str, journal: Journal) -> Posted:
    """As the doctor reads it."""
    moves = [raw(one) for one in journal.transfers]
    return Posted(
        id=name, kind=journal.kind, subject=journal.subject, size=len(moves), transfers=moves
    )
