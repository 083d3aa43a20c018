"""A payment and a refund as people read them, and what the exit status says about them."""

from datetime import datetime
from typing import Final

from adapters.cli import show
from adapters.cli.failures import AGAIN, DONE, NO, UNKNOWN
from adapters.cli.words import percentage
from domain.fees.schedule import Bearer, Fee
from domain.money import Money
from domain.payments.attempt import AttemptStatus
from domain.payments.outcome import ActionType, FailureKind, NextAction
from domain.payments.outcome import Unknown as NoAnswer
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.status import PaymentStatus

ENDED: Final = frozenset({PaymentStatus.FAILED, PaymentStatus.CANCELED, PaymentStatus.EXPIRED})


def show_payment(payment: Payment, now: datetime, *more: tuple[str, str]) -> None:
    """All of it, for people; `more` are names and values that stand at the end."""
    current, intent = payment.current, payment.intent
    who = intent.customer
    failure = payment.failure
    show.fields(
        (
            ("Payment", payment.id),
            ("Status", payment.status),
            ("Amount", money(payment.amount)),
            ("Reference", intent.reference),
            ("For", intent.description),
            ("Payer", ", ".join(one for one in (who.name, who.phone, who.email, who.id) if one)),
            ("Provider", current.provider if current is not None else None),
            ("Their reference", current.provider_reference if current is not None else None),
            ("Fee", fee(payment.fee) if payment.fee is not None else None),
            ("Given back", given_back(payment)),
            ("Why", f"{failure.message} ({failure.code})" if failure is not None else None),
            ("Routing", payment.decision.reason),
            ("Made", show.moment(intent.created_at, now)),
            ("Expires", show.moment(intent.expires_at, now) if failure is None else None),
            *more,
        )
    )
    if len(payment.attempts) > 1:
        show.say("")
        show_attempts(payment, now)


def given_back(payment: Payment) -> str | None:
    back = Money(payment.refunded_minor, payment.amount.currency)
    return money(back) if back.minor else None


def show_attempts(payment: Payment, now: datetime) -> None:
    show.table(
        ("Attempt", "Provider", "Status", "Why", "Begun"),
        [
            (
                one.id,
                one.provider,
                one.status,
                one.failure.message if one.failure is not None else "",
                show.ago(one.opened_at, now),
            )
            for one in payment.attempts
        ],
    )


def show_refund(refund: Refund, now: datetime, *more: tuple[str, str]) -> None:
    failure = refund.failure
    show.fields(
        (
            ("Refund", refund.id),
            ("Status", refund.status),
            ("Amount", money(refund.amount)),
            ("Payment", refund.payment_id),
            ("Provider", refund.provider),
            ("Reason", refund.reason),
            ("Why", f"{failure.message} ({failure.code})" if failure is not None else None),
            ("Made", show.moment(refund.created_at, now)),
            *more,
        )
    )


def next_step(payment: Payment) -> str:
    """What happens next, or what to do, in a sentence."""
    current = payment.current
    if outcome(payment) == UNKNOWN:
        return (
            "The provider may or may not have taken it. Don't pay again; "
            f"ask: cauri status {payment.id} --refresh"
        )
    if payment.status is PaymentStatus.SUCCEEDED:
        return "It is paid."
    if payment.status in ENDED:
        return "No money was taken."
    if current is not None and current.next_action is not None:
        return action(current.next_action)
    if payment.status is PaymentStatus.AWAITING_VERIFICATION:
        said = f"cauri verify {payment.id} received --reason …"
        return f"A person must say whether the money came: {said}"
    return "The provider has it; nothing is to be done."


def action(one: NextAction) -> str:
    match one.type:
        case ActionType.REDIRECT:
            return f"The payer opens {one.url}"
        case ActionType.APPROVE_ON_PHONE:
            return one.message or "The payer approves it on the phone."
        case ActionType.SHOW_QR:
            return f"The payer scans this code: {one.payload or one.image_url}"
        case ActionType.SHOW_FORM:
            return "The payer fills in the card form of your own page; --json has what opens it."
    told = one.instructions or "The payer pays offline."
    code = one.reference_code or ""
    return told if code in told else f"{told} Reference: {code}"


def outcome(payment: Payment) -> int:
    """The exit status of whoever tried to take it."""
    current = payment.current
    if current is not None and current.status is AttemptStatus.INDETERMINATE:
        return UNKNOWN
    if payment.status not in ENDED:
        return DONE
    return AGAIN if nobody_could(payment) else NO


def nobody_could(payment: Payment) -> bool:
    """Every provider that was asked was out of service; later it may be taken."""
    failures = [one.failure for one in payment.attempts if one.failure is not None]
    return payment.status is PaymentStatus.FAILED and all(
        one.kind is FailureKind.UNAVAILABLE for one in failures
    )


def refund_outcome(refund: Refund) -> int:
    if refund.is_final:
        return DONE if refund.status == "succeeded" else NO
    last = refund.evidence[-1].answer if refund.evidence else None
    return UNKNOWN if isinstance(last, NoAnswer) else DONE


def money(amount: Money) -> str:
    return f"{amount.major} {amount.currency.code}"


def fee(one: Fee) -> str:
    fixed = Money(one.fixed_minor, one.currency).major
    who = "added to what the payer pays" if one.bearer is Bearer.PAYER else "borne by the merchant"
    return f"{money(one.amount)} ({percentage(one.rate_bps)}% + {fixed}), {who}"
