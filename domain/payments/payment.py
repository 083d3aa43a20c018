"""The intent to collect one amount once, the attempts at it, and the fence between them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from domain.errors import NotFound, NotVerifiable, PaymentNotCancelable, PaymentNotRefundable
from domain.fees.schedule import Fee
from domain.ids import AttemptId, PaymentId, TenantId
from domain.ledger.journal import Journal
from domain.money import Money
from domain.payments.attempt import Attempt, AttemptStatus
from domain.payments.booking import booked
from domain.payments.events import Event, EventType
from domain.payments.evidence import Evidence, silence
from domain.payments.intent import Intent
from domain.payments.outcome import Failure
from domain.payments.part import check_part
from domain.payments.refund import Returned
from domain.payments.routing import Decision
from domain.payments.status import (
    OPEN,
    TOLD,
    PaymentStatus,
    RefundStatus,
    about,
    fitting,
    noted,
    refund_status,
    status_of,
    verifiable,
    why_failed,
)
from domain.payments.succession import next_attempt, open_attempt
from domain.values import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Immutable: a move is a new value carrying its events. Only evidence moves money's state.

    At most one attempt holds the fence. Attempts open one after another, and the next only when
    the last is known to hold no money; a late success is never lost: it pays the payment, or it
    is surplus and goes back.
    """

    id: PaymentId
    tenant_id: TenantId
    intent: Intent
    decision: Decision
    status: PaymentStatus = PaymentStatus.PENDING
    attempts: tuple[Attempt, ...] = ()
    paid_by: int | None = None  # the number of the attempt whose money is kept
    refunded_minor: int = 0
    reserved_minor: int = 0  # asked back, not yet answered
    updated_at: datetime
    version: int = 0
    events: tuple[Event, ...] = ()  # not stored yet; the repository clears them
    journals: tuple[Journal, ...] = ()  # likewise: what the move did to the ledger
    opened: Attempt | None = None  # opened by this very move, so ours to send; never stored

    @classmethod
    def initiate(
        cls, payment_id: PaymentId, tenant_id: TenantId, intent: Intent, decision: Decision
    ) -> Self:
        """A new payment with its first attempt open, or failed when no provider can take it."""
        at = intent.created_at
        event = Event(EventType.INITIATED, at, "api", data={"provider": decision.chosen})
        new = cls(
            id=payment_id, tenant_id=tenant_id, intent=intent, decision=decision, updated_at=at
        )
        if decision.chosen is None:
            failed = Event(EventType.FAILED, at, "router")
            return replace(new, status=PaymentStatus.FAILED, events=(event, failed))
        first = open_attempt(payment_id, intent.amount, decision, decision.chosen, 1, at)
        waits = PaymentStatus.AWAITING_VERIFICATION if first.offline else PaymentStatus.PENDING
        return replace(new, attempts=(first,), opened=first, status=waits, events=(event,))

    @property
    def amount(self) -> Money:
        return self.intent.amount

    @property
    def current(self) -> Attempt | None:
        """The attempt that paid, else the latest."""
        if self.paid_by is not None:
            return self.attempts[self.paid_by - 1]
        return self.attempts[-1] if self.attempts else None

    @property
    def fee(self) -> Fee | None:
        return self.current.fee if self.current is not None else None

    @property
    def failure(self) -> Failure | None:
        """Why it ended without money; None while it may still be paid."""
        if self.status in OPEN or self.paid_by is not None:
            return None
        return why_failed(self.attempts)

    @property
    def refundable(self) -> Money:
        """What may still be asked back."""
        left = self.amount.minor - self.refunded_minor - self.reserved_minor
        return Money(left if self.paid_by is not None else 0, self.amount.currency)

    @property
    def refund_status(self) -> RefundStatus:
        return refund_status(self.refunded_minor, self.amount)

    def attempt(self, which: AttemptId) -> Attempt:
        """Raises NotFound when it is none of this payment's."""
        for one in self.attempts:
            if one.id == which:
                return one
        raise NotFound(f"attempt {which}")

    def prepared(self, which: AttemptId, provider_reference: str) -> Self:
        """The provider's money-free step is done: its reference is kept before money may move.
        Itself when the attempt was closed meanwhile, so the caller must not go on."""
        attempt = self.attempt(which)
        if not attempt.is_live or attempt.provider_reference is not None:
            return self
        kept = replace(attempt, provider_reference=provider_reference)
        return replace(self, attempts=self._attempts_with(kept), opened=None)

    def hear(self, which: AttemptId, said: Evidence) -> Self:
        """One more thing we were told about one attempt: the only way in which money's state
        moves. Itself when it was known already."""
        before = self.attempt(which)
        heard = before.hear(said)
        if heard is before:
            return self
        events = noted(before, heard, said)
        if heard.status is AttemptStatus.SUCCEEDED:
            return self._collect(before, heard, said, events)
        heard = replace(heard, fence=heard.fence and heard.is_live)
        attempts = self._attempts_with(heard)
        opened = None  # past the expiry the payer is gone
        if self.paid_by is None and self.status in OPEN and said.at < self.intent.expires_at:
            opened = next_attempt(self.id, self.amount, self.decision, attempts, said.at)
        if opened is not None:
            events += (about(EventType.ATTEMPT_OPENED, said, opened),)
            attempts = (*attempts, opened)
        return self._moved(attempts, said, events, opened)

    def hand_over(self, which: AttemptId, at: datetime) -> Self:
        """The provider's horizon has passed and nobody knows: a person decides now."""
        attempt = self.attempt(which)
        if attempt.with_person or not attempt.is_live:
            return self
        heard = replace(attempt.hear(said := silence(which, at)), with_person=True)
        return self._moved(self._attempts_with(heard), said, (), None)

    def hand_in(self, which: AttemptId, said: Evidence, kind: EventType) -> Self:
        """Somebody says that money was sent, or came: a person ends the attempt now, no clock."""
        before = self.attempt(which)
        if (heard := before.hear(said)) is before:
            return self
        heard = replace(heard, with_person=heard.is_live)
        events = (*noted(before, heard, said), about(kind, said, heard))
        return self._moved(self._attempts_with(heard), said, events, None)

    def verifiable(self, attempt_id: str | None = None) -> Attempt:
        """The first attempt that waits for a person's word, or that one. Raises NotVerifiable."""
        for one in self.attempts:
            if attempt_id in (None, one.id) and verifiable(one, paid=self.paid_by is not None):
                return one
        raise NotVerifiable(f"{attempt_id or self.id} needs no verification: it is {self.status}")

    def cancelable(self) -> Attempt:
        """The attempt to cancel at its provider. Raises PaymentNotCancelable."""
        if self.status in OPEN and self.attempts and self.attempts[-1].is_live:
            if self.attempts[-1].in_hand:
                raise PaymentNotCancelable("somebody says that it was paid: verify it")
            return self.attempts[-1]
        raise PaymentNotCancelable(f"payment {self.id} is {self.status}")

    def reserve(self, amount: Money) -> Self:
        """Hold `amount` for a refund before the provider is asked.

        Raises PaymentNotRefundable, RefundExceedsPayment, Invalid.
        """
        if self.paid_by is None:
            raise PaymentNotRefundable(f"payment {self.id} is {self.status}, not succeeded")
        check_part(amount, self.refundable)
        return replace(self, reserved_minor=self.reserved_minor + amount.minor)

    def counting(self, returned: Returned) -> Self:
        """With its refunds counted anew. The doctor finds what went back beyond the amount."""
        reserved, refunded = returned.within(self.amount)
        return replace(self, reserved_minor=reserved, refunded_minor=refunded)

    def _collect(
        self, before: Attempt, heard: Attempt, said: Evidence, events: tuple[Event, ...]
    ) -> Self:
        """Money moved: it pays the payment, or it is surplus and goes back, now or already."""
        surplus = heard.taken is not None or self.paid_by not in (None, heard.number)
        if surplus and not before.surplus:
            heard = replace(heard, surplus=True, fence=False)
            events += (about(EventType.SURPLUS, said, heard),)
        attempts = self._attempts_with(heard)
        if not heard.pays:
            return self._moved(attempts, said, events, None)
        if self.paid_by is None:
            events += (about(EventType.SUCCEEDED, said, heard),)
        return self._now(attempts, heard.number, PaymentStatus.SUCCEEDED, said, events)

    def _moved(
        self,
        attempts: tuple[Attempt, ...],
        said: Evidence,
        events: tuple[Event, ...],
        opened: Attempt | None,
    ) -> Self:
        paid_by = self.paid_by
        if paid_by is not None and not attempts[paid_by - 1].pays:
            paid_by = None  # a higher rank denies it: disputed until a person decides
        status = self.status if paid_by is not None else status_of(attempts)
        told, events = TOLD[status], fitting(events, status)
        if status is not self.status and all(event.type is not told for event in events):
            events += (about(told, said, attempts[-1]),)
        return self._now(attempts, paid_by, status, said, events, opened)

    def _now(
        self,
        attempts: tuple[Attempt, ...],
        paid_by: int | None,
        status: PaymentStatus,
        said: Evidence,
        events: tuple[Event, ...],
        opened: Attempt | None = None,
    ) -> Self:
        """Money that moved is booked in the same value. Time never runs backwards."""
        at = max(said.at, self.updated_at)
        attempts, journals = booked(self.id, self.amount, self.attempts, attempts, paid_by, at)
        return replace(
            self,
            attempts=attempts,
            paid_by=paid_by,
            status=status,
            events=self.events + events,
            journals=self.journals + journals,
            updated_at=at,
            opened=opened,
        )

    def _attempts_with(self, attempt: Attempt) -> tuple[Attempt, ...]:
        return (*self.attempts[: attempt.number - 1], attempt, *self.attempts[attempt.number :])
