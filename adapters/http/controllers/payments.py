"""Payments: initiate, read, list, cancel, verify."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from litestar.handlers import HTTPRouteHandler

from adapters.http import examples
from adapters.http.answers import JSON, PROBLEM, Ready, encoded
from adapters.http.caller import Desk, request_key
from adapters.http.instruments import Watch
from adapters.http.operation import Call, Operation
from adapters.http.problems import problem
from adapters.http.rendered import SHOWN
from adapters.http.wire.history import Explanation, Timeline
from adapters.http.wire.new_payment import InitiateBody
from adapters.http.wire.payments import PaymentPage, PaymentReply
from adapters.http.wire.reading import Body, Nothing, Query
from adapters.http.wire.requests import ListQuery, StatusQuery, VerifyBody
from application.answers import Answer
from application.payments.cancel_payment import CancelPayment
from application.payments.get_payment import GetPayment
from application.payments.initiate_payment import InitiatePayment
from application.payments.verify_payment import Verification, VerifyPayment
from domain.ids import PaymentId
from domain.payments.outcome import FailureKind
from domain.payments.payment import Payment
from domain.payments.status import PaymentStatus
from domain.ports.views import Views
from domain.tenants.api_key import Scope

INITIATE: Final = Operation(
    method="POST",
    path="/api/payments/initiate",
    summary="Take a payment",
    scope=Scope.PAYMENTS_WRITE,
    reads=Body(InitiateBody),
    replies=PaymentReply,
    status=201,
    keyed=True,
    errors=("amount_above_limit", "amount_below_minimum", "no_provider_available"),
    example=examples.PAYMENT,
)
STATUS: Final = Operation(
    method="GET",
    path="/api/payments/status/{id:str}",
    summary="See how a payment stands, asking the provider first when told to",
    scope=Scope.PAYMENTS_READ,
    reads=Query(StatusQuery),
    replies=PaymentReply,
    errors=("not_found",),
    example=examples.PAYMENT,
)
SHOW: Final = Operation(
    method="GET",
    path="/api/payments/{id:str}",
    summary="Get a payment",
    scope=Scope.PAYMENTS_READ,
    reads=Query(StatusQuery),
    replies=PaymentReply,
    errors=("not_found",),
    example=examples.PAYMENT,
)
LIST: Final = Operation(
    method="GET",
    path="/api/payments",
    summary="List payments, newest first",
    scope=Scope.PAYMENTS_READ,
    reads=Query(ListQuery),
    replies=PaymentPage,
    example={"data": [examples.PAYMENT], "nextCursor": None},
)
TIMELINE: Final = Operation(
    method="GET",
    path="/api/payments/{id:str}/timeline",
    summary="See every event of a payment, with its cause",
    scope=Scope.PAYMENTS_READ,
    reads=Nothing(),
    replies=Timeline,
    errors=("not_found",),
    example=examples.TIMELINE,
)
EXPLAIN: Final = Operation(
    method="GET",
    path="/api/payments/{id:str}/explain",
    summary="See which providers were considered, and why one was chosen",
    scope=Scope.PAYMENTS_READ,
    reads=Nothing(),
    replies=Explanation,
    errors=("not_found",),
    example=examples.EXPLANATION,
)
CANCEL: Final = Operation(
    method="POST",
    path="/api/payments/{id:str}/cancel",
    summary="Cancel a payment that nobody has paid yet",
    scope=Scope.PAYMENTS_WRITE,
    reads=Nothing(),
    replies=PaymentReply,
    errors=("not_found", "payment_not_cancelable", "cancel_unsupported"),
    example=examples.PAYMENT,
)
VERIFY: Final = Operation(
    method="POST",
    path="/api/payments/{id:str}/verify",
    summary="Say whether money that no machine can see was received",
    scope=Scope.PAYMENTS_VERIFY,
    reads=Body(VerifyBody),
    replies=PaymentReply,
    errors=("not_found", "payment_not_verifiable"),
    example=examples.PAYMENT,
)

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class PaymentController:
    initiate_payment: InitiatePayment
    get_payment: GetPayment
    cancel_payment: CancelPayment
    verify_payment: VerifyPayment
    views: Views
    watch: Watch

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [
            INITIATE.served(desk, self.initiate),
            STATUS.served(desk, self.show),
            SHOW.served(desk, self.show),
            LIST.served(desk, self.list),
            TIMELINE.served(desk, self.timeline),
            EXPLAIN.served(desk, self.explain),
            CANCEL.served(desk, self.cancel),
            VERIFY.served(desk, self.verify),
        ]

    async def initiate(self, call: Call, body: InitiateBody) -> Ready:
        """Route it to a provider and send it, once per Idempotency-Key: the same request again
        gets the first answer again, byte for byte. `method` null lets the router choose."""
        new = body.checked(call.caller.tenant_id)
        key = request_key(call.key, "initiate", body.canonical(new.amount))
        seen: list[Payment] = []

        def render(payment: Payment) -> Answer:
            seen.append(payment)
            return _taken(payment, call)

        answer = await self.initiate_payment(new, key, render)
        if (metrics := self.watch.metrics) is not None and seen and not answer.replayed:
            current = seen[-1].current
            metrics.payment(current.provider if current else "none", seen[-1].status)
        return replayable(answer)

    async def show(self, call: Call, query: StatusQuery) -> Ready:
        """`refresh=true` asks the provider first, when the payment is not final."""
        payment = await self.get_payment(
            call.caller.tenant_id, PaymentId(call.id("pay_")), refresh=query.refresh
        )
        return SHOWN.of(payment)

    async def list(self, call: Call, query: ListQuery) -> Ready:
        """Pages stay right while payments are added: pass `nextCursor` as `cursor`."""
        before = PaymentId(query.cursor) if query.cursor is not None else None
        page = await self.views.payments(call.caller.tenant_id, query.filter(), before, query.limit)
        return encoded(PaymentPage.of(page.payments, page.next_before))

    async def timeline(self, call: Call, _: None) -> Ready:
        """Events as they were stored, together with the state they changed."""
        entries = await self.views.timeline(call.caller.tenant_id, PaymentId(call.id("pay_")))
        return encoded(Timeline.of(entries))

    async def explain(self, call: Call, _: None) -> Ready:
        """The decision as it was stored: each provider, taken or why not, its fee, its health."""
        payment = await self.get_payment(call.caller.tenant_id, PaymentId(call.id("pay_")))
        return encoded(Explanation.of(payment))

    async def cancel(self, call: Call, _: None) -> Ready:
        """It is canceled when its provider says that it can never be paid any more."""
        payment = await self.cancel_payment(call.caller.tenant_id, PaymentId(call.id("pay_")))
        return encoded(PaymentReply.of(payment))

    async def verify(self, call: Call, body: VerifyBody) -> Ready:
        """A person's word about money no machine can see. It is kept with its reason."""
        caller, payment_id = call.caller, PaymentId(call.id("pay_"))
        payment = await self.get_payment(caller.tenant_id, payment_id)
        seen = Verification(
            received=body.outcome in ("received", "return"),
            give_back=body.outcome == "return",
            bounced=body.outcome == "bounced",
            reason=body.reason,
            operator=f"{caller.key.name} ({caller.key.id})",
            amount=body.amount(payment.amount.currency),
            attempt_id=body.attempt_id,
        )
        verified = await self.verify_payment(caller.tenant_id, payment_id, seen)
        return encoded(PaymentReply.of(verified))


def replayable(answer: Answer) -> Ready:
    """The answer as it was stored, and whether this is a repeat of it."""
    return Ready(
        answer.body,
        answer.status,
        PROBLEM if answer.status >= 400 else JSON,
        ((b"idempotency-replayed", b"true"),) if answer.replayed else (),
    )


def _taken(payment: Payment, call: Call) -> Answer:
    """201 with the payment; 503 when it ended because nobody could take it."""
    if payment.status is PaymentStatus.FAILED and _nobody_could(payment):
        body = problem("no_provider_available", call.exchange, payment_id=payment.id)
        return Answer(503, body)
    return Answer(201, _encode(PaymentReply.of(payment)))


def _nobody_could(payment: Payment) -> bool:
    failures = [one.failure for one in payment.attempts if one.failure is not None]
    return all(one.kind is FailureKind.UNAVAILABLE for one in failures)
