"""Refunds that a person decides, and what the doctor has seen."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.migrations.words import number, secure, table, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table(
        "doctor_rounds",
        text("tenant_id"),
        text("after", nullable=True),
        number("at"),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_doctor_rounds"),
        rowid=False,
    )
    secure(["doctor_rounds"])


def downgrade() -> None:
    op.drop_table("doctor_rounds")
