"""Use case: send a refund once, or ask about one that was sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.deadlines import may_begin, shows_at
from application.refunds.amend_refund import AlsoRefund, AmendRefund, no_key
from domain.errors import CauriError, Invalid, NotFound, Unreadable
from domain.ids import RefundId
from domain.payments.evidence import Evidence, Rank, is_news
from domain.payments.outcome import (
    Answer,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NotSent,
    Succeeded,
    Unknown,
)
from domain.payments.outcome import NotFound as ProviderNotFound
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RefundState
from domain.ports.clock import Clock
from domain.ports.jobs import Job
from domain.ports.providers import PaymentProvider, Providers, RefundOrder, Refunds, able
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.providers.deadlines import Deadlines

RETRY_S: Final = (30, 60, 120, 300, 900, 1800, 3600, 7200, 14_400)  # after a sure "not executed"
UNABLE: Final = Declined(
    failure=Failure(
        FailureCode.INVALID_REQUEST,
        "The provider can't refund; give it back by hand.",
        FailureKind.INVALID,
    )
)


@dataclass(frozen=True, slots=True)
class SendRefund:
    """`call` sends what was just written ahead as SUBMITTED; `ask` only asks."""

    units: Units
    amend: AmendRefund
    providers: Providers
    tenants: Tenants
    clock: Clock

    async def call(self, refund: Refund, also: AlsoRefund | None = None) -> Refund:
        """Send it. The caller has just committed it as SUBMITTED, and nobody else has."""
        answer = await self._sent(refund)
        rank = Rank.TIMEOUT if isinstance(answer, Unknown) else Rank.REPLY
        return await self._heard(refund, answer, rank, also)

    async def _sent(self, refund: Refund) -> Answer:
        try:
            client, order, deadlines = await self._order(refund)
        except CauriError:
            return NotSent("the account is gone or can't be read")
        if not able(client, Refunds):
            return UNABLE
        if not may_begin(refund.updated_at, self.clock.now()):  # others may have given it up
            return NotSent("too late to begin")
        return await client.refund(order, timeout_s=deadlines.refund_s)

    async def ask(self, refund: Refund) -> Refund:
        """Ask what became of it."""
        try:
            client, order, deadlines = await self._order(refund)
        except (NotFound, Unreadable, Invalid):
            return refund
        if not able(client, Refunds):
            return refund
        answer = await client.find_refund(order, timeout_s=deadlines.query_s)
        if isinstance(answer, Unknown | NotSent):  # the query failed: that says nothing
            return refund
        return await self._heard(refund, answer, Rank.QUERY)

    async def submit(self, refund: Refund) -> Refund | None:
        """Write ahead a refund that was never sent, or certainly not executed. None when
        somebody else did."""
        mine = False

        def change(found: Refund) -> Refund:
            nonlocal mine
            mine = found.state is RefundState.CREATED and not found.with_person
            return found.submit(self.clock.now()) if mine else found

        stored = await self.amend(refund.tenant_id, refund.id, change)
        return stored if mine else None

    async def hand_over(self, refund: Refund) -> Refund:
        """Nobody knows, and the provider is asked no more: a person decides."""
        now = self.clock.now()
        return await self.amend(refund.tenant_id, refund.id, lambda found: found.hand_over(now))

    async def _order(self, refund: Refund) -> tuple[PaymentProvider, RefundOrder, Deadlines]:
        async with self.units(refund.tenant_id) as unit:
            payment = await unit.payments.show(refund.payment_id)
        account = await self.tenants.account(refund.account_id)
        client, deadlines = self.providers.open(account), self.providers.deadlines(account)
        return client, order_of(refund, payment), deadlines

    async def _heard(
        self, asked: Refund, answer: Answer, rank: Rank, also: AlsoRefund | None = None
    ) -> Refund:
        """`asked` is the refund as it was when its provider was called."""

        def change(found: Refund) -> Refund:
            said = self._evidence(found, asked.sends, answer, rank)
            return found if said is None else found.hear(said)

        return await self.amend(asked.tenant_id, asked.id, change, also=also or no_key)

    def _evidence(self, found: Refund, send: int, answer: Answer, rank: Rank) -> Evidence | None:
        """About that sending; None when a query says nothing new."""
        now, promises = self.clock.now(), self.providers.profiles[found.provider].promises
        shown = now >= shows_at(found.updated_at, promises.visibility_s)
        conclusive = isinstance(answer, ProviderNotFound) and promises.strongly_consistent and shown
        what, number = ("query", f":{len(found.evidence)}") if rank is Rank.QUERY else ("reply", "")
        asked = [one for one in found.evidence if (one.send, one.rank) == (send, Rank.QUERY)]
        settles = found.contested and isinstance(answer, Succeeded)
        news = settles or is_news(answer, asked, conclusive=conclusive)
        if rank is Rank.QUERY and not news:
            return None
        return Evidence(
            id=f"{found.id}:{send}:{what}{number}",
            rank=rank,
            answer=answer,
            at=now,
            cause=f"{what} of {found.provider}",
            conclusive=conclusive,
            send=send,
        )


@dataclass(frozen=True, slots=True)
class SendRefundJob:
    """Sends what is CREATED, asks about what is SUBMITTED, until it is final or a person has it:
    past the provider's horizon nobody is asked any more."""

    units: Units
    send: SendRefund
    providers: Providers
    clock: Clock

    async def __call__(self, job: Job) -> datetime | None:
        async with self.units(job.tenant_id) as unit:
            refund = await unit.refunds.get(RefundId(job.about["refund"]))
        if refund.with_person:
            return None
        if refund.state is RefundState.CREATED:
            submitted = await self.send.submit(refund)
            refund = await self.send.call(submitted) if submitted is not None else refund
        elif refund.state is RefundState.SUBMITTED:
            refund = await self.send.ask(refund)
        if refund.state is RefundState.SUBMITTED and self.clock.now() >= self.horizon(refund):
            refund = await self.send.hand_over(refund)
        return self.next_try(refund, job.tries)

    def horizon(self, refund: Refund) -> datetime:
        """When a person is asked instead of the provider."""
        return refund.horizon(self.providers.profiles[refund.provider].promises.refunds_end_s)

    def next_try(self, refund: Refund, tries: int) -> datetime | None:
        """When to look again; None when it is final, or with a person."""
        if refund.is_final or refund.with_person:
            return None
        now, horizon = self.clock.now(), self.horizon(refund)
        if refund.state is RefundState.CREATED:
            return now + timedelta(seconds=RETRY_S[min(refund.sends, len(RETRY_S) - 1)])
        later = now + timedelta(seconds=self.providers.profiles[refund.provider].next_ask_s(tries))
        return min(later, horizon) if now < horizon else later


def order_of(refund: Refund, payment: Payment) -> RefundOrder:
    """What the provider is asked to give back."""
    attempt = payment.attempt(refund.attempt_id)
    return RefundOrder(
        refund_id=refund.id,
        attempt_id=attempt.id,
        amount=refund.amount,
        paid=attempt.took,
        reason=refund.reason,
        provider_reference=attempt.provider_reference,
        refund_reference=refund.provider_reference,
        paid_at=attempt.finished_at,
    )
