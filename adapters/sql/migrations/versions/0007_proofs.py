"""Proofs of transfers, their pictures, and whose each transaction number is."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.migrations.words import (
    append_only,
    blob,
    flag,
    number,
    of_payment,
    secure,
    small,
    table,
    text,
)

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OWNED = ("proofs", "proof_claims", "proof_images")


def upgrade() -> None:
    _proofs()
    _claims()
    _images()
    secure(OWNED)
    append_only(["proofs"])


def downgrade() -> None:
    for name in reversed(OWNED):
        op.drop_table(name)


def _proofs() -> None:
    table(
        "proofs",
        text("payment_id"),
        text("tenant_id"),
        small("number"),
        text("attempt_id"),
        text("bank"),
        text("transaction_number"),
        text("account", nullable=True),
        text("clears_on", nullable=True),
        text("image", nullable=True),
        flag("image_known"),
        text("by"),
        number("at"),
        sa.PrimaryKeyConstraint("payment_id", "tenant_id", "number", name="pk_proofs"),
        of_payment("proofs"),
        sa.CheckConstraint("number > 0", name=op.f("ck_proofs_number")),
        rowid=False,
    )


def _claims() -> None:
    table(
        "proof_claims",
        text("tenant_id"),
        text("bank"),
        text("transaction_number"),
        text("payment_id"),
        number("at"),
        number("version"),
        sa.PrimaryKeyConstraint("tenant_id", "bank", "transaction_number", name="pk_proof_claims"),
        of_payment("proof_claims"),
        rowid=False,
    )


def _images() -> None:
    kinds = "'image/png', 'image/jpeg', 'image/webp', 'application/pdf'"
    table(
        "proof_images",
        text("digest"),
        text("tenant_id"),
        text("type"),
        blob("data"),
        sa.PrimaryKeyConstraint("digest", "tenant_id", name="pk_proof_images"),
        sa.CheckConstraint(f"type IN ({kinds})", name=op.f("ck_proof_images_type")),
    )
