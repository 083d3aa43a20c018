"""Wallets: what customers have, what payments earned, what was spent."""

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, Table

from adapters.sql.tables.columns import metadata, number, of_payment, text

wallets = Table(
    "wallets",
    metadata,
    text("tenant_id"),
    text("customer_id"),
    text("unit"),
    text("id"),
    number("balance_minor"),  # may be negative: taken back after it was spent
    number("created_at"),
    number("updated_at"),
    number("version"),
    # The key is how a wallet is looked up, and why a customer can't have two.
    PrimaryKeyConstraint("tenant_id", "customer_id", "unit"),
    sqlite_with_rowid=False,
)

rewards = Table(
    "rewards",
    metadata,
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
    PrimaryKeyConstraint("payment_id", "tenant_id"),
    of_payment(),
    CheckConstraint("granted_minor >= 0 AND per_minor > 0 AND award_minor > 0", name="granted"),
    sqlite_with_rowid=False,
)

spends = Table(
    "spends",
    metadata,
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
    PrimaryKeyConstraint("id", "tenant_id"),
    CheckConstraint(
        "amount_minor > 0 AND reversed_minor >= 0 AND reversed_minor <= amount_minor",
        name="reversed",
    ),
    sqlite_with_rowid=False,
)
