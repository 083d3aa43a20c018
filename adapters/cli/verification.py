"""`cauri verify`: a person's word about money, and what waits for one."""

from dataclasses import dataclass

from adapters.cli import show
from adapters.cli.failures import DONE
from adapters.cli.here import Here
from adapters.cli.receipt import money, next_step, show_payment
from adapters.cli.requests import amount_of, reason_of, text_of
from adapters.cli.which_tenant import WhichTenant
from adapters.cli.words import payment_words
from application.payments.get_payment import GetPayment
from application.payments.verify_payment import Verification, VerifyPayment
from application.payments.well_formed import LONGEST_NAME
from domain.errors import Invalid
from domain.ids import PaymentId, TenantId
from domain.payments.payment import Payment
from domain.ports.clock import Clock
from domain.ports.views import Views


@dataclass(frozen=True, slots=True)
class Verify:
    verify: VerifyPayment
    get: GetPayment
    views: Views
    which: WhichTenant
    here: Here
    clock: Clock

    async def __call__(
        self,
        *,
        payment: str | None,
        outcome: str | None,
        queue: bool,
        reason: str | None,
        amount: str | None,
        operator: str | None,
        limit: int,
        tenant: str | None,
        json: bool,
    ) -> int:
        tenant_id = await self.which(tenant)
        if queue or payment is None:
            return await self._queue(tenant_id, limit, json)
        if outcome is None:
            raise Invalid("say received or rejected", "outcome")
        told = reason_of(reason)
        waiting = await self.get(tenant_id, PaymentId(payment))
        currency = waiting.amount.currency
        seen = Verification(
            received=outcome == "received",
            reason=told,
            operator=text_of(operator or self.here.operator, "operator", LONGEST_NAME),
            amount=amount_of(amount, currency, "receivedAmount") if amount is not None else None,
        )
        found = await self.verify(tenant_id, waiting.id, seen)
        if json:
            show.line(payment_words(found))
            return DONE
        show_payment(found, self.clock.now(), ("Next", next_step(found)))
        return DONE

    async def _queue(self, tenant_id: TenantId, limit: int, json: bool) -> int:
        waiting = await self.views.awaiting(tenant_id, limit)
        if json:
            show.line({"data": [payment_words(one) for one in waiting], "nextCursor": None})
            return DONE
        if not waiting:
            show.say("Nothing waits for a person.")
            return DONE
        now = self.clock.now()
        show.table(
            ("Payment", "Amount", "Provider", "Reference", "Why", "Waits since"),
            [
                (
                    one.id,
                    money(one.amount),
                    one.current.provider if one.current is not None else "-",
                    one.intent.reference,
                    why(one),
                    show.ago(one.intent.created_at, now),
                )
                for one in waiting
            ],
            right=("Amount",),
        )
        return DONE


def why(payment: Payment) -> str:
    """What a machine can't know here."""
    reasons = (
        ("another amount was paid", any(one.mismatch for one in payment.attempts)),
        ("the provider contradicts itself", any(one.contradiction for one in payment.attempts)),
        ("the provider never said", any(one.with_person for one in payment.attempts)),
        ("it is paid offline", any(one.offline for one in payment.attempts)),
    )
    return ", ".join(words for words, holds in reasons if holds)
