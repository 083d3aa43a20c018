"""One credit that names one attempt: what it is and, when it is exact, its confirmation."""

from dataclasses import dataclass

from application.payments.amend import TRIES
from application.payments.claim_number import claim_number, held
from application.payments.verify_payment import Verification, VerifyPayment
from domain.errors import Conflict, NotVerifiable, Overloaded, TransactionUsed
from domain.ids import AttemptId, PaymentId, TenantId
from domain.payments.events import EventType
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Pending
from domain.payments.payment import Payment
from domain.payments.proof import Claim
from domain.ports.clock import Clock
from domain.ports.unit_of_work import UnitOfWork, Units
from domain.statements.entry import Entry
from domain.statements.match import Fate, fate_of, statement_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A line, the number it is known by at `bank`, and the one attempt that it names."""

    entry: Entry
    bank: str
    number: str
    payment_id: PaymentId
    attempt_id: AttemptId
    source: str  # the file, and where in it

    @property
    def fact(self) -> str:
        return statement_id(self.attempt_id, self.bank, self.number)


@dataclass(frozen=True, slots=True)
class ConfirmCredit:
    """That the bank's number is this payment's and that its line was seen is stored first, then a
    person's word that the money came: the same as by hand, with four eyes where the account asks
    for them. A crash between them leaves a payment that waits, and the same file goes on.

    Raises Overloaded, and what a commit raises besides Conflict.
    """

    units: Units
    verify: VerifyPayment
    clock: Clock

    async def look(self, tenant_id: TenantId, credit: Credit) -> tuple[Fate, Payment]:
        """What it is; nothing is stored."""
        async with self.units(tenant_id) as unit:
            payment = await unit.payments.get(credit.payment_id)
            return await self._fate(unit, payment, credit), payment

    async def __call__(
        self, tenant_id: TenantId, credit: Credit, operator: str
    ) -> tuple[Fate, Payment]:
        """What it is now that all was done that it asks for."""
        fate, payment = await self._see(tenant_id, credit, operator)
        if fate is not Fate.MATCHED:
            return fate, payment
        word = Verification(
            received=True, reason=credit.source, operator=operator, attempt_id=credit.attempt_id
        )
        try:
            payment = await self.verify(tenant_id, payment.id, word)
        except NotVerifiable:  # said before by the same person, or by somebody just now
            fate, payment = await self.look(tenant_id, credit)
            return (Fate.WAITS if fate is Fate.MATCHED else fate), payment
        return (Fate.MATCHED if payment.paid_by is not None else Fate.WAITS), payment

    async def _see(
        self, tenant_id: TenantId, credit: Credit, operator: str
    ) -> tuple[Fate, Payment]:
        """Keep what the statement says of a payment that is paid by it, or will be."""
        for _ in range(TRIES):
            async with self.units(tenant_id) as unit:
                payment = await unit.payments.get(credit.payment_id)
                fate = await self._fate(unit, payment, credit)
                if fate not in (Fate.MATCHED, Fate.ALREADY):
                    return fate, payment
                said = Evidence(
                    id=credit.fact,
                    rank=Rank.REPLY,
                    answer=Pending(),
                    at=self.clock.now(),
                    cause=f"{operator}: {credit.source}",
                )
                moved = payment.hand_in(credit.attempt_id, said, EventType.ON_STATEMENT)
                if moved is payment:
                    return fate, payment
                await claim_number(unit, self._claim(credit))
                stored = unit.payments.save(moved)
                try:
                    await unit.commit()
                except Conflict:
                    continue
            return fate, stored
        raise Overloaded(f"payment {credit.payment_id} is too busy; try again")

    async def _fate(self, unit: UnitOfWork, payment: Payment, credit: Credit) -> Fate:
        try:
            await held(unit, self._claim(credit))
        except TransactionUsed:
            return Fate.NUMBER_USED
        return fate_of(credit.entry, credit.fact, payment, payment.attempt(credit.attempt_id))

    def _claim(self, credit: Credit) -> Claim:
        return Claim(
            bank=credit.bank,
            transaction=credit.number,
            payment_id=credit.payment_id,
            at=self.clock.now(),
        )
