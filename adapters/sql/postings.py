"""Journals on their way into the ledger, in the same write as what they book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.ledger import journal_row, transfer_row
from adapters.sql.rows.values import us
from adapters.sql.writes import Insert, Write
from domain.errors import Conflict, DuplicateKey
from domain.ids import JournalId, journal_id
from domain.ledger.journal import Journal
from domain.ports.ledger import Postings

KEYS: Final = ("pk_journals", "ux_journals_whole", "pk_transfers")  # whichever is met first
POSTED: Final[dict[str, type[Conflict]]] = dict.fromkeys(KEYS, DuplicateKey)


def booked(
    journals: Sequence[Journal], of: str, version: int, errors: Mapping[str, type[Conflict]]
) -> list[Write]:
    """`of` is the payment or refund that `version` counts."""
    writes: list[Write] = []
    for index, one in enumerate(journals):
        writes += _rows(one, journal_id(of, version, index), errors)
    return writes


@dataclass(frozen=True, slots=True)
class SqlPostings(Postings):
    draft: Draft

    def post(self, journal: Journal, journal_id: JournalId) -> None:
        self.draft.collect(*_rows(journal, journal_id, POSTED))


def _rows(journal: Journal, name: JournalId, errors: Mapping[str, type[Conflict]]) -> list[Write]:
    at, size = us(journal.at), len(journal.transfers)
    return [
        Insert(t.journals, journal_row(journal, name, at), errors),
        *(
            Insert(t.transfers, transfer_row(one, name, position, size, at), errors)
            for position, one in enumerate(journal.transfers, 1)
        ),
    ]
