"""Wallets as clients see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, cast

from msgspec import Meta, Struct, field

from adapters.http.wire import text
from adapters.http.wire.reading import Findings
from adapters.http.wire.requests import MOST_A_PAGE, NOT_GIVEN, PAGE
from adapters.http.wire.shapes import Amount
from application.payments.well_formed import LONGEST_REFERENCE, LONGEST_TEXT, check_text
from application.wallets.wallet_history import CURSOR, cursor_of, place_of, signed
from application.wallets.well_formed import UNIT, check_words
from domain.currencies import unit
from domain.money import Currency, Money
from domain.ports.ledger import Entry, EntryPage, Place
from domain.wallets.spend import Spend
from domain.wallets.wallet import Wallet

UnitCode = Annotated[
    str,
    Meta(pattern=f"^{UNIT}$", description="PTS for points, or an ISO 4217 code in capitals."),
]
Signed = Annotated[
    str,
    Meta(
        description="In the unit's major unit with exactly its decimals; none for points.",
        extra_json_schema={"examples": ["150", "-12.50"]},
    ),
]
MoveWord = Literal["credited", "taken_back", "spent", "spend_reversed"]


class WalletReply(Struct, rename="camel"):
    """What a customer has in one unit."""

    id: str
    unit: UnitCode
    balance: Signed
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, one: Wallet) -> "WalletReply":
        return cls(one.id, one.unit.code, one.balance.major, one.created_at, one.updated_at)


class WalletsReply(Struct, rename="camel"):
    """All that a customer has; empty before the first credit."""

    customer_id: str
    wallets: list[WalletReply]

    @classmethod
    def of(cls, customer_id: str, wallets: Sequence[Wallet]) -> "WalletsReply":
        return cls(customer_id, [WalletReply.of(one) for one in wallets])


class HistoryQuery(Struct, forbid_unknown_fields=True, frozen=True):
    """Without `unit`: of all the customer's wallets."""

    unit: UnitCode | None = None
    cursor: Annotated[str, Meta(pattern=f"^{CURSOR}$")] | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_A_PAGE)] = PAGE

    def counted_in(self) -> Currency | None:
        """Raises Faulty."""
        found, code = Findings(), self.unit
        known = found.tried("unit", lambda: unit(code)) if code is not None else None
        found.raise_if_any()
        return known

    def before(self) -> Place | None:
        """Where the page before ended."""
        return place_of(self.cursor)


class MoveReply(Struct, rename="camel"):
    """One move of a wallet, as the ledger has it."""

    id: str
    type: MoveWord
    wallet_id: str
    unit: UnitCode
    amount: Annotated[Signed, Meta(description="Negative is what left the wallet.")]
    at: datetime
    payment_id: Annotated[str | None, Meta(description="What earned it.")]
    spend_id: str | None

    @classmethod
    def of(cls, one: Entry) -> "MoveReply":
        return cls(
            one.journal_id,
            cast("MoveWord", one.kind.removeprefix("wallet_")),
            one.account.partition(":")[2],
            one.amount.currency.code,
            signed(one).major,
            one.at,
            one.payment_id,
            one.subject if one.subject.startswith("spd_") else None,
        )


class MoveList(Struct, rename="camel"):
    """Newest first."""

    data: list[MoveReply]
    next_cursor: str | None

    @classmethod
    def of(cls, page: EntryPage) -> "MoveList":
        return cls([MoveReply.of(one) for one in page.entries], cursor_of(page.next_before))


class SpendBody(Struct, forbid_unknown_fields=True, frozen=True):
    """What the customer uses."""

    amount: Amount
    unit: UnitCode
    reference: Annotated[str, Meta(max_length=LONGEST_REFERENCE)] = ""
    reason: Annotated[str, Meta(max_length=LONGEST_TEXT)] = ""

    def money(self) -> Money:
        """Raises Faulty."""
        found = Findings()
        money: Money | None = None
        if (known := found.tried("unit", lambda: unit(self.unit))) is not None:
            money = found.tried("amount", lambda: text.amount(bytes(self.amount), known))
        check_words(self.reference, self.reason, found.add)
        found.raise_if_any()
        assert money is not None  # else there was a finding
        return money


class ReversalBody(Struct, forbid_unknown_fields=True, frozen=True):
    """How much comes back. Without `amount`: all that was spent."""

    amount: Amount = field(default_factory=lambda: NOT_GIVEN)
    reason: Annotated[str, Meta(max_length=LONGEST_TEXT)] = ""

    def money(self, currency: Currency) -> Money | None:
        """Raises Faulty."""
        found, money = Findings(), None
        if bytes(self.amount) != b"null":
            money = found.tried("amount", lambda: text.amount(bytes(self.amount), currency))
        check_text("reason", self.reason, found.add)
        found.raise_if_any()
        return money


class SpendReply(Struct, rename="camel"):
    """What was spent, and the wallet's balance after it, or after it was reversed."""

    id: str
    status: Literal["spent", "reversed"]
    customer_id: str
    wallet_id: str
    unit: UnitCode
    amount: Signed
    reversed_amount: Signed
    balance: Signed
    reference: str
    reason: str
    created_at: datetime
    reversed_at: datetime | None

    @classmethod
    def of(cls, one: Spend, wallet: Wallet) -> "SpendReply":
        status = "spent" if one.reversed_at is None else "reversed"
        return cls(
            one.id,
            cast("Literal['spent', 'reversed']", status),
            one.customer_id,
            one.wallet_id,
            one.amount.currency.code,
            one.amount.major,
            one.given_back.major,
            wallet.balance.major,
            one.reference,
            one.reason,
            one.created_at,
            one.reversed_at,
        )
