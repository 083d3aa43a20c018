"""Use case: turn a stored callback into evidence, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.callbacks.receive_callback import AGAIN
from application.payments.amend import AmendPayment
from application.payments.inquire import Inquire
from application.payments.send_attempt import SendAttempt
from application.refunds.amend_refund import AmendRefund
from application.refunds.send_refund import SendRefund
from application.work.run_jobs import GiveUp
from domain.errors import CauriError, NotFound
from domain.ids import AccountId, AttemptId, JobId, PaymentId, RefundId, payment_of
from domain.payments.attempt import Attempt
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Answer
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.ports.clock import Clock
from domain.ports.jobs import Job, JobQueue
from domain.ports.providers import Callback, Callbacks, Notice, Providers, able
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import StoredNotice, UnitOfWork, Units

PATIENCE: Final = timedelta(hours=24)  # a callback may be faster than our own commit
AGAIN_S: Final = 5
RETRY_S: Final = (1, 2, 5, 15, 60, 300, 1800, 3600)
READ: Final = ("applied", "ignored")  # what is unmatched may match at a person's next try


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """The notice is marked in the same unit as its evidence, so two workers apply it once. What
    is not signed is a hint: it makes us ask, and is never believed. What matches nothing is
    tried again for a day; then it is unmatched and a dead letter, which a person may have tried
    again. Raises GiveUp."""

    units: Units
    tenants: Tenants
    providers: Providers
    amend: AmendPayment
    amend_refund: AmendRefund
    send: SendAttempt
    send_refund: SendRefund
    inquire: Inquire
    queue: JobQueue
    clock: Clock

    async def __call__(self, job: Job) -> datetime | None:
        account_id = AccountId(job.about["account"])
        async with self.units(job.tenant_id) as unit:
            stored = await unit.inbox.get(account_id, job.about["notice"])
        if stored.state in READ and AGAIN not in job.about:
            return None
        client = self.providers.open(await self.tenants.account(account_id))
        if not able(client, Callbacks):
            await self._mark(job, stored, "ignored")
            return None
        try:
            notice = client.receive(Callback(stored.body, stored.headers), stored.received_at)
        except CauriError as error:  # the account's secret was changed since: nothing is believed
            await self._unmatched(job, stored)
            raise GiveUp(f"its signature is not this account's any more: {error}") from error
        if notice.answer is None and notice.trusted:
            await self._mark(job, stored, "ignored")
            return None
        return await self._apply(job, stored, notice)

    async def _apply(self, job: Job, stored: StoredNotice, notice: Notice) -> datetime | None:
        try:
            if notice.refund_id is not None and notice.answer is not None and notice.trusted:
                return await self._refund(job, stored, RefundId(notice.refund_id), notice.answer)
            payment, attempt = await self._target(job, stored, notice)
        except NotFound as error:
            return await self._later(job, stored, error)
        if not notice.trusted or notice.answer is None:
            return await self._follow(job, stored, payment, attempt)
        said = evidence_of(stored, notice.answer, self.clock.now())
        amended = await self.amend(
            job.tenant_id,
            payment.id,
            lambda found: found.hear(attempt.id, said),
            also=lambda unit, moved: unit.inbox.mark(stored, "applied"),
            payment=payment,
        )
        await self.send(amended.payment, amended.opened)
        return None

    async def _follow(
        self, job: Job, stored: StoredNotice, payment: Payment, attempt: Attempt
    ) -> datetime | None:
        """Ask now, and soon once more: this query may fail, and the ladder's next be a day away.
        A closed attempt has no ladder, so the hint itself is tried again until it is answered."""
        asked, silent = await self.inquire.hinted(job.tenant_id, attempt.id, payment.id)
        if asked.attempt(attempt.id).is_live:
            silent = False
            soon = self.clock.now() + timedelta(seconds=AGAIN_S)
            await self.queue.hurry(job.tenant_id, JobId(f"inquire:{attempt.id}"), soon)
        elif silent and (then := self._retry_at(job, stored)) is not None:
            return then
        await self._mark(job, stored, "applied")
        if silent:
            raise GiveUp(f"{attempt.id} is said to have moved, and {attempt.provider} is silent")
        return None

    async def _target(
        self, job: Job, stored: StoredNotice, notice: Notice
    ) -> tuple[Payment, Attempt]:
        """Raises NotFound; an attempt of another account is not what this account can speak of."""
        async with self.units(job.tenant_id) as unit:
            payment_id: PaymentId | None = None
            attempt_id = AttemptId(notice.attempt_id or "")
            if notice.attempt_id is not None:
                payment_id = payment_of(notice.attempt_id)
            elif notice.provider_reference is not None:
                found = await unit.payments.of_reference(notice.provider_reference)
                payment_id, attempt_id = found if found is not None else (None, attempt_id)
            if payment_id is None:
                raise NotFound("no payment of that reference")
            payment = await unit.payments.get(payment_id)
        attempt = payment.attempt(attempt_id)
        if attempt.account_id != stored.account_id:
            raise NotFound("the attempt is another account's")
        return payment, attempt

    async def _refund(
        self, job: Job, stored: StoredNotice, refund_id: RefundId, answer: Answer
    ) -> datetime | None:
        """A no to what a query has seen done makes us ask again, until that is settled."""
        async with self.units(job.tenant_id) as unit:
            refund = await unit.refunds.get(refund_id)
        if refund.account_id != stored.account_id:
            raise NotFound("the refund is another account's")
        said = evidence_of(stored, answer, self.clock.now(), refund.sends)

        def mark(unit: UnitOfWork, moved: Refund) -> None:
            if _is_settled(moved):
                unit.inbox.mark(stored, "applied")

        moved = await self.amend_refund(
            job.tenant_id, refund_id, lambda found: found.hear(said), also=mark
        )
        if _is_settled(moved):
            return None
        settled = _is_settled(await self.send_refund.ask(moved))
        if not settled and (then := self._retry_at(job, stored)) is not None:
            return then
        await self._mark(job, stored, "applied")
        if not settled:
            raise GiveUp(f"{refund_id} is said to have come back, and {moved.provider} is silent")
        return None

    async def _later(self, job: Job, stored: StoredNotice, why: NotFound) -> datetime:
        if (then := self._retry_at(job, stored)) is not None:
            return then
        await self._unmatched(job, stored)
        raise GiveUp(f"nothing here is meant by it: {why}") from why

    def _retry_at(self, job: Job, stored: StoredNotice) -> datetime | None:
        """None when its day is over."""
        now, again = self.clock.now(), job.about.get(AGAIN)
        came_at = datetime.fromisoformat(again) if again is not None else stored.received_at
        if now >= came_at + PATIENCE:
            return None
        return now + timedelta(seconds=RETRY_S[min(job.tries, len(RETRY_S)) - 1])

    async def _unmatched(self, job: Job, stored: StoredNotice) -> None:
        if stored.state != "unmatched":
            await self._mark(job, stored, "unmatched")

    async def _mark(self, job: Job, stored: StoredNotice, state: str) -> None:
        async with self.units(job.tenant_id) as unit:
            unit.inbox.mark(stored, state)
            await unit.commit()


def _is_settled(refund: Refund) -> bool:
    """Whether nobody can be asked any more: it is undisputed, or a person looks."""
    return refund.with_person or not refund.contested


def evidence_of(stored: StoredNotice, answer: Answer, at: datetime, send: int = 1) -> Evidence:
    """A signed callback as evidence; repeats of the same fact have the same id. `at` is when it is
    read, which may be long after it came: what it opens is opened now."""
    return Evidence(
        id=f"{stored.account_id}:{stored.id}",
        rank=Rank.CALLBACK,
        answer=answer,
        at=at,
        cause=f"callback of {stored.provider}",
        send=send,
    )
