"""`cauri verify`: a person's word about money, and what waits for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.cli import show
from adapters.cli.failures import DONE
from adapters.cli.here import Here
from adapters.cli.receipt import money, next_step, show_payment, show_refund
from adapters.cli.requests import amount_of, reason_of, text_of
from adapters.cli.which_tenant import WhichTenant
from adapters.cli.words import payment_words, refund_words
from application.payments.get_payment import GetPayment
from application.payments.verify_payment import Verification, VerifyPayment
from application.payments.well_formed import LONGEST_NAME
from application.refunds.verify_refund import RefundVerification, VerifyRefund
from domain.errors import Invalid
from domain.ids import PaymentId, RefundId, TenantId
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.status import needs_person
from domain.ports.clock import Clock
from domain.ports.views import Views

OF_PAYMENT: Final = ("received", "rejected", "return", "bounced")
OF_REFUND: Final = ("returned", "not_returned")


@dataclass(frozen=True, slots=True)
class Verify:
    verify: VerifyPayment
    verify_refund: VerifyRefund
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
        attempt: str | None,
        operator: str | None,
        limit: int,
        tenant: str | None,
        json: bool,
    ) -> int:
        tenant_id = await self.which(tenant)
        if queue or payment is None:
            return await self._queue(tenant_id, limit, json)
        known = OF_REFUND if payment.startswith("rfd_") else OF_PAYMENT
        if outcome not in known:
            raise Invalid(f"say {', '.join(known[:-1])} or {known[-1]}", "outcome")
        told = reason_of(reason)
        who = text_of(operator or self.here.operator, "operator", LONGEST_NAME)
        if known is OF_REFUND:
            came_back = RefundVerification(
                returned=outcome == "returned", reason=told, operator=who
            )
            return await self._refund(tenant_id, RefundId(payment), came_back, json)
        waiting = await self.get(tenant_id, PaymentId(payment))
        currency = waiting.amount.currency
        seen = Verification(
            received=outcome in ("received", "return"),
            reason=told,
            operator=who,
            amount=amount_of(amount, currency, "receivedAmount") if amount is not None else None,
            give_back=outcome == "return",
            bounced=outcome == "bounced",
            attempt_id=attempt,
        )
        return await self._payment(tenant_id, waiting.id, seen, json)

    async def _payment(
        self, tenant_id: TenantId, payment_id: PaymentId, seen: Verification, json: bool
    ) -> int:
        found = await self.verify(tenant_id, payment_id, seen)
        if json:
            show.line(payment_words(found))
            return DONE
        show_payment(found, self.clock.now(), ("Next", next_step(found)))
        return DONE

    async def _refund(
        self, tenant_id: TenantId, refund_id: RefundId, seen: RefundVerification, json: bool
    ) -> int:
        found = await self.verify_refund(tenant_id, refund_id, seen)
        if json:
            show.line(refund_words(found))
            return DONE
        show_refund(found, self.clock.now())
        return DONE

    async def _queue(self, tenant_id: TenantId, limit: int, json: bool) -> int:
        waiting = await self.views.awaiting(tenant_id, limit)
        refunds = await self.views.awaiting_refunds(tenant_id, limit)
        if json:
            payments, others = map(payment_words, waiting), map(refund_words, refunds)
            show.line({"data": list(payments), "refunds": list(others), "nextCursor": None})
            return DONE
        if not waiting and not refunds:
            show.say("Nothing waits for a person.")
            return DONE
        self._show(waiting, refunds)
        return DONE

    def _show(self, waiting: Sequence[Payment], refunds: Sequence[Refund]) -> None:
        now = self.clock.now()
        show.table(
            ("Payment or refund", "Amount", "Provider", "Reference", "Why", "Waits since"),
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
            ]
            + [
                (
                    one.id,
                    money(one.amount),
                    one.provider,
                    one.payment_id,
                    why_refund(one),
                    show.ago(one.created_at, now),
                )
                for one in refunds
            ],
            right=("Amount",),
        )


def why(payment: Payment) -> str:
    """What a machine can't know here."""
    waiting = [one for one in payment.attempts if needs_person(one)]
    reasons = (
        ("another amount was paid", any(one.mismatch for one in waiting)),
        ("the provider contradicts itself", any(one.contradiction for one in waiting)),
        ("the provider never said", any(one.with_person for one in waiting)),
        ("the payer says it was sent", any(one.in_hand for one in waiting)),
        ("it is paid offline", any(one.offline for one in waiting)),
        ("another attempt has paid it", payment.paid_by is not None),
    )
    return ", ".join(words for words, holds in reasons if holds)


def why_refund(refund: Refund) -> str:
    """What a machine can't know, or can't do."""
    if refund.status == "failed":
        return "the provider did not give it back"
    return "the provider never said whether it went back"
