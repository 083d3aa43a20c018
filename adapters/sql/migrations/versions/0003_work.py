"""Work: circuits and track records of accounts, shared between processes."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.migrations.words import number, partial, small, table, text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table(
        "circuits",
        text("account_id"),
        text("operation"),
        text("tenant_id"),
        text("provider"),
        text("state"),
        number("opened_at"),
        small("pause_s"),
        number("probe_until", nullable=True),
        number("version"),
        sa.PrimaryKeyConstraint("account_id", "operation", "tenant_id", name="pk_circuits"),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_circuits_state")),
        rowid=False,
    )
    partial("ix_circuits_open", "circuits", ["opened_at"], "state = 'open'")
    table(
        "account_hours",
        text("account_id"),
        small("slot"),
        text("tenant_id"),
        text("provider"),
        number("hour"),
        number("finished"),
        number("successes"),
        number("answers"),
        number("waited_ms"),
        number("last_success_at", nullable=True),
        number("last_failure_at", nullable=True),
        number("changed_at"),
        number("version"),
        sa.PrimaryKeyConstraint("account_id", "slot", "tenant_id", name="pk_account_hours"),
        rowid=False,
    )
    op.create_index("ix_account_hours_changed", "account_hours", ["changed_at"])


def downgrade() -> None:
    op.drop_table("account_hours")
    op.drop_table("circuits")
