"""Laws of amounts: what is asked for, what goes back."""

from collections.abc import Sequence

from domain.audit.dossier import Dossier, Found
from domain.fees.schedule import WHOLE_BPS
from domain.payments.evidence import Rank
from domain.payments.refund import MOST_SENDS, Refund, RefundState


def refunds_add_up(dossier: Dossier) -> Found:
    """Never more than was paid; what is reserved and returned is the sum of the refunds."""
    payment = dossier.payment
    asked = [one for one in dossier.refunds if not one.surplus]
    reserved = _minor([one for one in asked if not one.is_final])
    refunded = _minor([one for one in asked if one.state is RefundState.SUCCEEDED])
    if payment.reserved_minor != reserved:
        yield payment.id, f"reserves {payment.reserved_minor}, its open refunds are {reserved}"
    if payment.refunded_minor != refunded:
        yield payment.id, f"returned {payment.refunded_minor}, its refunds are {refunded}"
    if (back := max(payment.refunded_minor + payment.reserved_minor, refunded + reserved)) > (
        payment.amount.minor
    ):
        yield payment.id, f"would give back {back} of {payment.amount.minor}"
    attempts = {one.id: one for one in payment.attempts}
    for one in dossier.refunds:
        paid = attempts.get(one.attempt_id)
        if paid is None:
            yield one.id, f"is of {one.attempt_id}, which is no attempt of its payment"
        elif one.amount.currency != paid.charged.currency or not (
            0 < one.amount.minor <= paid.took.minor
        ):
            yield one.id, f"gives back {one.amount.major} of {paid.took.major}"


def surplus_goes_back(dossier: Dossier) -> Found:
    """What does not pay the payment is given back, whole, and soon; what its provider does not
    take back is with a person, or a person has decided."""
    for one in dossier.payment.attempts:
        back = [ref for ref in dossier.refunds if ref.surplus and ref.attempt_id == one.id]
        if one.surplus and not back:
            yield one.id, "is a second success, and nothing gives it back"
        for ref in back:
            if ref.amount != one.took:
                yield ref.id, f"gives back {ref.amount.major} of the {one.took.major} it took"
            decided = any(said.rank >= Rank.PERSON for said in ref.evidence)
            if ref.with_person or decided:
                continue
            if ref.state is RefundState.FAILED:
                yield ref.id, f"has failed, and {one.provider} still has what was paid twice"
            elif ref.sends > MOST_SENDS and not ref.is_final:
                yield ref.id, f"was sent {ref.sends} times, and {one.provider} never took it"


def amounts_agree(dossier: Dossier) -> Found:
    """What a payer is asked for is the amount, with the fee where the payer bears it."""
    amount, bearer = dossier.payment.amount, dossier.payment.intent.bearer
    if amount.minor <= 0:
        yield dossier.payment.id, f"is about {amount.major} {amount.currency.code}"
    for one in dossier.payment.attempts:
        fee = one.fee
        if fee.currency != amount.currency or one.charged.currency != amount.currency:
            yield one.id, f"is not in {amount.currency.code}"
        elif fee.bearer is not bearer or one.charged != fee.charged(amount):
            charged = f"charges {one.charged.major} for {amount.major}"
            yield one.id, f"{charged} with a fee of {fee.amount.major} borne by the {bearer}"
        elif fee.minor < 0 or fee.percentage_minor != (
            (amount.minor * fee.rate_bps * 2 + WHOLE_BPS) // (2 * WHOLE_BPS)
        ):
            yield one.id, f"its fee is not {fee.rate_bps} basis points of {amount.major}"


def _minor(refunds: Sequence[Refund]) -> int:
    return sum(one.amount.minor for one in refunds)
