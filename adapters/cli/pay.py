"""`cauri pay`: the same use case as POST /api/payments/initiate, from a shell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

import msgspec

from adapters.cli import show
from adapters.cli.receipt import next_step, nobody_could, outcome, show_payment
from adapters.cli.requests import PaymentRequest, request_key
from adapters.cli.which_tenant import WhichTenant
from adapters.cli.words import payment_words
from application.answers import Answer, RequestKey
from application.payments.get_payment import GetPayment
from application.payments.initiate_payment import InitiatePayment
from domain.fees.schedule import Bearer
from domain.ids import PaymentId
from domain.payments.payment import Payment
from domain.ports.clock import Clock
from domain.ports.ids import Ids


class Asked(TypedDict):
    """What the command line says."""

    amount: str
    currency: str
    tenant: str | None
    reference: str | None
    method: str | None
    country: str | None
    payer_fee: bool
    customer_id: str | None
    phone: str | None
    email: str | None
    name: str | None
    description: str
    return_url: str | None
    expires_in: int
    metadata: Sequence[str]
    key: str | None
    json: bool


@dataclass(frozen=True, slots=True)
class Pay:
    initiate: InitiatePayment
    get: GetPayment
    which: WhichTenant
    ids: Ids
    clock: Clock

    async def __call__(self, **asked: Unpack[Asked]) -> int:
        request = PaymentRequest.read(api_words(asked))
        new = request.payment(await self.which(asked["tenant"]))
        known_as = request_key("initiate", asked["key"], request.canonical(), self.ids)
        answer = await self.initiate(new, known_as, rendered)
        payment = await self.get(new.tenant_id, PaymentId(payment_in(answer)))
        self._tell(payment, known_as, answer.replayed, asked["json"])
        return outcome(payment)

    def _tell(self, payment: Payment, key: RequestKey, replayed: bool, json: bool) -> None:
        if json:
            words = payment_words(payment)
            show.line({**words, "idempotencyKey": key.key, "idempotencyReplayed": replayed})
            return
        again = "this key was used before: it is the same payment" if replayed else "a new payment"
        told = ("Key", f"{key.key} ({again})"), ("Next", next_step(payment))
        show_payment(payment, self.clock.now(), *told)


def api_words(asked: Asked) -> dict[str, Any]:
    """As the body of POST /api/payments/initiate says it."""
    customer = {
        "id": asked["customer_id"],
        "name": asked["name"],
        "email": asked["email"],
        "phone": asked["phone"],
    }
    return {
        "amount": asked["amount"],
        "currency": asked["currency"],
        "reference": asked["reference"],
        "customer": customer if any(one is not None for one in customer.values()) else None,
        "method": asked["method"],
        "country": asked["country"],
        "feeBearer": Bearer.PAYER if asked["payer_fee"] else Bearer.MERCHANT,
        "description": asked["description"],
        "returnUrl": asked["return_url"],
        "expiresIn": asked["expires_in"],
        "metadata": show.pairs(asked["metadata"], "metadata"),
    }


def rendered(payment: Payment) -> Answer:
    """What HTTP would answer: the key may be used there next."""
    if nobody_could(payment):
        problem = {
            "type": "/problems/no_provider_available",
            "title": "No provider available",
            "status": 503,
            "detail": "No provider can take this payment now; try again later with a new "
            "Idempotency-Key.",
            "instance": "/api/payments/initiate",
            "code": "no_provider_available",
            "correlationId": payment.id,
            "paymentId": payment.id,
        }
        return Answer(503, msgspec.json.encode(problem))
    return Answer(201, msgspec.json.encode(payment_words(payment)))


class Told(msgspec.Struct, rename="camel"):
    """What is read of a stored answer."""

    id: str = ""
    payment_id: str = ""


def payment_in(answer: Answer) -> str:
    """The payment an answer is about, whoever gave it."""
    told = msgspec.json.decode(answer.body, type=Told)
    return told.id or told.payment_id
