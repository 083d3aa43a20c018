"""`cauri refund`: the same use case as POST /api/payments/refund, from a shell."""

from dataclasses import dataclass

import msgspec

from adapters.cli import show
from adapters.cli.failures import UNKNOWN
from adapters.cli.receipt import refund_outcome, show_refund
from adapters.cli.requests import amount_of, refund_bytes, request_key, text_of
from adapters.cli.which_tenant import WhichTenant
from adapters.cli.words import refund_words
from application.answers import Answer
from application.payments.get_payment import GetPayment
from application.payments.well_formed import LONGEST_TEXT
from application.refunds.refund_payment import NewRefund, RefundPayment
from domain.ids import PaymentId, RefundId
from domain.payments.refund import Refund
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.unit_of_work import Units


@dataclass(frozen=True, slots=True)
class GiveBack:
    refund: RefundPayment
    get: GetPayment
    units: Units
    which: WhichTenant
    ids: Ids
    clock: Clock

    async def __call__(
        self,
        *,
        payment: str,
        amount: str | None,
        reason: str,
        key: str | None,
        tenant: str | None,
        json: bool,
    ) -> int:
        tenant_id, payment_id = await self.which(tenant), PaymentId(payment)
        paid = await self.get(tenant_id, payment_id)
        asked = amount_of(amount, paid.amount.currency) if amount is not None else None
        why = text_of(reason, "reason", LONGEST_TEXT)
        known_as = request_key("refund", key, refund_bytes(payment_id, asked, why), self.ids)
        new = NewRefund(tenant_id=tenant_id, payment_id=payment_id, amount=asked, reason=why)
        answer = await self.refund(new, known_as, rendered)
        refund_id = msgspec.json.decode(answer.body, type=Told).id
        async with self.units(tenant_id) as unit:
            found = await unit.refunds.get(RefundId(refund_id))
        if json:
            words = refund_words(found)
            show.line(
                {**words, "idempotencyKey": known_as.key, "idempotencyReplayed": answer.replayed}
            )
        else:
            show_refund(found, self.clock.now(), ("Key", known_as.key), ("Next", _next(found)))
        return refund_outcome(found)


class Told(msgspec.Struct):
    """What is read of a stored answer."""

    id: str


def rendered(refund: Refund) -> Answer:
    """What HTTP would answer: the key may be used there next."""
    return Answer(201, msgspec.json.encode(refund_words(refund)))


def _next(refund: Refund) -> str:
    if refund.with_person:
        said = f"cauri verify {refund.id} returned --reason …"
        return f"A person must say whether it went back: {said}"
    if refund.is_final:
        given = "The money is on its way to the payer."
        return given if refund.status == "succeeded" else "Nothing was given back."
    if refund_outcome(refund) == UNKNOWN:
        return "The provider may or may not have done it; it is asked until it says. Don't repeat."
    return f"It is under way; see: cauri timeline {refund.payment_id}"
