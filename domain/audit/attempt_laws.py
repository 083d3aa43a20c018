"""Laws of a payment's attempts: their state, the fence, and who paid."""

from typing import Final

from domain.audit.dossier import Dossier, Found
from domain.ids import attempt_id
from domain.payments.attempt import Attempt, AttemptStatus
from domain.payments.outcome import Succeeded
from domain.payments.refund import RefundState
from domain.payments.status import PaymentStatus, status_of
from domain.values import replace

FOLDED: Final = (
    "status",
    "failure",
    "elsewhere",
    "mismatch",
    "contradiction",
    "taken",
    "provider_reference",
    "next_action",
    "finished_at",
)


def state_follows_evidence(dossier: Dossier) -> Found:
    """An attempt is the fold of its evidence; a refund went back only if somebody said so."""
    for one in dossier.payment.attempts:
        folded = refolded(one)
        for name in FOLDED:
            stored, said = getattr(one, name), getattr(folded, name)
            if stored != said and stored is not AttemptStatus.CREATED:  # nothing was sent yet
                yield one.id, f"{name} is {_word(stored)}, its evidence says {_word(said)}"
    for refund in dossier.refunds:
        moved = any(
            isinstance(said.answer, Succeeded) and said.answer.amount == refund.amount
            for said in refund.evidence
        )
        if refund.state is RefundState.SUCCEEDED and not moved:
            yield refund.id, "is stored as succeeded, and no evidence says so"


def refolded(attempt: Attempt) -> Attempt:
    """The attempt as its evidence makes it."""
    blank = replace(
        attempt,
        status=AttemptStatus.SUBMITTED,
        evidence=attempt.evidence[:-1],
        unsaved=(),
        next_action=None,
        failure=None,
        elsewhere=False,
        mismatch=False,
        contradiction=False,
        taken=None,
        finished_at=None,
    )
    return blank.hear(attempt.evidence[-1]) if attempt.evidence else blank


def one_fence(dossier: Dossier) -> Found:
    """Attempts stand in a row, and one at most may hold live money."""
    payment = dossier.payment
    holders = [one.id for one in payment.attempts if one.fence]
    if len(holders) > 1:
        yield payment.id, f"{len(holders)} attempts may hold its money: {', '.join(holders)}"
    for place, one in enumerate(payment.attempts, 1):
        if (one.number, one.id) != (place, attempt_id(payment.id, place)):
            yield one.id, f"stands at place {place} of the payment's attempts"


def paid_by_one_success(dossier: Dossier) -> Found:
    """The money that is kept is one attempt's; every other success is on its way back."""
    payment = dossier.payment
    by_number = {one.number: one for one in payment.attempts}
    if payment.paid_by is not None:
        payer = by_number.get(payment.paid_by)
        if payer is None:
            yield payment.id, f"is paid by attempt {payment.paid_by}, which it does not have"
        elif payer.status is not AttemptStatus.SUCCEEDED:
            yield payment.id, f"is paid by {payer.id}, which is {payer.status}"
    for one in payment.attempts:
        kept = one.status is AttemptStatus.SUCCEEDED and not one.surplus
        if kept and one.number != payment.paid_by:
            yield one.id, "took money that neither pays the payment nor goes back"


def status_follows_attempts(dossier: Dossier) -> Found:
    payment = dossier.payment
    if payment.paid_by is not None:
        expected = PaymentStatus.SUCCEEDED
    elif payment.attempts:
        expected = status_of(payment.attempts)
    else:
        expected = PaymentStatus.FAILED  # nobody could take it
    if payment.status is not expected:
        yield payment.id, f"is {payment.status}, its attempts make it {expected}"


def _word(value: object) -> str:
    """Short, whatever it is."""
    return str(value) if isinstance(value, str | bool) or value is None else "something else"
