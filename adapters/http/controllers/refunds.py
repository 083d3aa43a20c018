"""Refunds: give money back, and see how that goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from litestar.handlers import HTTPRouteHandler

from adapters.http import examples
from adapters.http.answers import Ready, encoded
from adapters.http.caller import Desk, request_key
from adapters.http.controllers.payments import replayable
from adapters.http.operation import Call, Operation
from adapters.http.wire.reading import Body, Nothing
from adapters.http.wire.refunds import RefundList, RefundReply, VerificationQueue
from adapters.http.wire.requests import RefundBody, RefundVerifyBody
from application.answers import Answer
from application.payments.get_payment import GetPayment
from application.refunds.refund_payment import NewRefund, RefundPayment
from application.refunds.verify_refund import RefundVerification, VerifyRefund
from domain.ids import PaymentId, RefundId
from domain.payments.refund import Refund
from domain.ports.views import Views
from domain.tenants.api_key import Scope

REFUND: Final = Operation(
    method="POST",
    path="/api/payments/refund",
    summary="Give some or all of a payment back",
    scope=Scope.PAYMENTS_REFUND,
    reads=Body(RefundBody),
    replies=RefundReply,
    status=201,
    keyed=True,
    errors=(
        "not_found",
        "payment_not_refundable",
        "refund_exceeds_payment",
        "refund_unsupported",
    ),
    tag="Refunds",
    example=examples.REFUND,
)
SHOW: Final = Operation(
    method="GET",
    path="/api/refunds/{id:str}",
    summary="Get a refund",
    scope=Scope.PAYMENTS_READ,
    reads=Nothing(),
    replies=RefundReply,
    errors=("not_found",),
    tag="Refunds",
    example=examples.REFUND,
)
OF_PAYMENT: Final = Operation(
    method="GET",
    path="/api/payments/{id:str}/refunds",
    summary="List a payment's refunds, oldest first",
    scope=Scope.PAYMENTS_READ,
    reads=Nothing(),
    replies=RefundList,
    errors=("not_found",),
    tag="Refunds",
    example={"data": [examples.REFUND], "nextCursor": None},
)
VERIFY: Final = Operation(
    method="POST",
    path="/api/refunds/{id:str}/verify",
    summary="Say whether a refund's money went back",
    scope=Scope.PAYMENTS_VERIFY,
    reads=Body(RefundVerifyBody),
    replies=RefundReply,
    errors=("not_found", "payment_not_verifiable"),
    tag="Refunds",
    example=examples.REFUND,
)
QUEUE: Final = Operation(
    method="GET",
    path="/api/verifications",
    summary="List what waits for a person's word",
    scope=Scope.PAYMENTS_VERIFY,
    reads=Nothing(),
    replies=VerificationQueue,
    tag="Refunds",
    example={"payments": [], "refunds": [{**examples.REFUND, "awaitingVerification": True}]},
)
MOST_WAITING: Final = 200

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class RefundController:
    refund_payment: RefundPayment
    get_payment: GetPayment
    views: Views
    verify_refund: VerifyRefund

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [
            REFUND.served(desk, self.refund),
            SHOW.served(desk, self.show),
            OF_PAYMENT.served(desk, self.of_payment),
            VERIFY.served(desk, self.verify),
            QUEUE.served(desk, self.queue),
        ]

    async def refund(self, call: Call, body: RefundBody) -> Ready:
        """Sent once per Idempotency-Key. Without `amount`, all that remains is given back."""
        tenant_id, payment_id = call.caller.tenant_id, PaymentId(body.payment_id)
        payment = await self.get_payment(tenant_id, payment_id)
        amount = body.money(payment.amount.currency)
        key = request_key(call.key, "refund", body.canonical(amount))
        new = NewRefund(
            tenant_id=tenant_id, payment_id=payment_id, amount=amount, reason=body.reason
        )
        return replayable(await self.refund_payment(new, key, _given))

    async def show(self, call: Call, _: None) -> Ready:
        """`pending` until the provider says that the money went back, or never will."""
        refund = await self.views.refund(call.caller.tenant_id, RefundId(call.id("rfd_")))
        return encoded(RefundReply.of(refund))

    async def of_payment(self, call: Call, _: None) -> Ready:
        """Surplus money that went back by itself is listed too."""
        tenant_id, payment_id = call.caller.tenant_id, PaymentId(call.id("pay_"))
        await self.get_payment(tenant_id, payment_id)
        return encoded(RefundList.of(await self.views.refunds(tenant_id, payment_id)))

    async def verify(self, call: Call, body: RefundVerifyBody) -> Ready:
        """A person's word about money that no machine knows of any more. `not_returned` lets it be
        asked back again."""
        caller, refund_id = call.caller, RefundId(call.id("rfd_"))
        seen = RefundVerification(
            returned=body.outcome == "returned",
            reason=body.reason,
            operator=f"{caller.key.name} ({caller.key.id})",
        )
        return encoded(RefundReply.of(await self.verify_refund(caller.tenant_id, refund_id, seen)))

    async def queue(self, call: Call, _: None) -> Ready:
        """Wrong amounts, contradictions, offline money, and what nobody answered in time."""
        tenant_id = call.caller.tenant_id
        payments = await self.views.awaiting(tenant_id, MOST_WAITING)
        refunds = await self.views.awaiting_refunds(tenant_id, MOST_WAITING)
        return encoded(VerificationQueue.of(payments, refunds))


def _given(refund: Refund) -> Answer:
    return Answer(201, _encode(RefundReply.of(refund)))
