"""Port: the ledger as it is stored, for people, reports and the doctor."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from domain.ids import JournalId, TenantId
from domain.ledger.journal import Journal
from domain.money import Currency, Money

Place = tuple[datetime, JournalId, int]
"""Where an entry stands: its time, its journal, its transfer's position in it."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Of one account in one currency: all debits and all credits up to an instant."""

    account: str
    currency: Currency
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a transfer. `position` counts 1, 2, … within the journal."""

    journal_id: JournalId
    position: int
    kind: str
    at: datetime
    account: str
    contra: str  # the other side
    is_debit: bool
    amount: Money
    payment_id: str | None
    subject: str

    @property
    def place(self) -> Place:
        """By which entries are ordered."""
        return self.at, self.journal_id, self.position


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Newest first. `next_before` continues after the last entry."""

    entries: Sequence[Entry]
    next_before: Place | None

    @classmethod
    def of(cls, found: Sequence[Entry], limit: int) -> Self:
        """From up to `limit` + 1 entries: one more than the page tells that there is another."""
        more = len(found) > limit
        return cls(found[:limit], found[limit - 1].place if more else None)


@dataclass(frozen=True, slots=True)
class StoredJournal:
    id: JournalId
    journal: Journal


class Postings(Protocol):
    """A unit's journals that are no payment's or refund's: those come with their moves."""

    @abstractmethod
    def post(self, journal: Journal, journal_id: JournalId) -> None:
        """Written when the unit is. DuplicateKey at commit when this id was posted before."""


class Ledger(Protocol):
    """Reads over one tenant's journals. Raises Unavailable when the database can't answer."""

    @abstractmethod
    async def balances(self, tenant_id: TenantId, at: datetime | None) -> Sequence[Balance]:
        """Every account that was ever used, by code and currency, as of `at` (inclusive);
        None is now. Customers' wallets are together, as EVERY_WALLET: there is no end of them."""

    @abstractmethod
    async def entries(
        self, tenant_id: TenantId, account: str, before: Place | None, limit: int
    ) -> EntryPage:
        """One account's entries, newest first, before the one given; none when it was never
        used."""

    @abstractmethod
    async def journal(self, tenant_id: TenantId, journal_id: JournalId) -> StoredJournal:
        """Raises NotFound."""
