"""The ledger, read like other lists: each account's side of a transfer from that side's index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)

from adapters.sql import tables as t
from adapters.sql.rows.ledger import JOURNAL_COLUMNS, TRANSFER_COLUMNS, stored_journal
from adapters.sql.rows.money import money
from adapters.sql.rows.values import time, us
from adapters.sql.views import SqlViews
from adapters.sql.writes import Record
from domain.currencies import UNITS
from domain.errors import NotFound
from domain.ids import JournalId, TenantId
from domain.ledger.chart import EVERY_WALLET
from domain.ledger.journal import wallet
from domain.ports.ledger import Balance, Entry, EntryPage, Ledger, Place, StoredJournal

EVER: Final = 2**63 - 1  # after every time

_of, _moved = t.journals.c, t.transfers.c
_MINE: Final = _moved.tenant_id == bindparam("tenant_id")
_PLACE: Final = tuple_(_moved.at, _moved.journal_id, _moved.position)
_BEFORE: Final = tuple_(bindparam("at"), bindparam("journal_id"), bindparam("position"))


def _sums(side: Any, is_debit: str) -> Select[Any]:
    """Of one side of all accounts. PostgreSQL's sum of whole numbers is a decimal."""
    listed = case((side.like(literal(f"{wallet('')}%")), literal(EVERY_WALLET)), else_=side).label(
        "account"
    )
    minor = cast(func.sum(_moved.amount_minor), BigInteger).label("minor")
    return (
        select(listed, _moved.currency, literal_column(is_debit).label("is_debit"), minor)
        .where(_MINE, _moved.at <= bindparam("at"))
        .group_by(listed, _moved.currency)
    )


def _side(account: Any, contra: Any, is_debit: str, *tests: Any) -> Select[Any]:
    """The newest of one side of one account, by its own index."""
    page = (
        select(
            _moved.journal_id,
            _moved.position,
            _moved.at,
            account.label("account"),
            contra.label("contra"),
            literal_column(is_debit).label("is_debit"),
            _moved.amount_minor,
            _moved.currency,
        )
        .where(_MINE, account == bindparam("account"), *tests)
        .order_by(_moved.at.desc(), _moved.journal_id.desc(), _moved.position.desc())
        .limit(bindparam("limit"))
        .subquery()
    )
    return select(page)


def _entries(*tests: Any) -> Select[Any]:
    page = union_all(
        _side(_moved.debit, _moved.credit, "true", *tests),
        _side(_moved.credit, _moved.debit, "false", *tests),
    ).subquery("entries")
    header = and_(_of.id == page.c.journal_id, _of.tenant_id == bindparam("tenant_id"))
    return (
        select(page, _of.kind, _of.payment_id, _of.subject)
        .join_from(page, t.journals, header)
        .order_by(page.c.at.desc(), page.c.journal_id.desc(), page.c.position.desc())
        .limit(bindparam("limit"))
    )


BALANCES: Final = union_all(_sums(_moved.debit, "true"), _sums(_moved.credit, "false"))
ENTRIES: Final = _entries()
NEXT_ENTRIES: Final = _entries(_PLACE < _BEFORE)
JOURNAL: Final = (
    select(*JOURNAL_COLUMNS, *TRANSFER_COLUMNS)
    .join_from(
        t.journals,
        t.transfers,
        and_(_moved.journal_id == _of.id, _moved.tenant_id == _of.tenant_id),
    )
    .where(_of.id == bindparam("id"), _of.tenant_id == bindparam("tenant_id"))
    .order_by(_moved.position)
)
WIDTH: Final = len(JOURNAL_COLUMNS)


@dataclass(frozen=True, slots=True)
class SqlLedger(Ledger):
    views: SqlViews

    async def balances(self, tenant_id: TenantId, at: datetime | None) -> Sequence[Balance]:
        until = us(at) if at is not None else EVER
        sums: dict[tuple[str, str], list[int]] = {}
        for account, code, is_debit, minor in await self.views.rows(
            tenant_id, BALANCES, {"at": until}
        ):
            sums.setdefault((account, code), [0, 0])[0 if is_debit else 1] = minor
        return [
            Balance(account, UNITS[code], debit, credit)
            for (account, code), (debit, credit) in sorted(sums.items())
        ]

    async def entries(
        self, tenant_id: TenantId, account: str, before: Place | None, limit: int
    ) -> EntryPage:
        values: dict[str, Any] = {"account": account, "limit": limit + 1}
        statement = ENTRIES
        if before is not None:
            at, journal_id, position = before
            values |= {"at": us(at), "journal_id": journal_id, "position": position}
            statement = NEXT_ENTRIES
        rows = await self.views.rows(tenant_id, statement, values)
        return EntryPage.of([_entry(row) for row in rows], limit)

    async def journal(self, tenant_id: TenantId, journal_id: JournalId) -> StoredJournal:
        if not (rows := await self.views.rows(tenant_id, JOURNAL, {"id": journal_id})):
            raise NotFound(f"journal {journal_id}")
        return stored_journal(rows[0][:WIDTH], [row[WIDTH:] for row in rows])


def _entry(row: Record) -> Entry:
    name, position, at, account, contra, is_debit, minor, code, kind, payment_id, subject = row
    return Entry(
        journal_id=name,
        position=position,
        kind=kind,
        at=time(at),
        account=account,
        contra=contra,
        is_debit=bool(is_debit),
        amount=money((minor, code)),
        payment_id=payment_id,
        subject=subject,
    )
