"""Use case: a person says whether the money came."""

from dataclasses import dataclass

from application.payments.amend import AmendPayment
from application.payments.send_attempt import SendAttempt
from domain.errors import Invalid
from domain.ids import PaymentId, TenantId
from domain.money import Money
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind, Succeeded
from domain.payments.payment import Payment
from domain.ports.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What the person saw. `amount` None means exactly what was due."""

    received: bool
    reason: str
    operator: str
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class VerifyPayment:
    """A person's word is evidence too: kept with its reason, above any machine's but settlement.

    Raises NotFound, NotVerifiable, Invalid when another amount was received than is due: a
    payment collects one amount once.
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
            if seen.received and seen.amount not in (None, attempt.charged):
                due = f"{attempt.charged.major} {attempt.charged.currency.code}"
                raise Invalid(
                    f"{due} is due; collect the difference or reject it", "receivedAmount"
                )
            rejected = Failure(FailureCode.UNKNOWN, seen.reason, FailureKind.DECLINED)
            said = Evidence(
                id=f"{attempt.id}:person:{len(attempt.evidence)}",
                rank=Rank.PERSON,
                answer=(
                    Succeeded(amount=attempt.charged)
                    if seen.received
                    else Declined(failure=rejected)
                ),
                at=now,
                cause=f"{seen.operator}: {seen.reason}",
            )
            return found.hear(attempt.id, said)

        amended = await self.amend(tenant_id, payment_id, change)
        return await self.send(amended.payment, amended.opened)
