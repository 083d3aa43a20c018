"""Proofs, their pictures, and whose each transaction number is, in dicts."""

from collections.abc import Sequence

from adapters.memory.draft import NOTHING, Draft, Write
from domain.errors import NotFound
from domain.ids import PaymentId
from domain.payments.proof import Claim, Image, Proof
from domain.ports.proofs import Proofs
from domain.values import replace


class MemoryProofs(Proofs):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    async def of(self, payment_id: PaymentId) -> Sequence[Proof]:
        mine = self._draft.shelf.proofs.values()
        return sorted(
            [one for one in mine if one.payment_id == payment_id], key=lambda one: one.number
        )

    async def claim(self, bank: str, transaction: str) -> Claim | None:
        return self._draft.shelf.claims.get((bank, transaction))

    async def image(self, digest: str) -> Image:
        if (found := self._draft.shelf.images.get(digest)) is None:
            raise NotFound(f"image {digest}")
        return found

    async def has_image(self, digest: str) -> bool:
        return digest in self._draft.shelf.images

    def add(self, proof: Proof) -> None:
        name = (proof.payment_id, proof.number)
        self._draft.collect(Write(self._draft.shelf.proofs, name, proof, NOTHING))

    def add_claim(self, claim: Claim) -> None:
        name = (claim.bank, claim.transaction)
        self._draft.collect(Write(self._draft.shelf.claims, name, claim, NOTHING))

    def move_claim(self, claim: Claim) -> None:
        name = (claim.bank, claim.transaction)
        moved = replace(claim, version=claim.version + 1)
        self._draft.collect(Write(self._draft.shelf.claims, name, moved, claim.version))

    def keep(self, image: Image) -> None:
        self._draft.collect(Write(self._draft.shelf.images, image.digest, image, NOTHING))
