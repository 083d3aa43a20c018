"""Proofs, their pictures, and whose each transaction number is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.values import time, us, words
from adapters.sql.writes import GuardedUpdate, Insert, Row
from domain.errors import Conflict, DuplicateKey, NotFound
from domain.ids import PaymentId
from domain.payments.proof import Claim, Image, ImageType, Proof
from domain.ports.proofs import Proofs

Errors = dict[str, type[Conflict]]
PROOF_IN_USE: Final[Errors] = {"pk_proofs": DuplicateKey}
CLAIM_IN_USE: Final[Errors] = {"pk_proof_claims": DuplicateKey}
IMAGE_IN_USE: Final[Errors] = {"pk_proof_images": DuplicateKey}
TYPES: Final = words(ImageType)

_proofs, _claims, _images = t.proofs.c, t.proof_claims.c, t.proof_images.c
OF: Final = (
    select(
        _proofs.payment_id,
        _proofs.attempt_id,
        _proofs.number,
        _proofs.bank,
        _proofs.transaction_number,
        _proofs.account,
        _proofs.clears_on,
        _proofs.image,
        _proofs.image_known,
        _proofs.by,
        _proofs.at,
    )
    .where(_proofs.payment_id == bindparam("id"), _proofs.tenant_id == bindparam("tenant_id"))
    .order_by(_proofs.number)
)
CLAIM: Final = select(_claims.payment_id, _claims.at, _claims.version).where(
    _claims.tenant_id == bindparam("tenant_id"),
    _claims.bank == bindparam("bank"),
    _claims.transaction_number == bindparam("transaction_number"),
)
IMAGE: Final = select(_images.type, _images.data).where(
    _images.digest == bindparam("digest"), _images.tenant_id == bindparam("tenant_id")
)
HAS_IMAGE: Final = select(_images.digest).where(
    _images.digest == bindparam("digest"), _images.tenant_id == bindparam("tenant_id")
)


@dataclass(frozen=True, slots=True)
class SqlProofs(Proofs):
    draft: Draft

    async def of(self, payment_id: PaymentId) -> Sequence[Proof]:
        return [_proof_of(row) for row in await self.draft.rows(OF, id=payment_id)]

    async def claim(self, bank: str, transaction: str) -> Claim | None:
        rows = await self.draft.rows(CLAIM, bank=bank, transaction_number=transaction)
        for payment_id, at, version in rows:
            return Claim(
                bank=bank,
                transaction=transaction,
                payment_id=payment_id,
                at=time(at),
                version=version,
            )
        return None

    async def image(self, digest: str) -> Image:
        for kind, data in await self.draft.rows(IMAGE, digest=digest):
            return Image(digest, TYPES[kind], bytes(data))
        raise NotFound(f"image {digest}")

    async def has_image(self, digest: str) -> bool:
        return bool(await self.draft.rows(HAS_IMAGE, digest=digest))

    def add(self, proof: Proof) -> None:
        row: Row = {
            "payment_id": proof.payment_id,
            "number": proof.number,
            "attempt_id": proof.attempt_id,
            "bank": proof.bank,
            "transaction_number": proof.transaction,
            "account": proof.account,
            "clears_on": proof.clears_on.isoformat() if proof.clears_on is not None else None,
            "image": proof.image,
            "image_known": proof.image_known,
            "by": proof.by,
            "at": us(proof.at),
        }
        self.draft.collect(Insert(t.proofs, row, PROOF_IN_USE))

    def add_claim(self, claim: Claim) -> None:
        row: Row = {
            "bank": claim.bank,
            "transaction_number": claim.transaction,
            "payment_id": claim.payment_id,
            "at": us(claim.at),
            "version": claim.version,
        }
        self.draft.collect(Insert(t.proof_claims, row, CLAIM_IN_USE))

    def move_claim(self, claim: Claim) -> None:
        key: Row = {"bank": claim.bank, "transaction_number": claim.transaction}
        changes: Row = {"payment_id": claim.payment_id, "at": us(claim.at)}
        self.draft.collect(GuardedUpdate(t.proof_claims, key, claim.version, changes))

    def keep(self, image: Image) -> None:
        row: Row = {"digest": image.digest, "type": image.type.value, "data": image.data}
        self.draft.collect(Insert(t.proof_images, row, IMAGE_IN_USE))


def _proof_of(columns: Sequence[Any]) -> Proof:
    """From OF's columns."""
    payment_id, attempt_id, number, bank, transaction, account, day, image, known, by, at = columns
    return Proof(
        payment_id=payment_id,
        attempt_id=attempt_id,
        number=number,
        bank=bank,
        transaction=transaction,
        account=account,
        clears_on=date.fromisoformat(day) if day is not None else None,
        image=image,
        image_known=bool(known),
        by=by,
        at=time(at),
    )
