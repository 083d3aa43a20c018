"""What the ledger adds to a payment that is initiated and paid."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Final

import msgspec
import uvloop
from dishka import Provider, Scope, provide

from adapters.http.wire.payments import PaymentReply
from adapters.provider_kit.transport import Transport
from application.answers import Answer, RequestKey
from application.payments.amend import AmendPayment
from application.payments.initiate_payment import InitiatePayment
from application.payments.new_payment import NewPayment
from domain.currencies import currency
from domain.ids import PaymentId
from domain.ledger.journal import Journal
from domain.money import Money
from domain.payments import payment as aggregate
from domain.payments.attempt import Attempt
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Succeeded
from domain.payments.payment import Payment
from domain.ports.clock import Clock
from entrypoints.bench.figure import Effort, Figure, Sample, compared
from entrypoints.bench.lab import Lab
from entrypoints.bench.maya import InstantMaya
from entrypoints.bench.provider_call import measured
from entrypoints.bench.shop import Shop
from entrypoints.wiring import production

BOUND: Final = 1.25
AMOUNT: Final = Money.parse("1500.00", currency("PHP"))
NOTES: Final = (
    "CPU of a payment that is initiated through Maya and paid by a callback's word, 16 at once on"
    " SQLite, its writer's thread included; smaller is better. Baseline: the same without a"
    " journal and its two transfers."
)
_numbers: Final = count(1)


class Instant(Provider):
    """The provider in process."""

    scope = Scope.APP

    @provide(override=True)
    def transport(self) -> Transport:
        return InstantMaya(next(_numbers))


def postings(lab: Lab) -> Figure:
    with_it, without = lab.shop("sqlite", None), lab.shop("sqlite", None)
    return compared(
        "ledger_postings",
        lambda: uvloop.run(paying(with_it, lab.effort)),
        lambda: unbooked(without, lab.effort),
        lab.effort,
        BOUND,
        NOTES,
        by="cpu_us",
    )


def unbooked(shop: Shop, effort: Effort) -> Sample:
    with no_ledger():
        return uvloop.run(paying(shop, effort))


async def paying(shop: Shop, effort: Effort) -> Sample:
    container = production(shop.settings, Instant())
    initiate = await container.get(InitiatePayment)
    amend, clock = await container.get(AmendPayment), await container.get(Clock)

    async def call() -> bytes:
        name = f"bench-{next(_numbers)}"
        new = NewPayment(
            tenant_id=shop.tenant_id, amount=AMOUNT, reference="order-1001", country="PH"
        )
        answer = await initiate(new, RequestKey("initiate", name, bytes(32)), _rendered)
        payment_id = PaymentId(msgspec.json.decode(answer.body)["id"])
        said = _success(name, clock.now())
        amended = await amend(
            shop.tenant_id, payment_id, lambda found: found.hear(found.attempts[0].id, said)
        )
        if amended.payment.paid_by is None:
            raise RuntimeError(f"{payment_id} is {amended.payment.status}")
        return answer.body

    try:
        return await measured(call, effort)
    finally:
        await container.close()


def _success(name: str, at: datetime) -> Evidence:
    answer = Succeeded(amount=AMOUNT, provider_reference=name)
    return Evidence(id=name, rank=Rank.CALLBACK, answer=answer, at=at, cause="callback")


def _rendered(payment: Payment) -> Answer:
    return Answer(201, msgspec.json.encode(PaymentReply.of(payment)))


@contextmanager
def no_ledger() -> Iterator[None]:
    """Payments as they would be if nothing was booked."""

    def nothing(
        payment_id: PaymentId,
        amount: Money,
        before: Sequence[Attempt],
        attempts: tuple[Attempt, ...],
        paid_by: int | None,
        at: datetime,
    ) -> tuple[tuple[Attempt, ...], tuple[Journal, ...]]:
        return attempts, ()

    kept, aggregate.booked = aggregate.booked, nothing  # type: ignore[assignment, attr-defined]
    try:
        yield
    finally:
        aggregate.booked = kept  # type: ignore[attr-defined]
