"""Journals and their transfers as rows."""

from collections.abc import Sequence
from typing import Any, Final

from adapters.sql import tables as t
from adapters.sql.rows.money import money
from adapters.sql.rows.values import time, words
from adapters.sql.writes import Record, Row
from domain.ids import JournalId
from domain.ledger.journal import Journal, JournalKind, Transfer
from domain.ports.ledger import StoredJournal

KINDS: Final = words(JournalKind)

_of: Final = t.journals.c
_moved: Final = t.transfers.c
JOURNAL_COLUMNS: Final = (_of.id, _of.kind, _of.at, _of.subject, _of.payment_id, _of.reason)
TRANSFER_COLUMNS: Final = (_moved.debit, _moved.credit, _moved.amount_minor, _moved.currency)


def journal_row(journal: Journal, journal_id: JournalId, at: int) -> Row:
    return {
        "id": journal_id,
        "kind": journal.kind,
        "at": at,
        "subject": journal.subject,
        "payment_id": journal.payment_id,
        "reason": journal.reason,
        "size": len(journal.transfers),
    }


def transfer_row(
    transfer: Transfer, journal_id: JournalId, position: int, size: int, at: int
) -> Row:
    return {
        "journal_id": journal_id,
        "position": position,
        "size": size,
        "at": at,
        "debit": transfer.debit,
        "credit": transfer.credit,
        "amount_minor": transfer.amount.minor,
        "currency": transfer.amount.currency.code,
    }


def stored_journal(header: Sequence[Any], transfers: Sequence[Record]) -> StoredJournal:
    """From JOURNAL_COLUMNS, and TRANSFER_COLUMNS of each transfer in order."""
    journal_id, kind, at, subject, payment_id, reason = header
    moved = tuple([transfer_of(row) for row in transfers])
    return StoredJournal(
        journal_id, Journal(KINDS[kind], time(at), subject, moved, payment_id, reason)
    )


def transfer_of(columns: Sequence[Any]) -> Transfer:
    debit, credit, minor, code = columns
    return Transfer(debit, credit, money((minor, code)))
