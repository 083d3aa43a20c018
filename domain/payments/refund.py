"""The intent to give some of a payment back. It is sent once; a lost answer is only asked about.

What was told as done may yet come back: a payout that the bank returns. A no that outranks the
success, or one of its rank that came later, denies it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.ids import AccountId, AttemptId, PaymentId, RefundId, TenantId
from domain.ledger.journal import Journal, JournalKind, reversed_transfers
from domain.money import Money
from domain.payments.booking import given_back
from domain.payments.comeback import came_back, is_denied, takes_back, was_asked_about
from domain.payments.events import Event, EventType
from domain.payments.evidence import Evidence, Judgement, Rank, Verdict, judge, silence
from domain.payments.outcome import Failure, Succeeded
from domain.values import replace


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
BOOKED: Final = {  # by whether it is of a surplus: when the money leaves, and when it comes back
    False: (JournalKind.REFUNDED, JournalKind.REFUND_REVERSED),
    True: (JournalKind.SURPLUS_RETURNED, JournalKind.SURPLUS_RETURN_REVERSED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """`surplus` refunds give back a second success; they do not count against the payment, and
    are sent until the provider takes them or says no for good: nobody else asks for that money.
    One that comes back is sent again when that no may pass; others have failed, and may be asked
    for anew."""

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
    with_person: bool = False  # machines can't know or can't do it: a person decides
    sent_at: datetime | None = None  # the last time it was
    version: int = 0
    events: tuple[Event, ...] = ()
    journals: tuple[Journal, ...] = ()  # like events: the repository stores and clears them

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

    @property
    def contested(self) -> bool:
        """Told as done, and somebody who can't deny it has said since that it came back: whoever
        can is to be asked."""
        return self.state is RefundState.SUCCEEDED and came_back(self._words())

    @property
    def denied(self) -> bool:
        """A person said that it went back, and its provider, asked since, that it came back, which
        decides nothing against a person's word."""
        return self.contested and is_denied(self._words())

    def _words(self) -> list[Evidence]:
        """About the last sending."""
        return [one for one in self.evidence if one.send == self.sends]

    def horizon(self, horizon_s: int) -> datetime:
        """When a person is asked instead of the provider, should it still be there then."""
        return (self.sent_at or self.created_at) + timedelta(seconds=horizon_s)

    def hand_over(self, at: datetime) -> Self:
        """The provider's horizon has passed and nobody knows: a person decides now. What it
        certainly did not execute is sent again instead, for as long as it takes."""
        if self.state is not RefundState.SUBMITTED or self.with_person:
            return self
        said = silence(f"{self.id}:{self.sends}", at)
        heard = self.hear(replace(said, send=self.sends))
        return replace(heard, with_person=True)._told(self, said)

    def submit(self, at: datetime) -> Self:
        """Write ahead: from now on it may be at the provider."""
        at = max(at, self.updated_at)
        return replace(
            self,
            state=RefundState.SUBMITTED,
            sends=self.sends + 1,
            sent_at=at,
            updated_at=at,
        )

    def hear(self, said: Evidence) -> Self:
        """One more thing we were told about it. Itself when it was known already.

        A no that certainly executed nothing and may pass (not reached, service down, payout
        balance low) makes it CREATED again, so it may be sent again with the same id.
        """
        if any(one.id == said.id for one in self.evidence):
            return self
        evidence = (*self.evidence, said)
        counted = [one for one in evidence if self._counts(one, evidence)]
        judged = judge(counted, self.amount, revocable=True)
        state, failure = self._state(judged, counted)
        reference = judged.provider_reference or self.provider_reference
        moved = replace(
            self,
            evidence=evidence,
            unsaved=(*self.unsaved, said),
            state=state,
            failure=failure,
            provider_reference=reference,
            updated_at=max(said.at, self.updated_at),
        )
        moved = replace(moved, with_person=moved._waits(self, said))
        return moved._booked(self)._told(self, said)

    def _counts(self, one: Evidence, heard: tuple[Evidence, ...]) -> bool:
        """A no to an earlier sending says nothing about this one; money that moved always does,
        unless it came back and was therefore sent again."""
        if one.send == self.sends:
            return True
        if not isinstance(one.answer, Succeeded):
            return False
        return not (self.surplus and any(takes_back(other, one) for other in heard))

    def _state(
        self, judged: Judgement, counted: list[Evidence]
    ) -> tuple[RefundState, Failure | None]:
        if judged.verdict is Verdict.SUCCEEDED:
            return RefundState.SUCCEEDED, None
        failed = judged.verdict is Verdict.FAILED and not judged.mismatch
        told = self.state is RefundState.SUCCEEDED
        if self.state is RefundState.FAILED or judged.verdict is Verdict.OPEN:
            return self.state, self.failure  # told to all: only money moves it
        if not failed:  # it may be there: ask, never send again
            return (self.state, self.failure) if told else (RefundState.SUBMITTED, None)
        moved_at = [one.at for one in counted if isinstance(one.answer, Succeeded)]
        disputed = judged.contradiction and judged.at is not None and judged.at <= max(moved_at)
        if disputed and not told:
            return RefundState.SUBMITTED, None
        again = self.sends < MOST_SENDS and not moved_at  # else another may be asked for by now
        if judged.elsewhere and (again or (self.surplus and not disputed)):
            return RefundState.CREATED, judged.failure
        if judged.elsewhere and not moved_at and not was_asked_about(counted):
            return RefundState.SUBMITTED, judged.failure
        return RefundState.FAILED, judged.failure

    def _waits(self, before: Self, said: Evidence) -> bool:
        """Whether a person decides now. A surplus that its provider refuses for good must go back
        some other way; a success after a person's no means that it may have gone back twice, a no
        after a person's yes that it came back."""
        if said.rank >= Rank.PERSON:
            return False
        if self.state is RefundState.SUCCEEDED:
            return self.denied
        if self.state is not RefundState.FAILED:
            return before.with_person or self.mismatched
        if before.state is not RefundState.FAILED:
            return self.surplus
        return before.with_person or isinstance(said.answer, Succeeded)

    def _booked(self, before: Self) -> Self:
        """With the journal of money that has left, or has come back."""
        gone, was = (one.state is RefundState.SUCCEEDED for one in (self, before))
        if gone is was:
            return self
        kind, undone = BOOKED[self.surplus]
        transfers = given_back(self.provider, self.amount, surplus=self.surplus)
        if was:
            kind, transfers = undone, reversed_transfers(transfers)
        journal = Journal(kind, self.updated_at, self.id, transfers, self.payment_id)
        return replace(self, journals=(*self.journals, journal))

    def _told(self, before: Self, said: Evidence) -> Self:
        """With the events of what it became."""
        kinds: list[EventType] = []
        if self.state is not before.state and self.state in ENDS:
            kinds.append(ENDS[self.state])
        elif before.state is RefundState.SUCCEEDED and self.state is not before.state:
            kinds.append(EventType.REFUND_FAILED)  # this time; it is sent again
        elif self.mismatched and not before.mismatched:
            kinds.append(EventType.MISMATCH)
        if self.with_person and not before.with_person:
            kinds.append(EventType.REFUND_AWAITING)
        data: dict[str, str | int | None] = {"amount": self.amount.major}
        if self.failure is not None:
            data["failure"] = self.failure.code
        told = [Event(kind, said.at, said.cause, self.attempt_id, self.id, data) for kind in kinds]
        return replace(self, events=(*self.events, *told)) if told else self


@dataclass(frozen=True, slots=True)
class Returned:
    """What a payment's refunds add up to, in minor units. Those of a surplus do not count."""

    reserved_minor: int = 0  # asked back, not yet answered
    refunded_minor: int = 0

    def moved(self, before: Refund, after: Refund) -> Self:
        """After one of them, stored as `before`, has become `after`."""
        reserved, refunded = self.reserved_minor, self.refunded_minor
        for one, sign in ((before, -1), (after, 1)):
            reserved += 0 if one.is_final else sign * one.amount.minor
            refunded += sign * one.amount.minor if one.state is RefundState.SUCCEEDED else 0
        return replace(self, reserved_minor=reserved, refunded_minor=refunded)

    def within(self, amount: Money) -> tuple[int, int]:
        """Both, and never more together than `amount`: what is reserved comes first."""
        reserved = min(self.reserved_minor, amount.minor)
        return reserved, min(self.refunded_minor, amount.minor - reserved)
