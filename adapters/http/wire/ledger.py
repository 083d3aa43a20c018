"""The ledger as clients see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from adapters.http.wire.reading import Findings
from adapters.http.wire.requests import MOST_A_PAGE, PAGE
from adapters.http.wire.shapes import Decimal
from application.text import instant
from application.wallets.wallet_history import CURSOR, cursor_of, place_of
from domain.ledger.chart import held, type_of
from domain.ledger.journal import Transfer
from domain.money import Money
from domain.ports.ledger import Balance, Entry, EntryPage, Place, StoredJournal

TypeWord = Literal["asset", "liability", "income", "expense", "other"]
UnitWord = Annotated[str, Meta(description="ISO 4217, or PTS for points.")]
AccountCode = Annotated[str, Meta(description="For example sales, or receivable:maya.")]


class AccountsQuery(Struct, forbid_unknown_fields=True, frozen=True):
    """Without `at`: now."""

    at: (
        Annotated[
            str,
            Meta(max_length=40, description="Balances as of then, what happened then included."),
        ]
        | None
    ) = None

    def moment(self) -> datetime | None:
        """Raises Faulty."""
        found, at = Findings(), self.at
        moment = found.tried("at", lambda: instant(at)) if at is not None else None
        found.raise_if_any()
        return moment


class AccountReply(Struct, rename="camel"):
    """An account in one currency. The balance is on the side on which the account grows: debits
    for assets and expenses, credits for liabilities and income."""

    code: AccountCode
    type: TypeWord
    currency: UnitWord
    balance: Decimal
    debits: Decimal
    credits: Decimal

    @classmethod
    def of(cls, one: Balance) -> "AccountReply":
        unit = one.currency
        return cls(
            one.account,
            type_of(one.account).value,
            unit.code,
            Money(held(one.account, one.debit_minor, one.credit_minor), unit).major,
            Money(one.debit_minor, unit).major,
            Money(one.credit_minor, unit).major,
        )


class AccountList(Struct, rename="camel"):
    """By code. Customers' wallets are one line, `wallet:*`."""

    data: list[AccountReply]
    at: Annotated[datetime | None, Meta(description="As of when; null is now.")]
    next_cursor: str | None = None  # it is one page

    @classmethod
    def of(cls, found: Sequence[Balance], at: datetime | None) -> "AccountList":
        return cls([AccountReply.of(one) for one in found], at)


class EntriesQuery(Struct, forbid_unknown_fields=True, frozen=True):
    """Where the page before ended, and how long a page is."""

    cursor: Annotated[str, Meta(pattern=f"^{CURSOR}$")] | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_A_PAGE)] = PAGE

    def before(self) -> Place | None:
        return place_of(self.cursor)


class EntryReply(Struct, rename="camel"):
    """An account's side of a transfer."""

    journal_id: str
    position: Annotated[int, Meta(description="Of the transfer in its journal: 1, 2, …")]
    kind: Annotated[str, Meta(description="What the journal books, for example paid.")]
    at: datetime
    side: Literal["debit", "credit"]
    amount: Decimal
    currency: UnitWord
    contra: Annotated[str, Meta(description="The account on the other side.")]
    payment_id: str | None
    subject: Annotated[str, Meta(description="The attempt, refund or wallet that moved.")]

    @classmethod
    def of(cls, one: Entry) -> "EntryReply":
        return cls(
            one.journal_id,
            one.position,
            one.kind,
            one.at,
            "debit" if one.is_debit else "credit",
            one.amount.major,
            one.amount.currency.code,
            one.contra,
            one.payment_id,
            one.subject,
        )


class EntryList(Struct, rename="camel"):
    """Newest first."""

    data: list[EntryReply]
    next_cursor: str | None

    @classmethod
    def of(cls, page: EntryPage) -> "EntryList":
        return cls([EntryReply.of(one) for one in page.entries], cursor_of(page.next_before))


class TransferReply(Struct, rename="camel"):
    """From the account it credits to the one it debits."""

    debit: AccountCode
    credit: AccountCode
    amount: Decimal
    currency: UnitWord

    @classmethod
    def of(cls, one: Transfer) -> "TransferReply":
        return cls(one.debit, one.credit, one.amount.major, one.amount.currency.code)


class JournalReply(Struct, rename="camel"):
    """What one fact did to the accounts. It is never changed; what was wrong is reversed by
    another."""

    id: str
    kind: str
    at: datetime
    subject: str
    payment_id: str | None
    reason: str
    transfers: list[TransferReply]

    @classmethod
    def of(cls, stored: StoredJournal) -> "JournalReply":
        one = stored.journal
        return cls(
            stored.id,
            one.kind.value,
            one.at,
            one.subject,
            one.payment_id,
            one.reason,
            [TransferReply.of(each) for each in one.transfers],
        )
