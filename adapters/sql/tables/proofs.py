"""Proofs of transfers, their pictures, and whose each transaction number is."""

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, Table

from adapters.sql.tables.columns import (
    blob,
    flag,
    maybe,
    metadata,
    number,
    of_payment,
    one_of,
    small,
    text,
)
from domain.payments.proof import ImageType

proofs = Table(
    "proofs",
    metadata,
    text("payment_id"),
    text("tenant_id"),
    small("number"),  # 1, 2, …
    text("attempt_id"),
    text("bank"),
    text("transaction_number"),
    maybe("account"),
    maybe("clears_on"),  # a date
    maybe("image"),  # its digest
    flag("image_known"),
    text("by"),
    number("at"),
    PrimaryKeyConstraint("payment_id", "tenant_id", "number"),
    of_payment(),
    CheckConstraint("number > 0", name="number"),
    sqlite_with_rowid=False,
)

proof_claims = Table(
    "proof_claims",
    metadata,
    text("tenant_id"),
    text("bank"),
    text("transaction_number"),
    text("payment_id"),
    number("at"),
    number("version"),
    # The key is the law: a number at a bank is one payment's.
    PrimaryKeyConstraint("tenant_id", "bank", "transaction_number"),
    of_payment(),
    sqlite_with_rowid=False,
)

proof_images = Table(
    "proof_images",
    metadata,
    text("digest"),
    text("tenant_id"),
    text("type"),
    blob("data"),
    PrimaryKeyConstraint("digest", "tenant_id"),
    one_of("type", ImageType),
)
