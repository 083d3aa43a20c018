"""Which attempt comes next, and when one may."""

from datetime import datetime

from domain.errors import Invalid
from domain.ids import MOST_ATTEMPTS, PaymentId, attempt_id
from domain.money import Money
from domain.payments.attempt import Attempt
from domain.payments.routing import Decision


def next_attempt(
    payment_id: PaymentId,
    amount: Money,
    decision: Decision,
    attempts: tuple[Attempt, ...],
    at: datetime,
) -> Attempt | None:
    """The next in the decision's order, when every attempt before certainly holds no money and
    the last one's no permits another try; None otherwise."""
    if not attempts[-1].elsewhere or len(attempts) >= MOST_ATTEMPTS:
        return None
    if any(one.is_live or one.fence for one in attempts):
        return None
    tried = {one.provider for one in attempts}
    code = next((code for code in decision.order if code not in tried), None)
    if code is None:
        return None
    return open_attempt(payment_id, amount, decision, code, len(attempts) + 1, at)


def open_attempt(
    payment_id: PaymentId,
    amount: Money,
    decision: Decision,
    provider: str,
    number: int,
    at: datetime,
) -> Attempt:
    """Attempt `number` (1, 2, …) at one of the decision's candidates, holding the fence."""
    candidate = decision.candidate(provider)
    if candidate.fee is None:
        raise Invalid(f"{provider} has no fee schedule")
    return Attempt(
        id=attempt_id(payment_id, number),
        number=number,
        provider=provider,
        account_id=candidate.account_id,
        charged=candidate.fee.charged(amount),
        fee=candidate.fee,
        opened_at=at,
        offline=candidate.offline,
    )
