"""The ledger in a dict: journals as they were posted, balances added up when they are asked for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from operator import attrgetter
from typing import Final

from adapters.memory.database import MemoryDatabase, Shelf
from adapters.memory.draft import NOTHING, Draft, Write
from domain.audit.dossier import Posted, raw
from domain.errors import NotFound, Rejected
from domain.ids import JournalId, TenantId, journal_id
from domain.ledger.chart import EVERY_WALLET
from domain.ledger.journal import Journal, wallet
from domain.money import Currency
from domain.ports.ledger import Balance, Entry, EntryPage, Ledger, Place, Postings, StoredJournal

PLACE: Final = attrgetter("place")


def book(shelf: Shelf, of: str, version: int, journals: Sequence[Journal]) -> None:
    """`of` is the payment or refund that `version` counts."""
    for index, one in enumerate(journals):
        keep(shelf, journal_id(of, version, index), one)


def keep(shelf: Shelf, name: JournalId, journal: Journal) -> None:
    shelf.journals[name] = journal
    if journal.payment_id is not None:
        shelf.journals_of.setdefault(journal.payment_id, []).append(name)


class MemoryPostings(Postings):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def post(self, journal: Journal, journal_id: JournalId) -> None:
        shelf = self._draft.shelf
        write = JournalWrite(shelf.journals, journal_id, journal, NOTHING)
        write.shelf = shelf
        self._draft.collect(write)


class JournalWrite(Write[Journal]):
    __slots__ = ("shelf",)

    shelf: Shelf

    def check(self) -> None:
        super().check()
        payment_id = self.value.payment_id
        if payment_id is not None and payment_id not in self.shelf.payments:
            raise Rejected(f"journal {self.key} is of no payment here")

    def apply(self) -> None:
        keep(self.shelf, self.key, self.value)


@dataclass(frozen=True, slots=True)
class MemoryLedger(Ledger):
    database: MemoryDatabase

    async def balances(self, tenant_id: TenantId, at: datetime | None) -> Sequence[Balance]:
        sums: dict[tuple[str, Currency], list[int]] = defaultdict(lambda: [0, 0])
        for one in self.database.shelf(tenant_id).journals.values():
            if at is not None and one.at > at:
                continue
            for transfer in one.transfers:
                minor, currency = transfer.amount.minor, transfer.amount.currency
                sums[_listed(transfer.debit), currency][0] += minor
                sums[_listed(transfer.credit), currency][1] += minor
        found = [
            Balance(code, unit, debit, credit) for (code, unit), (debit, credit) in sums.items()
        ]
        return sorted(found, key=lambda one: (one.account, one.currency.code))

    async def entries(
        self, tenant_id: TenantId, account: str, before: Place | None, limit: int
    ) -> EntryPage:
        found = [
            entry
            for entry in _entries(self.database.shelf(tenant_id), account)
            if before is None or entry.place < before
        ]
        page = nlargest(limit + 1, found, key=PLACE)
        return EntryPage.of(page, limit)

    async def journal(self, tenant_id: TenantId, journal_id: JournalId) -> StoredJournal:
        if (found := self.database.shelf(tenant_id).journals.get(journal_id)) is None:
            raise NotFound(f"journal {journal_id}")
        return StoredJournal(journal_id, found)


def _listed(account: str) -> str:
    return EVERY_WALLET if account.startswith(wallet("")) else account


def posted(name: JournalId, journal: Journal) -> Posted:
    """For the doctor."""
    return Posted(
        id=name,
        kind=journal.kind,
        subject=journal.subject,
        size=len(journal.transfers),
        transfers=[raw(one) for one in journal.transfers],
    )


def _entries(shelf: Shelf, account: str) -> Iterator[Entry]:
    for name, journal in shelf.journals.items():
        for position, one in enumerate(journal.transfers, 1):
            if account in (one.debit, one.credit):
                is_debit = account == one.debit
                yield Entry(
                    journal_id=name,
                    position=position,
                    kind=journal.kind,
                    at=journal.at,
                    account=account,
                    contra=one.credit if is_debit else one.debit,
                    is_debit=is_debit,
                    amount=one.amount,
                    payment_id=journal.payment_id,
                    subject=journal.subject,
                )
