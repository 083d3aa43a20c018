"""Use case: what moved a customer's wallets, newest first."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Final

from domain.ids import JournalId, TenantId
from domain.money import Currency, Money
from domain.ports.ledger import Entry, EntryPage, Ledger, Place
from domain.ports.wallets import WalletViews

CURSOR: Final = "[0-9]{1,17}-jrn_[0-9A-Za-z]{1,40}-[0-9]{1,2}"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class WalletHistory:
    """Read from the ledger, so it can't differ from the balance. Raises Unavailable."""

    views: WalletViews
    ledger: Ledger

    async def __call__(
        self,
        tenant_id: TenantId,
        customer_id: str,
        unit: Currency | None,
        before: Place | None,
        limit: int,
    ) -> EntryPage:
        """Of all the customer's wallets, or of the one in `unit`."""
        found: list[Entry] = []
        more = False
        for wallet in await self.views.wallets(tenant_id, customer_id):
            if unit is None or wallet.unit == unit:
                page = await self.ledger.entries(tenant_id, wallet.account, before, limit)
                found += page.entries
                more = more or page.next_before is not None
        found.sort(key=attrgetter("place"), reverse=True)
        more = more or len(found) > limit
        shown = found[:limit]
        return EntryPage(shown, shown[-1].place if shown and more else None)


def signed(entry: Entry) -> Money:
    """Negative is what left the wallet: it is a debt of the merchant, which a debit makes less."""
    minor = -entry.amount.minor if entry.is_debit else entry.amount.minor
    return Money(minor, entry.amount.currency)


def cursor_of(end: Place | None) -> str | None:
    """Where a page ended, as text."""
    if end is None:
        return None
    at, journal_id, position = end
    return f"{(at - EPOCH) // MICROSECOND}-{journal_id}-{position}"


def place_of(cursor: str | None) -> Place | None:
    """From a text of CURSOR's form."""
    if cursor is None:
        return None
    at, journal_id, position = cursor.split("-")
    return EPOCH + int(at) * MICROSECOND, JournalId(journal_id), int(position)
