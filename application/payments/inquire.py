"""Use case: ask the provider what became of an attempt, and follow where the answer leads."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.deadlines import shows_at
from application.payments.amend import AmendPayment
from application.payments.send_attempt import SendAttempt
from domain.errors import Invalid, NotFound, Unreadable
from domain.ids import AttemptId, PaymentId, TenantId
from domain.payments.attempt import Attempt, AttemptStatus
from domain.payments.evidence import Evidence, Rank, is_news
from domain.payments.outcome import (
    Answer,
    Declined,
    NotSent,
    Pending,
    Unknown,
)
from domain.payments.outcome import NotFound as ProviderNotFound
from domain.payments.payment import Payment
from domain.ports.clock import Clock
from domain.ports.jobs import Job
from domain.ports.providers import Cancels, Lookup, Providers, able
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.providers.profile import DAY_S, Profile

CLOSING: Final = timedelta(seconds=DAY_S)  # how long we try to close what has expired
CLOSED_S: Final = 60  # until the second try; then after as long again as it has been expired


@dataclass(frozen=True, slots=True)
class Inquire:
    """Only an answer closes an attempt, never a timer: expiry asks (and cancels, where the
    provider can), and past the provider's horizon a person decides. What is known to wait for its
    payer is in nobody's doubt before it has expired, and for a day more while it is being closed.
    """

    units: Units
    amend: AmendPayment
    send: SendAttempt
    providers: Providers
    tenants: Tenants
    clock: Clock

    async def __call__(self, tenant_id: TenantId, which: AttemptId, of: PaymentId) -> Payment:
        """The payment as it is after asking. Raises NotFound."""
        async with self.units(tenant_id) as unit:
            payment = await unit.payments.get(of)
        attempt = payment.attempt(which)
        if not attempt.is_live or attempt.in_hand:  # of what is in hand, the clock would end it
            return payment
        answer = await self._ask(attempt, payment)
        return await self.heard(payment, attempt, answer)

    async def hinted(
        self, tenant_id: TenantId, which: AttemptId, of: PaymentId
    ) -> tuple[Payment, bool]:
        """Somebody says that it moved, so a closed attempt is asked about too, unless it succeeded.
        The payment then, and whether its provider was asked and silent. Raises NotFound."""
        async with self.units(tenant_id) as unit:
            payment = await unit.payments.get(of)
        attempt = payment.attempt(which)
        if attempt.status is AttemptStatus.SUCCEEDED or attempt.in_hand:
            return payment, False
        answer = await self._ask(attempt, payment)
        silent = isinstance(answer, Unknown | NotSent)
        return await self.heard(payment, attempt, answer), silent

    async def heard(self, payment: Payment, attempt: Attempt, answer: Answer) -> Payment:
        """Store the answer to a query (or to a cancellation) and send what it permits."""
        profile = self.providers.profiles[attempt.provider]
        now = self.clock.now()

        def change(found: Payment) -> Payment:
            said = self._evidence(attempt, found.attempt(attempt.id), profile, answer)
            moved = found if said is None else found.hear(attempt.id, said)
            if now >= _horizon(moved, attempt.id, profile) and not attempt.offline:
                moved = moved.hand_over(attempt.id, now)
            return moved

        amended = await self.amend(payment.tenant_id, payment.id, change, payment=payment)
        return await self.send(amended.payment, amended.opened)

    async def _ask(self, attempt: Attempt, payment: Payment) -> Answer:
        try:
            account = await self.tenants.account(attempt.account_id)
            client = self.providers.open(account)
        except (NotFound, Unreadable, Invalid):
            return Unknown(reason="the account is gone or can't be read")
        lookup = lookup_of(payment, attempt)
        deadlines = self.providers.deadlines(account)
        answer = await client.find(lookup, timeout_s=deadlines.query_s)
        expired = self.clock.now() >= payment.intent.expires_at
        if expired and isinstance(answer, Pending) and able(client, Cancels):
            answer = await client.cancel(lookup, timeout_s=deadlines.cancel_s)
        return answer

    def _evidence(
        self, asked_about: Attempt, attempt: Attempt, profile: Profile, answer: Answer
    ) -> Evidence | None:
        """None when the answer says nothing new, or is a no to a question that was put before the
        attempt had the reference under which money moves since. Its id follows from what was heard
        before it is stored, so that two queries at once never take each other's."""
        if attempt.in_hand:  # a proof came while the question was on its way
            return None
        prepared_since = asked_about.provider_reference is None and attempt.provider_reference
        if prepared_since and isinstance(answer, Declined | ProviderNotFound):
            return None
        now = self.clock.now()
        if isinstance(answer, NotSent):  # the query was not sent: that says nothing of the charge
            answer = Unknown(reason=answer.reason)
        if isinstance(answer, Unknown) and attempt.evidence:
            return None
        promises = profile.promises
        shown = now >= shows_at(attempt.opened_at, promises.visibility_s)
        conclusive = isinstance(answer, ProviderNotFound) and promises.strongly_consistent and shown
        asked = [one for one in attempt.evidence if one.rank is Rank.QUERY]
        if not is_news(answer, asked, conclusive=conclusive):
            return None
        return Evidence(
            id=f"{attempt.id}:query:{len(attempt.evidence)}",
            rank=Rank.TIMEOUT if isinstance(answer, Unknown) else Rank.QUERY,
            answer=answer,
            at=now,
            cause=f"query of {attempt.provider}",
            conclusive=conclusive,
        )


@dataclass(frozen=True, slots=True)
class InquireJob:
    """The ladder: ask, then ask again later, until the attempt is final or a person has it."""

    inquire: Inquire
    providers: Providers
    clock: Clock

    async def __call__(self, job: Job) -> datetime | None:
        which = AttemptId(job.about["attempt"])
        payment = await self.inquire(job.tenant_id, which, PaymentId(job.about["payment"]))
        attempt = payment.attempt(which)
        if not attempt.is_live or attempt.with_person:
            return None
        now, expires_at = self.clock.now(), payment.intent.expires_at
        profile = self.providers.profiles[attempt.provider]
        later_s: float = profile.next_ask_s(job.tries)
        if now < expires_at:
            return min(now + timedelta(seconds=later_s), expires_at)
        if attempt.status is AttemptStatus.PENDING and profile.cancels:  # it could not be closed
            since_s = (now - expires_at).total_seconds()
            later_s = min(later_s, max(CLOSED_S, since_s))
        return now + timedelta(seconds=later_s)


def _horizon(payment: Payment, which: AttemptId, profile: Profile) -> datetime:
    attempt = payment.attempt(which)
    horizon = attempt.horizon(profile.promises.horizon_s)
    if attempt.status is not AttemptStatus.PENDING:
        return horizon
    return max(horizon, payment.intent.expires_at + CLOSING)


def lookup_of(payment: Payment, attempt: Attempt) -> Lookup:
    """The query about an attempt."""
    return Lookup(
        attempt_id=attempt.id,
        amount=attempt.charged,
        provider_reference=attempt.provider_reference,
        opened_at=attempt.opened_at,
        expires_at=payment.intent.expires_at,
    )
