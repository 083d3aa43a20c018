"""Use case: a person says whether the money came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from application.payments.amend import AmendPayment
from application.payments.send_attempt import SendAttempt
from domain.errors import Invalid, NotVerifiable
from domain.ids import PaymentId, TenantId
from domain.money import Money
from domain.payments.attempt import Attempt
from domain.payments.confirmation import confirmation_id, confirmed
from domain.payments.events import EventType
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import (
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    Pending,
    Succeeded,
)
from domain.payments.payment import Payment
from domain.payments.proof import Proof
from domain.ports.clock import Clock
from domain.ports.providers import FourEyes
from domain.tenants.tenant import ProviderAccount

FIELD: Final = "receivedAmount"
FIRST_ZONE: Final = timedelta(hours=14)  # where a day begins first


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What the person saw. `amount` None means exactly what was due; for `give_back`, what the
    provider said. `attempt_id` None: the money of the attempt that waits at that moment."""

    received: bool
    reason: str
    operator: str
    amount: Money | None = None
    give_back: bool = False  # another amount came than was due, and goes back whole
    bounced: bool = False  # it was received, and its bank has taken that back
    attempt_id: str | None = None


@dataclass(frozen=True, slots=True)
class VerifyPayment:
    """A person's word is evidence too: kept with its reason, above any machine's but settlement.

    A payment collects one amount once: another amount than is due can only go back, whole, and
    so does what was paid twice. Where the account asks for four eyes, the first person's word
    decides nothing, and another's of the same amount does. It is about one attempt, and refused
    when the payment has moved on to another. Raises NotFound, NotVerifiable, Invalid.
    """

    amend: AmendPayment
    send: SendAttempt
    clock: Clock

    async def __call__(
        self, tenant_id: TenantId, payment_id: PaymentId, seen: Verification
    ) -> Payment:
        now = self.clock.now()
        async with self.amend.units(tenant_id) as unit:
            payment = await unit.payments.get(payment_id)
            proofs = await unit.proofs.of(payment_id)
        if seen.bounced:
            return await self._bounce(payment, seen)
        about = payment.verifiable(seen.attempt_id)
        day = clears_on(about, proofs)
        if seen.received and day is not None and (now + FIRST_ZONE).date() < day:
            raise NotVerifiable(f"the cheque clears on {day}; say then whether it did")
        account = await self.send.tenants.account(about.account_id) if about.offline else None

        def change(found: Payment) -> Payment:
            attempt = found.verifiable(about.id)
            answer = _answer(attempt, seen, paid=found.paid_by is not None)
            if isinstance(answer, Succeeded):
                needed = self._needed(account, answer.amount)
                first = _first_of_two(attempt, answer.amount, seen, now, needed)
                if first is not None:
                    return found.hand_in(attempt.id, first, EventType.CONFIRMED)
            said = Evidence(
                id=f"{attempt.id}:person:{len(attempt.evidence)}",
                rank=Rank.PERSON,
                answer=answer,
                at=now,
                cause=f"{seen.operator}: {seen.reason}",
            )
            return found.hear(attempt.id, said)

        amended = await self.amend(tenant_id, payment_id, change, payment=payment)
        return await self.send(amended.payment, amended.opened)

    def _needed(self, account: ProviderAccount | None, amount: Money) -> int:
        """How many people must have seen that amount."""
        if account is None:
            return 1
        client = self.send.providers.open(account)
        return client.confirmations(amount) if isinstance(client, FourEyes) else 1

    async def _bounce(self, payment: Payment, seen: Verification) -> Payment:
        """A bank's word outranks the person's who saw the money: the payment is not paid, and its
        journal is reversed. Raises NotVerifiable where nothing can bounce."""
        now, profiles = self.clock.now(), self.send.providers.profiles

        def change(found: Payment) -> Payment:
            attempt = found.current
            if (
                found.paid_by is None
                or attempt is None
                or seen.attempt_id not in (None, attempt.id)
                or not profiles[attempt.provider].bounces
            ):
                raise NotVerifiable(f"payment {found.id} is no cheque that was received")
            failure = Failure(FailureCode.BOUNCED, seen.reason, FailureKind.DECLINED)
            said = Evidence(
                id=f"{attempt.id}:bounced",
                rank=Rank.SETTLEMENT,
                answer=Declined(failure=failure),
                at=now,
                cause=f"{seen.operator}: {seen.reason}",
            )
            return found.hear(attempt.id, said)

        amended = await self.amend(payment.tenant_id, payment.id, change, payment=payment)
        return amended.payment


def clears_on(attempt: Attempt, proofs: Sequence[Proof]) -> date | None:
    """The day of the attempt's last proof that names one."""
    days = [one.clears_on for one in proofs if one.attempt_id == attempt.id and one.clears_on]
    return days[-1] if days else None


def _first_of_two(
    attempt: Attempt, amount: Money, seen: Verification, now: datetime, needed: int
) -> Evidence | None:
    """The word of a person whom others must confirm; None when this one is enough. Raises
    NotVerifiable for somebody who said so before."""
    others, mine = confirmed(attempt, amount), confirmation_id(attempt, amount, seen.operator)
    if len(others | {mine}) >= needed:
        return None
    if mine in others:
        raise NotVerifiable("you have confirmed it; now another person must")
    return Evidence(
        id=mine,
        rank=Rank.PERSON,
        answer=Pending(),
        at=now,
        cause=f"{seen.operator}: {seen.reason}",
    )


def _answer(attempt: Attempt, seen: Verification, *, paid: bool) -> Succeeded | Declined:
    """Raises Invalid when that can't have been seen."""
    due = f"{attempt.charged.major} {attempt.charged.currency.code} is due"
    if seen.give_back:
        taken = seen.amount or attempt.told_amount or (attempt.charged if paid else None)
        if taken is None:
            raise Invalid("say how much was received", FIELD)
        if taken.currency != attempt.charged.currency:
            raise Invalid(f"{due}; give {taken.currency.code} back by hand, and reject it", FIELD)
        if taken.minor <= 0:
            raise Invalid("must be more than zero", FIELD)
        if taken == attempt.charged and not paid:
            raise Invalid(f"{due}: it was received; refund it afterwards", FIELD)
        return Succeeded(amount=taken)
    if not seen.received:
        failure = Failure(FailureCode.UNKNOWN, seen.reason, FailureKind.DECLINED)
        return Declined(failure=failure)
    if seen.amount not in (None, attempt.charged):
        raise Invalid(f"{due}; collect the difference, reject it, or return it", FIELD)
    return Succeeded(amount=attempt.charged)
