"""Use case: a person says whether a refund's money went back."""

from dataclasses import dataclass

from application.refunds.amend_refund import AmendRefund
from domain.errors import NotVerifiable
from domain.ids import RefundId, TenantId
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind, Succeeded
from domain.payments.refund import Refund
from domain.ports.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundVerification:
    """What the person saw, or did: `returned` is also what was given back by hand."""

    returned: bool
    reason: str
    operator: str


@dataclass(frozen=True, slots=True)
class VerifyRefund:
    """What was reserved is returned, or may be asked back again. The word is evidence, kept with
    its reason, above any machine's but settlement. Raises NotFound, NotVerifiable."""

    amend: AmendRefund
    clock: Clock

    async def __call__(
        self, tenant_id: TenantId, refund_id: RefundId, seen: RefundVerification
    ) -> Refund:
        now = self.clock.now()

        def change(found: Refund) -> Refund:
            if not found.with_person:
                raise NotVerifiable(
                    f"refund {found.id} is {found.status} and needs no verification"
                )
            refused = Failure(FailureCode.UNKNOWN, seen.reason, FailureKind.DECLINED)
            said = Evidence(
                id=f"{found.id}:person:{len(found.evidence)}",
                rank=Rank.PERSON,
                answer=(
                    Succeeded(amount=found.amount) if seen.returned else Declined(failure=refused)
                ),
                at=now,
                cause=f"{seen.operator}: {seen.reason}",
                send=found.sends,
            )
            return found.hear(said)

        return await self.amend(tenant_id, refund_id, change)
