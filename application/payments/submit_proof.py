"""Use case: a payer hands in a proof of a transfer that no machine can see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from application.payments.amend import TRIES
from application.payments.claim_number import claim_number
from domain.errors import Conflict, Invalid, NotProvable, Overloaded
from domain.ids import PaymentId, TenantId
from domain.payments.attempt import Attempt, AttemptStatus
from domain.payments.events import EventType
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Pending
from domain.payments.payment import Payment
from domain.payments.proof import MOST_PROOFS, Claim, Handed, Image, Proof
from domain.payments.status import provable
from domain.ports.clock import Clock
from domain.ports.providers import Providers, TakesProofs
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import UnitOfWork, Units
from domain.values import replace

ISO_DATE: Final = 10  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProof:
    """`by` is who hands it in."""

    transaction: str
    by: str
    bank: str | None = None
    account: str | None = None
    clears_on: str | None = None  # a date
    image: bytes | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    payment: Payment
    proof: Proof


@dataclass(frozen=True, slots=True)
class SubmitProof:
    """The proof, whose its number is, the picture and the payment's move are stored together, or
    nothing is. The same proof again changes nothing. No money is counted: a person decides.

    Raises NotFound, NotProvable, TransactionUsed, Invalid naming the field, Overloaded.
    """

    units: Units
    tenants: Tenants
    providers: Providers
    clock: Clock

    async def __call__(
        self, tenant_id: TenantId, payment_id: PaymentId, new: NewProof
    ) -> Submitted:
        image = Image.of(new.image) if new.image is not None else None
        for _ in range(TRIES):
            async with self.units(tenant_id) as unit:
                payment = await unit.payments.get(payment_id)
                proof = await self._proof(payment, new, image)
                known = await unit.proofs.of(payment_id)
                for one in known:
                    if one.same(proof):
                        return Submitted(payment, one)
                if len(known) >= MOST_PROOFS:
                    raise NotProvable(f"a payment takes {MOST_PROOFS} proofs; ask the merchant")
                proof = replace(proof, number=len(known) + 1)
                await claim_number(unit, _claim(proof))
                if image is not None:
                    proof = await _kept(unit, proof, image, known)
                unit.proofs.add(proof)
                stored = unit.payments.save(_moved(payment, proof))
                try:
                    await unit.commit()
                except Conflict:  # somebody was first: look again, at whose number it is, too
                    continue
            return Submitted(stored, proof)
        raise Overloaded(f"payment {payment_id} is too busy; try again")

    async def _proof(self, payment: Payment, new: NewProof, image: Image | None) -> Proof:
        """In the provider's form. Raises NotProvable, Invalid."""
        attempt = provable(payment.attempts, paid=payment.paid_by is not None)
        if attempt is None:
            raise NotProvable(_why_not(payment))
        client = self.providers.open(await self.tenants.account(attempt.account_id))
        if not isinstance(client, TakesProofs):
            raise NotProvable(f"{attempt.provider} takes no proof; a person confirms it there")
        handed = Handed(
            transaction=new.transaction,
            bank=new.bank,
            account=new.account,
            clears_on=_date(new.clears_on),
            has_image=image is not None,
        )
        read = client.read_proof(handed)
        return Proof(
            payment_id=payment.id,
            attempt_id=attempt.id,
            number=0,
            bank=read.bank or attempt.provider,
            transaction=read.transaction,
            account=read.account,
            clears_on=read.clears_on,
            image=image.digest if image is not None else None,
            at=self.clock.now(),
            by=new.by,
        )


async def _kept(unit: UnitOfWork, proof: Proof, image: Image, known: Sequence[Proof]) -> Proof:
    """Keep the picture once, and see whether another payment had it."""
    if not await unit.proofs.has_image(image.digest):
        unit.proofs.keep(image)
        return proof
    mine = any(one.image == image.digest for one in known)
    return replace(proof, image_known=not mine)


def _claim(proof: Proof) -> Claim:
    return Claim(
        bank=claimed_at(proof),
        transaction=proof.transaction,
        payment_id=proof.payment_id,
        at=proof.at,
    )


def claimed_at(proof: Proof) -> str:
    """Whose numbers these are: a bank's or, of cheques, a drawer's there."""
    return f"{proof.bank} {proof.account}" if proof.account is not None else proof.bank


def _moved(payment: Payment, proof: Proof) -> Payment:
    said = Evidence(
        id=f"{proof.attempt_id}:proof:{proof.number}",
        rank=Rank.REPLY,
        answer=Pending(),
        at=proof.at,
        cause=f"{proof.by}: transaction {proof.transaction}",
    )
    return payment.hand_in(proof.attempt_id, said, EventType.PROOF)


def _why_not(payment: Payment) -> str:
    late: list[Attempt] = [one for one in payment.attempts if one.offline]
    if payment.paid_by is None and late and late[-1].status is AttemptStatus.EXPIRED:
        return "it has expired; take a new payment, and hand the proof in there"
    return f"payment {payment.id} is {payment.status} and waits for no proof"


def _date(text: str | None) -> date | None:
    """Raises Invalid."""
    if text is None:
        return None
    try:
        if len(text) == ISO_DATE:  # fromisoformat takes other forms, too
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Invalid("must be a date, for example 2026-03-01", "clearsOn")
