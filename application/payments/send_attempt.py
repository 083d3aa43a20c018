"""Send the attempt that our own commit has just opened, and the next, while that is certain."""

from dataclasses import dataclass
from typing import Final

from application.deadlines import Budget, may_begin
from application.payments.amend import Also, AmendPayment, nothing_else
from domain.errors import CauriError
from domain.payments.attempt import Attempt
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import NotSent, Outcome, Unknown
from domain.payments.payment import Payment
from domain.ports.clock import Clock
from domain.ports.providers import Charge, PaymentProvider, Prepared, Prepares, Providers, able
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import UnitOfWork
from domain.providers.deadlines import Deadlines

NO_TIME: Final = NotSent("no time was left in the request")


@dataclass(frozen=True, slots=True)
class _Sending:
    """Where one attempt goes, and how long that may take."""

    client: PaymentProvider
    deadlines: Deadlines
    budget: Budget


@dataclass(frozen=True, slots=True)
class SendAttempt:
    """Store, call, store: the attempt is committed before its call opens a socket, and no unit is
    open while the network is waited for. `charge` is called once per attempt, whatever happens.
    Each call has its provider's deadline, and all of them together a request's.

    `finish` is stored with the last answer: the idempotency key's.
    """

    amend: AmendPayment
    providers: Providers
    tenants: Tenants
    clock: Clock

    async def __call__(
        self, payment: Payment, attempt: Attempt | None, *, finish: Also = nothing_else
    ) -> Payment:
        if attempt is None:
            return payment
        budget = Budget.of_request(self.clock)
        while attempt is not None:
            payment, outcome = await self._ask(payment, attempt, budget)
            if outcome is None:  # closed by somebody else before money could move
                await self._finish(payment, finish)
                return payment
            payment, attempt = await self._store(payment, attempt, outcome, finish)
        return payment

    async def _ask(
        self, payment: Payment, attempt: Attempt, budget: Budget
    ) -> tuple[Payment, Outcome | None]:
        try:
            account = await self.tenants.account(attempt.account_id)
            if not account.active:  # since it was routed there
                return payment, NotSent("switched off by an operator")
            client = self.providers.open(account)
        except CauriError:
            return payment, NotSent("the account is gone or can't be read")
        sending = _Sending(client, self.providers.deadlines(account), budget)
        if able(client, Prepares):
            prepare_s = budget.share(sending.deadlines.prepare_s)
            if prepare_s is None:
                return payment, NO_TIME
            prepared = await client.prepare(charge_of(payment, attempt), timeout_s=prepare_s)
            if not isinstance(prepared, Prepared):
                return payment, prepared
            return await self._charge_prepared(sending, payment, attempt, prepared)
        return payment, await self._charge(sending, payment, attempt)

    async def _charge_prepared(
        self, sending: _Sending, payment: Payment, attempt: Attempt, prepared: Prepared
    ) -> tuple[Payment, Outcome | None]:
        """The provider's reference is committed before the step that can move money."""
        reference = prepared.provider_reference
        amended = await self.amend(
            payment.tenant_id,
            payment.id,
            lambda found: found.prepared(attempt.id, reference),
            payment=payment,
        )
        mine = amended.payment.attempt(attempt.id)
        if not mine.is_live or mine.provider_reference != reference:
            return amended.payment, None
        return amended.payment, await self._charge(sending, amended.payment, mine)

    async def _charge(self, sending: _Sending, payment: Payment, attempt: Attempt) -> Outcome:
        if not may_begin(attempt.opened_at, self.clock.now()):  # others may have given it up
            return NotSent("too late to begin")
        if (charge_s := sending.budget.share(sending.deadlines.charge_s)) is None:
            return NO_TIME
        return await sending.client.charge(charge_of(payment, attempt), timeout_s=charge_s)

    async def _store(
        self, payment: Payment, attempt: Attempt, outcome: Outcome, finish: Also
    ) -> tuple[Payment, Attempt | None]:
        said = Evidence(
            id=f"{attempt.id}:reply",
            rank=Rank.TIMEOUT if isinstance(outcome, Unknown) else Rank.REPLY,
            answer=outcome,
            at=self.clock.now(),
            cause=f"reply of {attempt.provider}",
        )

        opened = False

        def change(found: Payment) -> Payment:
            nonlocal opened
            moved = found.hear(attempt.id, said)
            opened = moved.opened is not None
            return moved

        def last(unit: UnitOfWork, moved: Payment) -> None:
            if not opened:  # else that one's answer is the last; others' attempts are theirs
                finish(unit, moved)

        amended = await self.amend(
            payment.tenant_id,
            payment.id,
            change,
            also=last,
            payment=payment,
        )
        return amended.payment, amended.opened

    async def _finish(self, payment: Payment, finish: Also) -> None:
        await self.amend(
            payment.tenant_id, payment.id, lambda found: found, also=finish, payment=payment
        )


def charge_of(payment: Payment, attempt: Attempt) -> Charge:
    """The charge that an attempt makes."""
    intent = payment.intent
    return Charge(
        attempt_id=attempt.id,
        payment_id=payment.id,
        amount=attempt.charged,
        reference=intent.reference,
        description=intent.description,
        customer=intent.customer,
        country=intent.country,
        return_url=intent.return_url,
        opened_at=attempt.opened_at,
        expires_at=intent.expires_at,
        provider_reference=attempt.provider_reference,
    )
