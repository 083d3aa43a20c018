"""What one payment has earned its customer so far, and should have."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from domain.ids import JournalId, PaymentId, TenantId
from domain.money import Money
from domain.payments.payment import Payment
from domain.tenants.reward_rule import RewardRule
from domain.values import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """Of one payment. The rule is the one of the moment it was paid: a later change of the
    tenant's rule does not alter it, not even when the payment is refunded."""

    payment_id: PaymentId
    tenant_id: TenantId
    customer_id: str
    rule: RewardRule
    created_at: datetime
    granted_minor: int = 0  # in the wallet now
    version: int = 0  # moves of the wallet so far

    def due(self, payment: Payment) -> Money:
        """What is to be added to the wallet now; negative is to be taken back."""
        if (left := kept(payment)) is None:
            return Money(0, self.rule.unit)
        return self.rule.earned(left) - Money(self.granted_minor, self.rule.unit)

    def granted(self, more: Money) -> Self:
        """After so much was added, or taken back."""
        return replace(self, granted_minor=self.granted_minor + more.minor)

    @property
    def next_journal(self) -> JournalId:
        """Of the next move. It follows from the payment and the number of moves so far, so the
        same move can't be posted twice, whatever else goes wrong."""
        return JournalId(f"jrn_{self.payment_id[4:]}W{self.version:04d}")


def kept(payment: Payment) -> Money | None:
    """What the merchant has of it, less what was refunded. None while its success is disputed:
    what was granted stays as it is until that is decided."""
    zero = Money(0, payment.amount.currency)
    if payment.paid_by is not None:
        return Money(payment.amount.minor - payment.refunded_minor, zero.currency)
    if any(one.is_live and one.contradiction for one in payment.attempts):
        return None
    return zero
