"""Wallets of customers: balances, what payments earned, what was spent."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.migrations.words import number, of_payment, secure, table, text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OWNED = ("wallets", "rewards", "spends")


def upgrade() -> None:
    _wallets()
    _rewards()
    _spends()
    secure(OWNED)


def downgrade() -> None:
    for name in reversed(OWNED):
        op.drop_table(name)


def _wallets() -> None:
    table(
        "wallets",
        text("tenant_id"),
        text("customer_id"),
        text("unit"),
        text("id"),
        number("balance_minor"),
        number("created_at"),
        number("updated_at"),
        number("version"),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", "unit", name="pk_wallets"),
        rowid=False,
    )


def _rewards() -> None:
    table(
        "rewards",
        text("payment_id"),
        text("tenant_id"),
        text("customer_id"),
        number("per_minor"),
        text("per_currency"),
        number("award_minor"),
        text("unit"),
        number("granted_minor"),
        number("created_at"),
        number("version"),
        sa.PrimaryKeyConstraint("payment_id", "tenant_id", name="pk_rewards"),
        of_payment("rewards"),
        sa.CheckConstraint(
            "granted_minor >= 0 AND per_minor > 0 AND award_minor > 0",
            name=op.f("ck_rewards_granted"),
        ),
        rowid=False,
    )


def _spends() -> None:
    table(
        "spends",
        text("id"),
        text("tenant_id"),
        text("customer_id"),
        text("wallet_id"),
        number("amount_minor"),
        text("unit"),
        text("reference"),
        text("reason"),
        number("created_at"),
        number("reversed_minor"),
        number("reversed_at", nullable=True),
        number("version"),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_spends"),
        sa.CheckConstraint(
            "amount_minor > 0 AND reversed_minor >= 0 AND reversed_minor <= amount_minor",
            name=op.f("ck_spends_reversed"),
        ),
        rowid=False,
    )
