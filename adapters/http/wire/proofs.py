"""Proofs of transfers as clients hand them in and see them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

from adapters.http.wire.reading import Findings
from application.payments.submit_proof import NewProof, Submitted
from application.payments.well_formed import check_text
from domain.payments.proof import LONGEST_BANK, MOST_IMAGE, Proof
from domain.payments.status import PaymentStatus

LONGEST: Final = 80  # characters of a number as it is typed

Typed = Annotated[str, Meta(min_length=1, max_length=LONGEST)]


class ProofBody(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """What the payer says and shows. `bank`, `account` and `clearsOn` (a date) where the method
    needs them: a bank transfer names the bank that sent it, a cheque all three."""

    transaction_number: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=LONGEST,
            description="As on the receipt; of a cheque, its number.",
        ),
    ]
    bank: Annotated[str, Meta(min_length=1, max_length=LONGEST_BANK)] | None = None
    account: Typed | None = None
    clears_on: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    image: (
        Annotated[
            bytes,
            Meta(description=f"PNG, JPEG, WebP or PDF in base64; at most {MOST_IMAGE} bytes."),
        ]
        | None
    ) = None

    def checked(self, by: str) -> NewProof:
        """Raises Faulty."""
        found = Findings()
        check_text("transactionNumber", self.transaction_number, found.add)
        check_text("bank", self.bank, found.add)
        check_text("account", self.account, found.add)
        found.raise_if_any()
        return NewProof(
            transaction=self.transaction_number,
            by=by,
            bank=self.bank,
            account=self.account,
            clears_on=self.clears_on,
            image=self.image,
        )


class ProofReply(Struct, rename="camel"):
    """One proof as it is kept. `imageKnown`: another payment had the very same picture."""

    number: int
    bank: str
    transaction_number: str
    account: str | None
    clears_on: date | None
    image: Annotated[str, Meta(description="SHA-256 of the picture, in hex.")] | None
    image_known: bool
    by: str
    at: datetime

    @classmethod
    def of(cls, one: Proof) -> "ProofReply":
        return cls(
            one.number,
            one.bank,
            one.transaction,
            one.account,
            one.clears_on,
            one.image,
            one.image_known,
            one.by,
            one.at,
        )


class SubmittedReply(Struct, rename="camel"):
    """The proof, and how its payment stands: a person decides."""

    payment_id: str
    status: PaymentStatus
    proof: ProofReply

    @classmethod
    def of(cls, one: Submitted) -> "SubmittedReply":
        return cls(one.payment.id, one.payment.status, ProofReply.of(one.proof))


class ProofList(Struct, rename="camel"):
    """In the order in which they came."""

    data: list[ProofReply]

    @classmethod
    def of(cls, proofs: Sequence[Proof]) -> "ProofList":
        return cls([ProofReply.of(one) for one in proofs])
