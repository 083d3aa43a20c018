"""The ledger: a header for each journal, a row for each of its transfers. Nothing is ever changed.

A transfer names both of its accounts, so no rows can be out of balance. It repeats its journal's
size and time, and a foreign key holds both to the header's: nobody can add a transfer to a journal
that is complete, or date one otherwise. Rows that are missing are for the doctor to find.
"""

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from adapters.sql.tables.columns import (
    maybe,
    metadata,
    number,
    of_payment,
    one_of,
    partial,
    small,
    text,
    where,
)
from domain.ledger.journal import MOST_TRANSFERS, JournalKind

journals = Table(
    "journals",
    metadata,
    text("id"),
    text("tenant_id"),
    text("kind"),
    number("at"),
    text("subject"),
    maybe("payment_id"),
    text("reason"),
    small("size"),  # how many transfers it has
    PrimaryKeyConstraint("id", "tenant_id"),
    UniqueConstraint("id", "tenant_id", "size", "at", name="ux_journals_whole"),
    of_payment(),
    one_of("kind", JournalKind),
    CheckConstraint(f"size BETWEEN 1 AND {MOST_TRANSFERS}", name="size"),
    sqlite_with_rowid=False,
)
OF_PAYMENT = where("payment_id IS NOT NULL")
partial("ix_journals_payment", OF_PAYMENT, journals.c.payment_id, journals.c.id)

transfers = Table(
    "transfers",
    metadata,
    text("journal_id"),
    small("position"),  # 1, 2, … size
    text("tenant_id"),
    small("size"),
    number("at"),
    text("debit"),
    text("credit"),
    number("amount_minor"),
    text("currency"),
    PrimaryKeyConstraint("journal_id", "position", "tenant_id"),
    ForeignKeyConstraint(
        ["journal_id", "tenant_id", "size", "at"],
        ["journals.id", "journals.tenant_id", "journals.size", "journals.at"],
    ),
    CheckConstraint("position BETWEEN 1 AND size", name="position"),
    CheckConstraint("debit <> credit", name="accounts"),
    CheckConstraint("amount_minor > 0", name="amount"),
    sqlite_with_rowid=False,
)
# An account's entries in order, and with the amounts at the end its balance at any time, without
# a look at the rows.
Index(
    "ix_transfers_debit",
    *(transfers.c[name] for name in ("tenant_id", "debit", "at", "journal_id", "position")),
    transfers.c.currency,
    transfers.c.amount_minor,
)
Index(
    "ix_transfers_credit",
    *(transfers.c[name] for name in ("tenant_id", "credit", "at", "journal_id", "position")),
    transfers.c.currency,
    transfers.c.amount_minor,
)
