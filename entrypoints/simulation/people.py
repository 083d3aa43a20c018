"""The people behind the desk: they take cash, and say whether money moved when machines can't."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from application.correlation import CORRELATION
from application.payments.verify_payment import Verification, VerifyPayment
from application.refunds.verify_refund import RefundVerification, VerifyRefund
from domain.errors import CauriError, NotVerifiable
from domain.ids import PaymentId, TenantId
from domain.payments.attempt import Attempt, AttemptStatus
from domain.payments.outcome import Succeeded
from domain.payments.payment import Payment
from domain.payments.status import needs_person
from entrypoints.simulation.companies import CLOSED, Company
from entrypoints.simulation.platform import Platform
from entrypoints.simulation.stored import Storage
from entrypoints.simulation.world import World

SUCCEEDED: Final = AttemptStatus.SUCCEEDED
ROUND_S: Final = 6 * 3600.0  # between two looks at the verification queue
TRIES: Final = 20

Known = Callable[[], Iterator[tuple[TenantId, PaymentId]]]


@dataclass(slots=True)
class People:
    """They see the companies' dashboards, and decide only about what has ended there: a person who
    guesses can be wrong, and then no program can help. `till` is the cash that was taken."""

    world: World
    storage: Storage
    companies: dict[str, Company]
    door: Callable[[str], Platform | None]
    known: Known
    till: set[str] = field(default_factory=set)

    async def __call__(self) -> None:
        """Rounds without end."""
        while True:
            await asyncio.sleep(ROUND_S)
            for tenant_id, payment_id in list(self.known()):
                payment = self.storage.payment(tenant_id, payment_id)
                if any(needs_person(one) for one in payment.attempts):  # paid by another, or not
                    await self._decide(payment)
                elif not self.world.faults.on:
                    self._reconcile(payment)
                if payment.reserved_minor or any(one.surplus for one in payment.attempts):
                    await self._refunds(payment)

    async def _refunds(self, payment: Payment) -> None:
        """Those that machines can't end: they look whether it went back, and give back by hand
        what nobody else will ask for."""
        stored = self.storage.dossier(payment.tenant_id, payment.id).refunds
        for refund in sorted(stored, key=lambda one: one.id):
            if not refund.with_person:
                continue
            company = self.companies[refund.provider]
            returned = company.given[refund.id] > 0
            if not returned and refund.surplus:
                for booked in company.of(refund.attempt_id):
                    returned = company.give_back(refund.id, booked, refund.amount.minor)
            seen = RefundVerification(returned=returned, reason="looked it up", operator="ada")
            await self._insist(
                f"refund {refund.id}",
                lambda door, one=refund, seen=seen: door.get(VerifyRefund)(  # type: ignore[misc]
                    one.tenant_id, one.id, seen
                ),
            )

    def _reconcile(self, payment: Payment) -> None:
        """A company that said no, and kept money without a word that reached us, is in no query of
        ours: its statement shows it, and somebody has the callback sent again."""
        for attempt in payment.attempts:
            company = self.companies.get(attempt.provider)
            for booked in company.of(attempt.id) if company else ():
                taken = booked.status == "succeeded" and attempt.status is not SUCCEEDED
                heard = any(isinstance(one.answer, Succeeded) for one in attempt.evidence)
                if company and taken and not heard and attempt.id in company.said_no:
                    company.tell_again(booked)

    async def cash(self, payment: Payment) -> None:
        """Somebody may come with cash, in time or after it, or not at all."""
        name = self.world.names(payment.id)
        if self.world.chance(f"cash/{name}") < 0.6:
            await asyncio.sleep(5000 * self.world.chance(f"comes/{name}"))
            await self._say(self.storage.payment(payment.tenant_id, payment.id), received=True)

    async def _decide(self, payment: Payment) -> None:
        try:
            attempt = payment.verifiable()
        except NotVerifiable:
            return
        if attempt.offline:
            return
        truth = self._truth(attempt)
        if truth is not None:
            await self._say(payment, received=truth)

    def _truth(self, attempt: Attempt) -> bool | None:
        """None while the company's books may still move."""
        charges = self.companies[attempt.provider].of(attempt.id)
        if any(one.status not in (*CLOSED, "succeeded") for one in charges):
            return None
        return any(one.status == "succeeded" for one in charges)

    async def _say(self, payment: Payment, *, received: bool) -> None:
        """Until it is heard. A lost answer is asked about by trying again: then it is too late."""
        seen = Verification(received=received, reason="looked it up", operator="ada")
        await self._insist(
            f"payment {payment.id}",
            lambda door: door.get(VerifyPayment)(payment.tenant_id, payment.id, seen),
        )

    async def _insist(self, about: str, verify: Callable[[Platform], Any]) -> None:
        name = self.world.names(about)
        for number in range(TRIES):
            await asyncio.sleep(60 * number)
            if (door := self.door(f"desk/{name}")) is None:
                continue
            task = door.process.spawn(_said(f"desk {name}", verify(door)))
            done, _ = await asyncio.wait({task}, timeout=90)
            if done and task.result():
                return


async def _said(about: str, verify: Any) -> bool:
    CORRELATION.set(about)
    try:
        await verify
    except NotVerifiable:
        return True
    except CauriError:
        return False
    return True
