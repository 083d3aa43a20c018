"""The ledger: journals and their transfers."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.migrations.words import (
    append_only,
    number,
    of_payment,
    partial,
    postgres,
    secure,
    small,
    table,
    text,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OWNED = ("journals", "transfers")
KINDS = (
    "paid",
    "paid_reversed",
    "surplus",
    "surplus_reversed",
    "refunded",
    "refund_reversed",
    "surplus_returned",
    "surplus_return_reversed",
    "settled",
    "wallet_credited",
    "wallet_taken_back",
    "wallet_spent",
    "wallet_spend_reversed",
)


def upgrade() -> None:
    _journals()
    _transfers()
    secure(OWNED)
    append_only(OWNED)
    if not postgres():
        _never_replaced("journals", "id", "tenant_id")
        _never_replaced("transfers", "journal_id", "position", "tenant_id")


def downgrade() -> None:
    for name in reversed(OWNED):
        op.drop_table(name)


def _journals() -> None:
    known = ", ".join(f"'{one}'" for one in KINDS)
    table(
        "journals",
        text("id"),
        text("tenant_id"),
        text("kind"),
        number("at"),
        text("subject"),
        text("payment_id", nullable=True),
        text("reason"),
        small("size"),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_journals"),
        sa.UniqueConstraint("id", "tenant_id", "size", "at", name="ux_journals_whole"),
        of_payment("journals"),
        sa.CheckConstraint(f"kind IN ({known})", name=op.f("ck_journals_kind")),
        sa.CheckConstraint("size BETWEEN 1 AND 99", name=op.f("ck_journals_size")),
        rowid=False,
    )
    partial("ix_journals_payment", "journals", ["payment_id", "id"], "payment_id IS NOT NULL")


def _transfers() -> None:
    table(
        "transfers",
        text("journal_id"),
        small("position"),
        text("tenant_id"),
        small("size"),
        number("at"),
        text("debit"),
        text("credit"),
        number("amount_minor"),
        text("currency"),
        sa.PrimaryKeyConstraint("journal_id", "position", "tenant_id", name="pk_transfers"),
        sa.ForeignKeyConstraint(
            ["journal_id", "tenant_id", "size", "at"],
            ["journals.id", "journals.tenant_id", "journals.size", "journals.at"],
            name="fk_transfers_journals",
        ),
        sa.CheckConstraint("position BETWEEN 1 AND size", name=op.f("ck_transfers_position")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_transfers_accounts")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_transfers_amount")),
        rowid=False,
    )
    for side in ("debit", "credit"):
        entry = ["tenant_id", side, "at", "journal_id", "position", "currency", "amount_minor"]
        op.create_index(f"ix_transfers_{side}", "transfers", entry)


def _never_replaced(name: str, *key: str) -> None:
    """SQLite's INSERT OR REPLACE removes a row without asking the triggers of DELETE. This tells
    a repeat in the words in which its key would."""
    known = ", ".join(f"{name}.{column}" for column in key)
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    op.execute(
        f"CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {name}"
        f" WHEN EXISTS (SELECT 1 FROM {name} WHERE {same})"
        f" BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: {known}'); END"
    )
