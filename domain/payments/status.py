"""The words for a payment's state, and how they follow from its attempts."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.money import Money
from domain.payments.attempt import Attempt, AttemptStatus
from domain.payments.events import Event, EventType
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import (
    NO_PROVIDER,
    WRONG_AMOUNT,
    Declined,
    Failure,
    FailureKind,
    Succeeded,
)


class PaymentStatus(StrEnum):
    PENDING = "pending"  # a provider or the customer is expected to act
    AWAITING_VERIFICATION = "awaiting_verification"  # a person must confirm
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"


class RefundStatus(StrEnum):
    """How much of a payment went back."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


OPEN: Final = frozenset({PaymentStatus.PENDING, PaymentStatus.AWAITING_VERIFICATION})
TOLD: Final[Mapping[PaymentStatus, EventType]] = {
    PaymentStatus.PENDING: EventType.PENDING,
    PaymentStatus.AWAITING_VERIFICATION: EventType.AWAITING_VERIFICATION,
    PaymentStatus.SUCCEEDED: EventType.SUCCEEDED,
    PaymentStatus.FAILED: EventType.FAILED,
    PaymentStatus.CANCELED: EventType.CANCELED,
    PaymentStatus.EXPIRED: EventType.EXPIRED,
}
_ENDS: Final = {
    FailureKind.CANCELED: PaymentStatus.CANCELED,
    FailureKind.EXPIRED: PaymentStatus.EXPIRED,
}


def refund_status(refunded_minor: int, amount: Money) -> RefundStatus:
    """How much of `amount` went back."""
    if refunded_minor == 0:
        return RefundStatus.NONE
    return RefundStatus.FULL if refunded_minor >= amount.minor else RefundStatus.PARTIAL


def needs_person(attempt: Attempt) -> bool:
    """Machines can't know: offline money, a wrong amount, a dispute, silence past the horizon."""
    return attempt.is_live and (
        attempt.offline or attempt.mismatch or attempt.contradiction or attempt.with_person
    )


def verifiable(attempt: Attempt, *, paid: bool) -> bool:
    """Whether a person's word about it is waited for, or welcome: offline money may come late, if
    its payment was not `paid` otherwise."""
    late = attempt.offline and attempt.status is AttemptStatus.EXPIRED
    return needs_person(attempt) or (late and not paid)


def status_of(attempts: tuple[Attempt, ...]) -> PaymentStatus:
    """The state of a payment that no attempt has paid."""
    if any(needs_person(one) for one in attempts):
        return PaymentStatus.AWAITING_VERIFICATION
    if not attempts or any(one.is_live for one in attempts):
        return PaymentStatus.PENDING
    failure = attempts[-1].failure
    return _ENDS.get(failure.kind, PaymentStatus.FAILED) if failure else PaymentStatus.FAILED


def why_failed(attempts: tuple[Attempt, ...]) -> Failure:
    """Of a payment that ended without money to keep."""
    if not attempts:
        return NO_PROVIDER
    wrong = WRONG_AMOUNT if attempts[-1].taken is not None else NO_PROVIDER
    return attempts[-1].failure or wrong


def about(kind: EventType, said: Evidence, attempt: Attempt) -> Event:
    """An event that `said` caused, with what a reader of the timeline wants to know."""
    failure = attempt.failure
    data: dict[str, str | int | None] = {"provider": attempt.provider}
    if failure is not None:
        data["failure"] = failure.code
        data["providerCode"] = failure.provider_code
    return Event(kind, said.at, said.cause, attempt.id, data=data)


def noted(before: Attempt, heard: Attempt, said: Evidence) -> tuple[Event, ...]:
    """The events of one attempt that moved from `before` to `heard`."""
    events: tuple[Event, ...] = ()
    differs = heard.mismatch and not before.mismatch
    disputed = heard.contradiction and not before.contradiction
    if differs or disputed or _is_overruled(before, heard, said):
        events = (about(EventType.MISMATCH, said, heard),)
    if heard.status is before.status or heard.status is AttemptStatus.SUCCEEDED:
        return events
    if heard.status is AttemptStatus.PENDING:
        kind = EventType.PENDING
        if heard.offline:
            kind = EventType.AWAITING_VERIFICATION
    elif heard.status is AttemptStatus.INDETERMINATE:
        kind = EventType.ATTEMPT_UNKNOWN
    else:
        kind = EventType.ATTEMPT_CLOSED
    return (*events, about(kind, said, heard))


def _is_overruled(before: Attempt, heard: Attempt, said: Evidence) -> bool:
    """A provider's first final word against what a person or a settlement has decided: it moves
    nothing, and must not be missed."""
    if said.rank >= Rank.PERSON or not isinstance(said.answer, Succeeded | Declined):
        return False
    if not any(one.rank >= Rank.PERSON for one in before.evidence):
        return False
    told = any(_same_word(one, said) and one.rank < Rank.PERSON for one in before.evidence)
    agrees = isinstance(said.answer, Succeeded) is (heard.status is AttemptStatus.SUCCEEDED)
    return not told and not agrees


def _same_word(one: Evidence, other: Evidence) -> bool:
    if isinstance(one.answer, Succeeded) and isinstance(other.answer, Succeeded):
        return one.answer.amount == other.answer.amount
    return isinstance(one.answer, Declined) and isinstance(other.answer, Declined)


def fitting(events: tuple[Event, ...], status: PaymentStatus) -> tuple[Event, ...]:
    """The merchant is not told that a payment waits when, as a whole, it does not: one attempt's
    late answer says nothing of a payment that another has paid."""
    waiting = (EventType.PENDING, EventType.AWAITING_VERIFICATION)
    return tuple(one for one in events if one.type not in waiting or one.type is TOLD[status])


def provable(attempts: tuple[Attempt, ...], *, paid: bool) -> Attempt | None:
    """The attempt for which its payer may hand in a proof, if there is one."""
    waiting = [one for one in attempts if one.offline and one.is_live]
    return waiting[0] if waiting and not paid else None
