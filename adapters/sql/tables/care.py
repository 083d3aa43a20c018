"""What the platform keeps of its own regular work."""

from sqlalchemy import PrimaryKeyConstraint, Table

from adapters.sql.tables.columns import maybe, metadata, number, text

doctor_rounds = Table(
    "doctor_rounds",
    metadata,
    text("tenant_id"),
    maybe("after"),  # the payment that was looked at last
    number("at"),
    PrimaryKeyConstraint("tenant_id"),
    sqlite_with_rowid=False,
)
