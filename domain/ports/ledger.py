"""Port: the ledger as it is stored, for people, reports and the doctor."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.ids import JournalId, TenantId
from domain.ledger.journal import Journal
from domain.money import Currency, Money


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


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Newest first. `next_before` continues: the last entry's time, journal and position."""

    entries: Sequence[Entry]
    next_before: tuple[datetime, JournalId, int] | None


@dataclass(frozen=True, slots=True)
class StoredJournal:
    id: JournalId
    journal: Journal


class Ledger(Protocol):
    """Reads over one tenant's journals. Raises Unavailable when the database can't answer."""

    @abstractmethod
    async def balances(self, tenant_id: TenantId, at: datetime | None) -> Sequence[Balance]:
        """Every account that was ever used, by code and currency, as of `at` (inclusive);
        None is now."""

    @abstractmethod
    async def entries(
        self,
        tenant_id: TenantId,
        account: str,
        before: tuple[datetime, JournalId, int] | None,
        limit: int,
    ) -> EntryPage:
        """One account's entries, newest first, before the one given."""

    @abstractmethod
    async def journal(self, tenant_id: TenantId, journal_id: JournalId) -> StoredJournal:
        """Raises NotFound."""
