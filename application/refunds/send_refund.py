"""Use case: send a refund once, or ask about one that was sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.refunds.amend_refund import AlsoRefund, AmendRefund, no_key
from domain.errors import NotFound
from domain.ids import RefundId
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Answer, NotSent, Unknown
from domain.payments.outcome import NotFound as ProviderNotFound
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RefundState
from domain.ports.clock import Clock
from domain.ports.jobs import Job
from domain.ports.providers import Providers, RefundOrder, Refunds
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units

REFUND_S: Final = 20.0
RETRY_S: Final = (30, 60, 120, 300, 900, 1800, 3600)  # after a certain "not executed"


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
        client, order = await self._order(refund)
        answer: Answer = Unknown(reason="the account is gone")
        if client is not None:
            answer = await client.refund(order, timeout_s=REFUND_S)
        rank = Rank.TIMEOUT if isinstance(answer, Unknown) else Rank.REPLY
        return await self._heard(refund, answer, rank, "reply", also)

    async def ask(self, refund: Refund) -> Refund:
        """Ask what became of it."""
        client, order = await self._order(refund)
        if client is None:
            return refund
        answer = await client.find_refund(order, timeout_s=REFUND_S)
        if isinstance(answer, Unknown | NotSent):  # the query failed: that says nothing
            return refund
        if answer in [one.answer for one in refund.evidence] and not isinstance(
            answer, ProviderNotFound
        ):
            return refund
        return await self._heard(refund, answer, Rank.QUERY, f"query:{len(refund.evidence)}")

    async def submit(self, refund: Refund) -> Refund | None:
        """Write ahead a refund that was never sent, or certainly not executed. None when
        somebody else did."""
        mine = False

        def change(found: Refund) -> Refund:
            nonlocal mine
            mine = found.state is RefundState.CREATED
            return found.submit(self.clock.now()) if mine else found

        stored = await self.amend(refund.tenant_id, refund.id, change)
        return stored if mine else None

    async def _order(self, refund: Refund) -> tuple[Refunds | None, RefundOrder]:
        async with self.units(refund.tenant_id) as unit:
            payment = await unit.payments.show(refund.payment_id)
        order = order_of(refund, payment)
        try:
            client = self.providers.open(await self.tenants.account(refund.account_id))
        except NotFound:
            return None, order
        return (client if isinstance(client, Refunds) else None), order

    async def _heard(
        self,
        refund: Refund,
        answer: Answer,
        rank: Rank,
        what: str,
        also: AlsoRefund | None = None,
    ) -> Refund:
        profile = self.providers.profiles[refund.provider]
        now = self.clock.now()
        visible = refund.updated_at + timedelta(seconds=profile.promises.visibility_s)
        said = Evidence(
            id=f"{refund.id}:{refund.sends}:{what}",
            rank=rank,
            answer=answer,
            at=now,
            cause=f"{what.partition(':')[0]} of {refund.provider}",
            conclusive=profile.promises.strongly_consistent and now >= visible,
            send=refund.sends,
        )
        return await self.amend(
            refund.tenant_id, refund.id, lambda found: found.hear(said), also=also or no_key
        )


@dataclass(frozen=True, slots=True)
class SendRefundJob:
    """Sends what is CREATED, asks about what is SUBMITTED, until it is final."""

    units: Units
    send: SendRefund
    providers: Providers
    clock: Clock

    async def __call__(self, job: Job) -> datetime | None:
        async with self.units(job.tenant_id) as unit:
            refund = await unit.refunds.get(RefundId(job.about["refund"]))
        if refund.state is RefundState.CREATED:
            submitted = await self.send.submit(refund)
            refund = await self.send.call(submitted) if submitted is not None else refund
        elif refund.state is RefundState.SUBMITTED:
            refund = await self.send.ask(refund)
        return self.next_try(refund, job.tries)

    def next_try(self, refund: Refund, tries: int) -> datetime | None:
        """When to look again; None when it is final."""
        if refund.is_final:
            return None
        if refund.state is RefundState.CREATED:
            delay = RETRY_S[min(refund.sends, len(RETRY_S) - 1)]
        else:
            delay = self.providers.profiles[refund.provider].next_ask_s(tries)
        return self.clock.now() + timedelta(seconds=delay)


def order_of(refund: Refund, payment: Payment) -> RefundOrder:
    """What the provider is asked to give back."""
    attempt = payment.attempt(refund.attempt_id)
    return RefundOrder(
        refund_id=refund.id,
        attempt_id=attempt.id,
        amount=refund.amount,
        paid=attempt.charged,
        reason=refund.reason,
        provider_reference=attempt.provider_reference,
        refund_reference=refund.provider_reference,
        paid_at=attempt.finished_at,
    )
