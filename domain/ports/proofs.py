"""Port: what payers hand in about transfers, and whose each transaction number is."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.ids import PaymentId
from domain.payments.proof import Claim, Image, Proof


class Proofs(Protocol):
    """The tenant's."""

    @abstractmethod
    async def of(self, payment_id: PaymentId) -> Sequence[Proof]:
        """Of a payment, in the order in which they came."""

    @abstractmethod
    async def claim(self, bank: str, transaction: str) -> Claim | None:
        """Whose number it is; None when nobody's."""

    @abstractmethod
    async def image(self, digest: str) -> Image:
        """Raises NotFound."""

    @abstractmethod
    async def has_image(self, digest: str) -> bool:
        """Whether these very bytes were handed in before."""

    @abstractmethod
    def add(self, proof: Proof) -> None:
        """DuplicateKey at commit."""

    @abstractmethod
    def add_claim(self, claim: Claim) -> None:
        """DuplicateKey at commit: the number is somebody's."""

    @abstractmethod
    def move_claim(self, claim: Claim) -> None:
        """To another payment. StaleVersion at commit when somebody was first."""

    @abstractmethod
    def keep(self, image: Image) -> None:
        """DuplicateKey at commit when it is kept already."""
