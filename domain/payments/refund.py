"""The intent to give some of a payment back. It is sent once; a lost answer is only asked about."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from domain.ids import AccountId, AttemptId, PaymentId, RefundId, TenantId
from domain.money import Money
from domain.payments.events import Event, EventType
from domain.payments.evidence import Evidence, Judgement, Verdict, judge
from domain.payments.outcome import Failure, Succeeded


class RefundState(StrEnum):
    CREATED = "created"  # nothing of it can be at the provider
    SUBMITTED = "submitted"  # sent, or about to be: it may be there
    SUCCEEDED = "succeeded"
    FAILED = "failed"


MOST_SENDS: Final = 16  # a day and a half of backoff; then a refund never taken has failed
ENDS: Final = {
    RefundState.SUCCEEDED: EventType.REFUND_SUCCEEDED,
    RefundState.FAILED: EventType.REFUND_FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """`surplus` refunds give back a second success; they do not count against the payment, and
    are sent until the provider takes them or says no for good: nobody else asks for that money."""

    id: RefundId
    tenant_id: TenantId
    payment_id: PaymentId
    attempt_id: AttemptId
    account_id: AccountId
    provider: str
    amount: Money
    reason: str
    created_at: datetime
    updated_at: datetime
    surplus: bool = False
    state: RefundState = RefundState.CREATED
    sends: int = 0  # how often it was sent after a certain "not executed"
    evidence: tuple[Evidence, ...] = ()
    unsaved: tuple[Evidence, ...] = ()
    provider_reference: str | None = None
    failure: Failure | None = None
    version: int = 0
    events: tuple[Event, ...] = ()

    @property
    def is_final(self) -> bool:
        return self.state in (RefundState.SUCCEEDED, RefundState.FAILED)

    @property
    def status(self) -> str:
        """The public word: pending, succeeded or failed."""
        return self.state if self.is_final else "pending"

    @property
    def mismatched(self) -> bool:
        """Another amount went back than was asked for: a person must look."""
        moved = [one.answer for one in self.evidence if isinstance(one.answer, Succeeded)]
        return any(one.amount != self.amount for one in moved)

    def submit(self, at: datetime) -> Self:
        """Write ahead: from now on it may be at the provider."""
        return replace(self, state=RefundState.SUBMITTED, sends=self.sends + 1, updated_at=at)

    def hear(self, said: Evidence) -> Self:
        """One more thing we were told about it. Itself when it was known already.

        A no that certainly executed nothing and may pass (not reached, service down, payout
        balance low) makes it CREATED again, so it may be sent again with the same id.
        """
        if any(one.id == said.id for one in self.evidence):
            return self
        evidence = (*self.evidence, said)
        judged = judge([one for one in evidence if self._counts(one)], self.amount)
        state, failure = self._state(judged)
        reference = judged.provider_reference or self.provider_reference
        moved = replace(
            self,
            evidence=evidence,
            unsaved=(*self.unsaved, said),
            state=state,
            failure=failure,
            provider_reference=reference,
            updated_at=said.at,
        )
        return moved._told(self, said)

    def _counts(self, one: Evidence) -> bool:
        """A no to an earlier sending says nothing about this one; money that moved always does."""
        return one.send == self.sends or isinstance(one.answer, Succeeded)

    def _state(self, judged: Judgement) -> tuple[RefundState, Failure | None]:
        if judged.verdict is Verdict.SUCCEEDED:
            return RefundState.SUCCEEDED, None
        if self.is_final or judged.verdict is Verdict.OPEN:  # told to all: only money moves it
            return self.state, self.failure
        if judged.verdict is not Verdict.FAILED or judged.mismatch:
            return RefundState.SUBMITTED, None  # it may be there: ask, never send again
        if judged.elsewhere and (self.surplus or self.sends < MOST_SENDS):
            return RefundState.CREATED, judged.failure
        return RefundState.FAILED, judged.failure

    def _told(self, before: Self, said: Evidence) -> Self:
        if self.state is not before.state and self.state in ENDS:
            kind = ENDS[self.state]
        elif self.mismatched and not before.mismatched:
            kind = EventType.MISMATCH
        else:
            return self
        data: dict[str, str | int | None] = {"amount": self.amount.major}
        if self.failure is not None:
            data["failure"] = self.failure.code
        event = Event(kind, said.at, said.cause, self.attempt_id, self.id, data)
        return replace(self, events=(*self.events, event))
