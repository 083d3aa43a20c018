"""Use case: a person says whether the money came."""

from dataclasses import dataclass
from typing import Final

from application.payments.amend import AmendPayment
from application.payments.send_attempt import SendAttempt
from domain.errors import Invalid
from domain.ids import PaymentId, TenantId
from domain.money import Money
from domain.payments.attempt import Attempt
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind, Succeeded
from domain.payments.payment import Payment
from domain.ports.clock import Clock

FIELD: Final = "receivedAmount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What the person saw. `amount` None means exactly what was due; for `give_back`, what the
    provider said."""

    received: bool
    reason: str
    operator: str
    amount: Money | None = None
    give_back: bool = False  # another amount came than was due, and goes back whole


@dataclass(frozen=True, slots=True)
class VerifyPayment:
    """A person's word is evidence too: kept with its reason, above any machine's but settlement.

    A payment collects one amount once: another amount than is due can only go back, whole, and
    so does what was paid twice. Raises NotFound, NotVerifiable, Invalid.
    """

    amend: AmendPayment
    send: SendAttempt
    clock: Clock

    async def __call__(
        self, tenant_id: TenantId, payment_id: PaymentId, seen: Verification
    ) -> Payment:
        now = self.clock.now()

        def change(found: Payment) -> Payment:
            attempt = found.verifiable()
            said = Evidence(
                id=f"{attempt.id}:person:{len(attempt.evidence)}",
                rank=Rank.PERSON,
                answer=_answer(attempt, seen, paid=found.paid_by is not None),
                at=now,
                cause=f"{seen.operator}: {seen.reason}",
            )
            return found.hear(attempt.id, said)

        amended = await self.amend(tenant_id, payment_id, change)
        return await self.send(amended.payment, amended.opened)


def _answer(attempt: Attempt, seen: Verification, *, paid: bool) -> Succeeded | Declined:
    """Raises Invalid when that can't have been seen."""
    due = f"{attempt.charged.major} {attempt.charged.currency.code} is due"
    if seen.give_back:
        taken = seen.amount or attempt.told_amount or (attempt.charged if paid else None)
        if taken is None:
            raise Invalid("say how much was received", FIELD)
        if taken.currency != attempt.charged.currency:
            raise Invalid(f"{due}; give {taken.currency.code} back by hand, and reject it", FIELD)
        if taken.minor <= 0:
            raise Invalid("must be more than zero", FIELD)
        if taken == attempt.charged and not paid:
            raise Invalid(f"{due}: it was received; refund it afterwards", FIELD)
        return Succeeded(amount=taken)
    if not seen.received:
        failure = Failure(FailureCode.UNKNOWN, seen.reason, FailureKind.DECLINED)
        return Declined(failure=failure)
    if seen.amount not in (None, attempt.charged):
        raise Invalid(f"{due}; collect the difference, reject it, or return it", FIELD)
    return Succeeded(amount=attempt.charged)
