"""The people behind the desk: they say whether money moved when machines can't."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from application.correlation import CORRELATION
from application.payments.verify_payment import Verification, VerifyPayment
from application.refunds.verify_refund import RefundVerification, VerifyRefund
from domain.errors import CauriError, Invalid, NotProvable, NotVerifiable, TransactionUsed
from domain.ids import PaymentId, TenantId
from domain.payments.attempt import Attempt, AttemptStatus
from domain.payments.outcome import Succeeded
from domain.payments.payment import Payment
from domain.payments.refund import RefundState
from domain.payments.status import needs_person
from entrypoints.simulation.companies import Company
from entrypoints.simulation.platform import Platform
from entrypoints.simulation.stored import Storage
from entrypoints.simulation.world import World

SUCCEEDED: Final = AttemptStatus.SUCCEEDED
ROUND_S: Final = 6 * 3600.0  # between two looks at the verification queue
LATER_S: Final = 24 * 3600.0  # likewise, once all is quiet
TRIES: Final = 20
OPERATORS: Final = ("ada", "bob")

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
    on_its_way: set[str] = field(default_factory=set)  # refunds that they asked for by hand

    async def __call__(self) -> None:
        """Rounds without end."""
        while True:
            await self.world.sleep(ROUND_S if self.world.faults.on else LATER_S)
            failed = set[str]().union(*[one.failed for one in self.companies.values()])
            for tenant_id, payment_id in list(self.known()):
                payment = self.storage.payment(tenant_id, payment_id)
                fell = bool(failed) and self.world.names(payment_id) in failed
                if any(needs_person(one) for one in payment.attempts):  # paid by another, or not
                    await self._decide(payment)
                elif not self.world.faults.on:
                    self._reconcile(payment)
                    if fell:
                        self._came_back(payment)
                if fell or payment.reserved_minor or any(one.surplus for one in payment.attempts):
                    await self._refunds(payment)

    async def _refunds(self, payment: Payment) -> None:
        """Those that machines can't end: they look whether it went back, and give back by hand
        what nobody else will ask for."""
        stored = self.storage.dossier(payment.tenant_id, payment.id).refunds
        for refund in sorted(stored, key=lambda one: one.id):
            company = self.companies[refund.provider]
            company.look()
            returned, by_hand = company.given[refund.id] > 0, refund.id in self.on_its_way
            if not returned and (by_hand or (refund.surplus and refund.with_person)):
                for booked in company.of(refund.attempt_id):
                    minor = refund.amount.minor
                    if company.give_back(refund.id, booked, minor, otherwise=by_hand):
                        self.on_its_way.add(refund.id)
            if not refund.with_person or (not returned and refund.id in self.on_its_way):
                continue  # their next look shows whether it stayed there
            seen = RefundVerification(returned=returned, reason="looked it up", operator="ada")
            await self.insist(
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
            if company is None or attempt.id not in company.said_no:
                continue
            heard = any(isinstance(one.answer, Succeeded) for one in attempt.evidence)
            for booked in company.of(attempt.id):
                taken = booked.status == "succeeded" and attempt.status is not SUCCEEDED
                if taken and not heard:
                    company.tell_again(booked)

    def _came_back(self, payment: Payment) -> None:
        """Refunds that were made and failed afterwards, of which no word reached us: likewise."""
        for refund in self.storage.dossier(payment.tenant_id, payment.id).refunds:
            company = self.companies[refund.provider]
            if refund.state is RefundState.SUCCEEDED and not company.given[refund.id]:
                for booked in company.of(refund.attempt_id):
                    company.tell_again(booked)

    async def _decide(self, payment: Payment) -> None:
        try:
            attempt = payment.verifiable()
        except NotVerifiable:
            return
        if attempt.offline:
            if attempt.in_hand:  # else its time ends it
                await self.say(payment, attempt, received=payment.id in self.till)
        elif (truth := self._truth(attempt)) is not None:
            await self.say(payment, attempt, received=truth)

    def _truth(self, attempt: Attempt) -> bool | None:
        """None while the company's books may still move."""
        company = self.companies[attempt.provider]
        charges = company.of(attempt.id)
        if not all(company.is_over(one) for one in charges):
            return None
        return any(one.status == "succeeded" for one in charges)

    async def say(
        self, payment: Payment, about: Attempt, *, received: bool, bounced: bool = False
    ) -> None:
        """Until it is heard. A lost answer is asked about by trying again: then it is too late.
        Where one person's word is not enough, a second one looks."""
        for operator in OPERATORS:
            seen = Verification(
                received=received,
                reason="looked it up",
                operator=operator,
                bounced=bounced,
                attempt_id=about.id,
            )
            await self.insist(
                f"payment {payment.id}",
                lambda door, seen=seen: door.get(VerifyPayment)(  # type: ignore[misc]
                    payment.tenant_id, payment.id, seen
                ),
            )
            found = self.storage.payment(payment.tenant_id, payment.id)
            if not found.attempts[about.number - 1].in_hand:
                return

    async def insist(self, about: str, verify: Callable[[Platform], Any]) -> None:
        """Do it at some desk, again until it was done or refused."""
        name = self.world.names(about)
        for number in range(TRIES):
            await self.world.sleep(60 * number)
            if (door := self.door(f"desk/{name}")) is None:
                continue
            task = door.process.spawn(_said(f"desk {name}", verify(door)))
            if any(await self.world.wait([task], 90)):
                return


async def _said(about: str, verify: Any) -> bool:
    CORRELATION.set(about)
    try:
        await verify
    except (NotVerifiable, NotProvable, TransactionUsed, Invalid):
        return True
    except CauriError:
        return False
    return True
