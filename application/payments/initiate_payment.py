"""Use case: take a payment once, however often the client asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.answers import LEASE, Answer, RequestKey, known
from application.payments.amend import AmendPayment
from application.payments.new_payment import NewPayment
from application.payments.route_payment import RoutePayment, Wanted
from application.payments.send_attempt import SendAttempt
from domain.errors import Conflict, DuplicateKey, Invalid
from domain.ids import PaymentId
from domain.payments.intent import Intent
from domain.payments.payment import Payment
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import UnitOfWork, Units

Render = Callable[[Payment], Answer]  # the client's answer to a payment, stored with it


@dataclass(frozen=True, slots=True)
class InitiatePayment:
    """Route, store, send, store; the key's row is born and completed with the payment's.

    A crash in between leaves a payment that says what may have happened; the worker asks the
    provider and never sends again. Raises Invalid (by its kinds) for what nobody could take,
    KeyReused, KeyInProgress, and what a commit raises besides Conflict.
    """

    units: Units
    tenants: Tenants
    route: RoutePayment
    amend: AmendPayment
    send: SendAttempt
    clock: Clock
    ids: Ids

    async def __call__(self, new: NewPayment, key: RequestKey, render: Render) -> Answer:
        now = self.clock.now()
        try:
            payment = await self._payment(new, now)
        except Invalid:  # unless this very request was taken once, when it was possible
            if (answer := await self._again(new, key, render)) is not None:
                return answer
            raise
        record = key.record(payment.id, now, None if payment.opened else render(payment))
        try:
            async with self.units(new.tenant_id) as unit:
                unit.keys.add(record)
                stored = unit.payments.add(payment)
                if payment.opened is not None:
                    unit.jobs.enqueue(self.amend.inquiry(payment, payment.opened))
                await unit.commit()
        except DuplicateKey:
            if (answer := await self._again(new, key, render)) is not None:
                return answer
            raise
        if payment.opened is None:
            return render(stored)
        return await self._sent(new, key, stored, payment, render)

    async def _payment(self, new: NewPayment, now: datetime) -> Payment:
        setup = await self.tenants.setup(new.tenant_id)
        payment_id = self.ids.payment_id()
        wanted = Wanted(
            amount=new.amount,
            country=new.country,
            bearer=new.bearer,
            method=new.method,
            default_method=await self._default_method(new),
            sticky=new.customer.id or payment_id,
            phone=new.customer.phone,
        )
        decision = self.route(setup, wanted, now)
        return Payment.initiate(payment_id, new.tenant_id, _intent(new, payment_id, now), decision)

    async def _default_method(self, new: NewPayment) -> str | None:
        if new.customer.id is None:
            return None
        async with self.units(new.tenant_id) as unit:
            return await unit.defaults.of(new.customer.id)

    async def _sent(
        self, new: NewPayment, key: RequestKey, stored: Payment, payment: Payment, render: Render
    ) -> Answer:
        """Send the first attempt; the key's answer is stored with what came of it. Once the lease
        is over another request may have answered: then its answer is the answer."""
        record = key.record(payment.id, payment.intent.created_at)
        answers: list[Answer] = []

        def finish(unit: UnitOfWork, moved: Payment) -> None:
            answers.clear()
            if self.clock.now() < record.created_at + LEASE:
                answers.append(render(moved))
                unit.keys.complete(record, answers[-1].status, answers[-1].body)

        sent = await self.send(stored, payment.opened, finish=finish)
        return answers[-1] if answers else await self._again(new, key, render) or render(sent)

    async def _again(self, new: NewPayment, key: RequestKey, render: Render) -> Answer | None:
        """The first answer, or, when its process died before it had one, the payment as it is."""
        found = await known(self.units, new.tenant_id, key, self.clock.now())
        if found is None or found.answer is not None:
            return found.answer if found is not None else None
        async with self.units(new.tenant_id) as unit:
            payment = await unit.payments.get(PaymentId(found.record.resource_id))
            answer = render(payment)
            unit.keys.complete(found.record, answer.status, answer.body)
            try:
                await unit.commit()
            except Conflict:  # another repeat was first: its answer is the answer
                return await self._again(new, key, render)
        return answer


def _intent(new: NewPayment, payment_id: PaymentId, now: datetime) -> Intent:
    return Intent(
        amount=new.amount,
        reference=new.reference or payment_id,
        customer=new.customer,
        method=new.method,
        country=new.country,
        bearer=new.bearer,
        description=new.description,
        return_url=new.return_url,
        metadata=new.metadata,
        created_at=now,
        expires_at=now + timedelta(seconds=new.expires_in_s),
    )
