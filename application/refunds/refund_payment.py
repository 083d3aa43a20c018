"""Use case: give some of a payment back, once per request."""

from collections.abc import Callable
from dataclasses import dataclass

from application.answers import LEASE, Answer, RequestKey, known
from application.payments.amend import TRIES, refund_job
from application.refunds.send_refund import SendRefund
from domain.errors import Conflict, Overloaded, RefundUnsupported, Refused
from domain.ids import PaymentId, RefundId, TenantId
from domain.money import Money
from domain.payments.events import Event, EventType
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.providers import Providers
from domain.ports.unit_of_work import KeyRecord, UnitOfWork, Units
from domain.values import replace

Render = Callable[[Refund], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefund:
    """`amount` None gives back all that remains."""

    tenant_id: TenantId
    payment_id: PaymentId
    amount: Money | None
    reason: str


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """Reserve, store, send, store. The reservation is guarded by the payment's version, so
    parallel refunds never give back more than was paid; a lost answer is asked about by the worker.

    Raises NotFound, PaymentNotRefundable, RefundExceedsPayment, RefundUnsupported, KeyReused,
    KeyInProgress, Overloaded.
    """

    units: Units
    providers: Providers
    send: SendRefund
    clock: Clock
    ids: Ids

    async def __call__(self, new: NewRefund, key: RequestKey, render: Render) -> Answer:
        refund_id = self.ids.refund_id()
        for _ in range(TRIES):
            if (again := await self._again(new, key, render)) is not None:
                return again
            async with self.units(new.tenant_id) as unit:
                payment = await unit.payments.get(new.payment_id)
                refund = self._submitted(new, payment, refund_id)
                record = key.record(refund.id, refund.created_at)
                unit.keys.add(record)
                unit.payments.save(payment.reserve(refund.amount))
                unit.refunds.add(refund)
                unit.jobs.enqueue(refund_job(refund, self._first_ask_s(refund)))
                try:
                    await unit.commit()
                except Conflict:
                    continue
            return await self._sent(new, key, refund, record, render)
        raise Overloaded(f"payment {new.payment_id} is too busy; try again")

    def _first_ask_s(self, refund: Refund) -> int:
        return self.providers.profiles[refund.provider].next_ask_s(0)

    def _submitted(self, new: NewRefund, payment: Payment, refund_id: RefundId) -> Refund:
        now = self.clock.now()
        amount = new.amount if new.amount is not None else payment.refundable
        payment.reserve(amount)  # says no first, before what the provider can do is looked at
        attempt = payment.current
        if attempt is None:
            raise Refused(f"payment {payment.id} has no attempt")
        profile = self.providers.profiles[attempt.provider]
        if not profile.refunds:
            raise RefundUnsupported(f"{profile.title} can't refund; give it back by hand")
        if amount != attempt.charged and not profile.partial_refunds:
            raise RefundUnsupported(f"{profile.title} refunds whole payments only")
        refund = Refund(
            id=refund_id,
            tenant_id=new.tenant_id,
            payment_id=payment.id,
            attempt_id=attempt.id,
            account_id=attempt.account_id,
            provider=attempt.provider,
            amount=amount,
            reason=new.reason,
            created_at=now,
            updated_at=now,
        ).submit(now)
        told = Event(
            EventType.REFUND_CREATED,
            now,
            f"api: {new.reason}" if new.reason else "api",
            attempt.id,
            refund_id,
            {"amount": amount.major},
        )
        return replace(refund, events=(told,))

    async def _sent(
        self, new: NewRefund, key: RequestKey, refund: Refund, record: KeyRecord, render: Render
    ) -> Answer:
        """Once the lease is over another request may have answered: its answer is the answer."""
        answers: list[Answer] = []

        def finish(unit: UnitOfWork, moved: Refund) -> None:
            answers.clear()
            if self.clock.now() < record.created_at + LEASE:
                answers.append(render(moved))
                unit.keys.complete(record, answers[-1].status, answers[-1].body)

        sent = await self.send.call(refund, finish)
        return answers[-1] if answers else await self._again(new, key, render) or render(sent)

    async def _again(self, new: NewRefund, key: RequestKey, render: Render) -> Answer | None:
        found = await known(self.units, new.tenant_id, key, self.clock.now())
        if found is None or found.answer is not None:
            return found.answer if found is not None else None
        async with self.units(new.tenant_id) as unit:
            refund = await unit.refunds.get(RefundId(found.record.resource_id))
            answer = render(refund)
            unit.keys.complete(found.record, answer.status, answer.body)
            try:
                await unit.commit()
            except Conflict:  # another repeat was first: its answer is the answer
                return await self._again(new, key, render)
        return answer
