"""Laws taken out, one at a time. Each patches named functions; production code has no flag."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from contextvars import ContextVar
from typing import Any, Final
from unittest.mock import patch

from adapters.memory import jobs as memory_jobs
from adapters.memory import payments as memory_payments
from adapters.memory import refunds as memory_refunds
from adapters.memory import requests as memory_requests
from adapters.memory.draft import ANYTHING, NOTHING, Write
from adapters.providers.gcash import notices as gcash_notices
from adapters.providers.gcash import refunds as gcash_refunds
from adapters.providers.maya import notices as maya_notices
from adapters.providers.maya.client import MayaProvider
from application.answers import Answer, RequestKey
from application.payments import inquire
from application.payments.initiate_payment import InitiatePayment, Render
from application.payments.new_payment import NewPayment
from application.payments.send_attempt import charge_of
from domain.payments import payment as payment_module
from domain.payments.attempt import Attempt, AttemptStatus
from domain.payments.evidence import Verdict
from domain.payments.outcome import (
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NotFound,
    Outcome,
    Pending,
    Unknown,
)
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RefundState
from domain.payments.succession import open_attempt
from domain.ports.jobs import JobState
from domain.ports.providers import Charge

GIVEN_UP: Final = Declined(
    failure=Failure(FailureCode.EXPIRED, "We waited long enough.", FailureKind.EXPIRED)
)
Mutant = Callable[[], AbstractContextManager[object]]

TOLD: Final[dict[str, Outcome]] = {}  # what was answered before anything was stored
DECIDED: Final[ContextVar[Payment | None]] = ContextVar("decided", default=None)

initiate = InitiatePayment.__call__
decide = InitiatePayment._payment
charge = MayaProvider.charge
asked = inquire.Inquire._ask
refund_state = Refund._state


async def call_then_store(
    self: InitiatePayment, new: NewPayment, key: RequestKey, render: Render
) -> Answer:
    """The tempting version: one transaction less. (Where one call charges, as at Maya.)"""
    if await self._again(new, key, render) is None:
        payment = await decide(self, new, self.clock.now())
        if (opened := payment.opened) is not None and opened.provider == "maya":
            account = await self.tenants.account(opened.account_id)
            client = self.send.providers.open(account)
            TOLD[opened.id] = await client.charge(charge_of(payment, opened), timeout_s=20)
        DECIDED.set(payment)
    return await initiate(self, new, key, render)


async def decided(self: InitiatePayment, *args: Any) -> Payment:
    return DECIDED.get() or await decide(self, *args)


async def charged_already(self: MayaProvider, order: Charge, *, timeout_s: float) -> Outcome:
    return TOLD.pop(order.attempt_id, None) or await charge(self, order, timeout_s=timeout_s)


def unknown_is_no(
    payment_id: Any, amount: Any, decision: Any, attempts: tuple[Attempt, ...], at: Any
) -> Attempt | None:
    """Whatever is not a success may be tried elsewhere."""
    last = attempts[-1]
    if not last.elsewhere and last.status is not AttemptStatus.INDETERMINATE:
        return None
    tried = {one.provider for one in attempts}
    code = next((code for code in decision.order if code not in tried), None)
    return code and open_attempt(payment_id, amount, decision, code, len(attempts) + 1, at)


def unguarded(self: Write[Any]) -> None:
    """Last writer wins."""
    if self.expected is NOTHING:
        Write.check(self)


def kept_always(self: memory_requests.MemoryInbox, notice: Any) -> None:
    """Each copy of a callback counts as new."""
    name = (notice.account_id, notice.id)
    self._draft.collect(Write(self._draft.shelf.notices, name, notice, ANYTHING))


def enqueued_always(self: memory_jobs.MemoryJobs, job: Any) -> None:
    self._put(job, JobState.WAITING, ANYTHING)


async def again_at_once(self: MayaProvider, order: Any, *, timeout_s: float) -> Any:
    """No answer? Send it again, under a new key."""
    outcome = await charge(self, order, timeout_s=timeout_s / 2)
    return (
        await charge(self, order, timeout_s=timeout_s / 2)
        if isinstance(outcome, Unknown)
        else outcome
    )


async def closed_by_time(self: inquire.Inquire, attempt: Attempt, payment: Any) -> Any:
    """It took too long, so it has failed."""
    answer = await asked(self, attempt, payment)
    if (
        isinstance(answer, Unknown | Pending | NotFound)
        and self.clock.now() >= payment.intent.expires_at
    ):
        return GIVEN_UP
    return answer


def sent_again(self: Refund, judged: Any, *rest: Any) -> Any:
    """A refund without an answer is sent once more."""
    state, failure = refund_state(self, judged, *rest)
    if state is RefundState.SUBMITTED and judged.verdict is Verdict.UNKNOWN:
        return RefundState.CREATED, failure
    return state, failure


async def not_looked_for(*_: object) -> NotFound:
    """The provider is not asked whether it gave it back already."""
    return NotFound()


def not_there(*_: object) -> NotFound:
    return NotFound()


def lease_without_end(self: Any, shelf: Any, job: Any, state: Any) -> None:
    """What a dead worker had claimed stays claimed."""
    shelf.jobs[job.id], shelf.job_states[job.id] = job, state
    if state is JobState.WAITING:
        self.database.queue(shelf, job)


def believed(*_: object, **__: object) -> bool:
    return True


def unchecked(*_: object, **__: object) -> None:
    return None


def _patches(*changes: tuple[object, str, object]) -> Mutant:
    def enter() -> ExitStack:
        stack = ExitStack()
        for where, name, instead in changes:
            stack.enter_context(patch.object(where, name, instead))
        return stack

    return enter


MUTANTS: Final[Mapping[str, Mutant]] = {
    "no write-ahead commit": _patches(
        (InitiatePayment, "__call__", call_then_store),
        (InitiatePayment, "_payment", decided),
        (MayaProvider, "charge", charged_already),
    ),
    "no fence": _patches(
        (payment_module, "next_attempt", unknown_is_no),
        (memory_payments.PaymentWrite, "check", Write.check),
    ),
    "no version check": _patches(
        (memory_payments.PaymentWrite, "check", unguarded),
        (memory_refunds.RefundWrite, "check", unguarded),
    ),
    "inbox without uniqueness": _patches(
        (memory_requests.MemoryInbox, "add", kept_always),
        (memory_jobs.MemoryJobs, "enqueue", enqueued_always),
    ),
    "new key while ambiguous": _patches((MayaProvider, "charge", again_at_once)),
    "unsigned callback believed": _patches(
        (gcash_notices, "verify", unchecked),
        (maya_notices, "rsa_sha256_verifies", believed),
        (maya_notices, "same", believed),
    ),
    "a stranger's callback believed": _patches((maya_notices, "same", believed)),
    "a timer turns Unknown into failed": _patches((inquire.Inquire, "_ask", closed_by_time)),
    "no fence of jobs": _patches((memory_jobs.JobWrite, "check", unguarded)),
    "a lease that never ends": _patches((memory_jobs.MemoryJobQueue, "_put", lease_without_end)),
    "a journal left out": _patches((memory_refunds, "book", unchecked)),
    "a refund sent twice": _patches(
        (Refund, "_state", sent_again),
        (MayaProvider, "_known", not_looked_for),
        (gcash_refunds, "in_payment", not_there),
    ),
}
