"""What must be true always, and what must be true when all is quiet again.

It reads the companies' books, which the platform can't, and never repairs anything.
"""

from collections.abc import Mapping
from typing import Final

from adapters.provider_kit.simulator import Booked
from domain.errors import NotFound
from domain.ids import PaymentId, RefundId, TenantId, payment_of
from domain.payments.attempt import Attempt
from domain.payments.evidence import Rank
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RefundState
from domain.payments.status import OPEN
from domain.ports.jobs import Job
from entrypoints.simulation.companies import Company
from entrypoints.simulation.stored import Storage
from entrypoints.simulation.world import World

LIVE_MONEY: Final = ("pending", "succeeded")


class Laws:
    """The first broken one stops the run; its name is what a smaller run must break again.

    What a company said counts as said also when the answer was lost.
    """

    def __init__(self, world: World, storage: Storage, companies: Mapping[str, Company]) -> None:
        self._world, self._storage, self._companies = world, storage, companies
        self.broken: list[str] = []
        self.always = True  # False: only the books at the end are compared
        self._claims: dict[str, int] = {}
        self._notices: set[str] = set()
        self.owners: dict[PaymentId, TenantId] = {}  # of what is stored

    def law(self, holds: bool, name: str, about: str) -> None:
        if holds:
            return
        told = f"{name}: {self._world.names(about)}"
        self.broken.append(told)
        self._world.trace(f"BROKEN {told}")
        self._world.loop.halted = True

    def at_charge(self, company: Company, booked: Booked) -> None:
        """A new charge stands in a company's books: was it announced, and is it the only one?"""
        if not self.always:
            return
        reference = booked.reference
        payment = self._payment_of(reference)
        mine = [one for one in payment.attempts if one.id == reference] if payment else []
        self.law(bool(mine), "intent is stored before money moves", reference)
        for one in mine:
            told = f"{reference} asks {booked.amount_minor}"
            self.law(
                one.charged.minor == booked.amount_minor, "the payer is asked what is due", told
            )
        self.law(len(company.of(reference)) == 1, "a charge is sent once", reference)
        for other, live in self._live(payment.attempts if payment else ()):
            if live.reference != reference and live.reference not in other.said_no:
                told = f"{live.reference} then {reference}"
                self.law(False, "one live charge until its company says no", told)

    def at_refund(self, company: Company, refund_id: str) -> None:
        """A company has given money back: was it announced, and is it the first time?"""
        if not self.always:
            return
        self.law(company.given[refund_id] == 1, "a refund is sent once", refund_id)
        refund = self._refund(refund_id)
        self.law(refund is not None, "intent is stored before money moves", refund_id)
        if refund is not None:
            self.law(refund.sends > 0, "intent is stored before money moves", refund_id)

    def at_commit(self, moved: Payment | Refund) -> None:
        """A change is stored: does it say anything that the books deny?"""
        if isinstance(moved, Payment):
            self.owners.setdefault(moved.id, moved.tenant_id)
            self._trace(moved)
        if self.always and isinstance(moved, Payment):
            self._agrees(moved)
        elif self.always and isinstance(moved, Refund):
            self._refund_agrees(moved)

    def at_notice(self, notice: str) -> None:
        """A callback was stored."""
        self.law(notice not in self._notices, "a callback is kept once", notice)
        self._notices.add(notice)

    def at_claim(self, job: Job) -> None:
        """A worker has it now, and nobody else."""
        self._claims[job.id] = job.version

    def at_end_of_job(self, job: Job) -> None:
        """It is done, put off or buried."""
        holds = self._claims.get(job.id) == job.version
        self.law(holds, "a job is ended by its holder alone", job.id)

    def _trace(self, moved: Payment) -> None:
        kinds = ",".join(event.type for event in moved.events)
        attempts = " ".join(f"{one.provider}={one.status}" for one in moved.attempts)
        name = self._world.names(moved.id)
        self._world.trace(f"stored {name} v{moved.version} {moved.status} [{attempts}] {kinds}")

    def _agrees(self, moved: Payment) -> None:
        if moved.paid_by is not None:
            attempt = moved.attempts[moved.paid_by - 1]
            self.law(self._is_paid(attempt), "paid means that money moved", attempt.id)
        elif moved.status not in OPEN:
            for company, live in self._live(moved.attempts):
                told = live.reference in company.said_no
                self.law(told, "failed means that every company said no", live.reference)
        fences = [one for one in moved.attempts if one.fence]
        self.law(len(fences) <= 1, "one fence a payment", moved.id)

    def _refund_agrees(self, moved: Refund) -> None:
        given = self._companies[moved.provider].given[moved.id]
        if moved.state is RefundState.SUCCEEDED and not moved.contested:  # in doubt, it is asked
            self.law(given > 0, "refunded means that money went back", moved.id)
        if moved.state is RefundState.FAILED:
            self.law(given == 0, "a failed refund gave nothing back", moved.id)

    def _live(self, attempts: tuple[Attempt, ...]) -> list[tuple[Company, Booked]]:
        """The charges of these attempts that hold or may take money."""
        return [
            (company, booked)
            for one in attempts
            if (company := self._companies.get(one.provider)) is not None
            for booked in company.of(one.id)
            if booked.status in LIVE_MONEY and not booked.refunded_minor
        ]

    def _is_paid(self, attempt: Attempt) -> bool:
        company = self._companies.get(attempt.provider)
        if company is None:  # cash: a person said so
            return any(one.rank is Rank.PERSON for one in attempt.evidence)
        return any(one.status == "succeeded" for one in company.of(attempt.id))

    def _payment_of(self, reference: str) -> Payment | None:
        payment_id = payment_of(reference)
        tenant_id = self.owners.get(payment_id) if payment_id else None
        if payment_id is None or tenant_id is None:
            return None
        return self._storage.payment(tenant_id, payment_id)

    def _refund(self, refund_id: str) -> Refund | None:
        for tenant_id in dict.fromkeys(self.owners.values()):
            try:
                return self._storage.refund(tenant_id, RefundId(refund_id))
            except NotFound:
                continue
        return None
