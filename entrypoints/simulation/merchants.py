"""The merchants: they order, repeat with the same key, click twice, cancel, ask for refunds, or
never come back. What they were answered is kept: the same key must always get the same bytes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from application.answers import Answer, RequestKey
from application.correlation import CORRELATION
from application.payments.cancel_payment import CancelPayment
from application.payments.get_payment import GetPayment
from application.payments.initiate_payment import InitiatePayment
from application.refunds.refund_payment import NewRefund, RefundPayment
from domain.errors import CauriError, CommitUnknown, KeyInProgress, NotStored
from domain.ids import PaymentId
from domain.money import Money
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.status import OPEN
from entrypoints.simulation.orders import Order
from entrypoints.simulation.platform import Platform
from entrypoints.simulation.world import World

PATIENCE_S: Final = (0, 1, 5, 30, 80, 120, 600, 3600, 7200)  # between tries of one request
POLLS_S: Final = (10, 60, 600, 3600, 14_400, 43_200, 86_400, 86_400)
KEPT: Final = (201, 503)  # what is stored with an idempotency key
HTTP_S: Final = 90.0  # how long a merchant waits for an answer
WEEK_S: Final = 7 * 86_400.0

Call = Callable[[Platform], Awaitable[Answer]]


@dataclass(slots=True)
class Merchants:
    """`door` is a live process, if there is one; `gone`: nobody ever repeats a request."""

    world: World
    door: Callable[[str], Platform | None]
    gone: bool = False
    answers: dict[str, set[tuple[int, bytes]]] = field(default_factory=dict)  # by request
    known: dict[str, PaymentId] = field(default_factory=dict)  # by order

    async def __call__(self, order: Order) -> None:
        """One order from beginning to end."""
        world = self.world
        await self.world.sleep(order.arrives_s)
        leaves = self.gone or bool(world.faults.pick(f"gone/{order.name}", "client_gone"))
        answer = await self._insist(order.name, self._initiate(order), leaves=leaves)
        if answer is None or answer.status != 201:
            return
        payment_id = PaymentId(answer.body.decode().partition("|")[0])
        self.known[order.name] = payment_id
        if order.cancels_s is not None:
            await self.world.sleep(order.cancels_s)
            await self._insist(f"{order.name}.cancel", self._cancel(order, payment_id), keep=False)
        if order.parts and await self._is_paid(order, payment_id):
            await self._give_back(order, payment_id)

    def _initiate(self, order: Order) -> Call:
        key = RequestKey("initiate", f"key-{order.name}", order.name.encode())
        return lambda platform: platform.get(InitiatePayment)(order.new, key, rendered)

    def _cancel(self, order: Order, payment_id: PaymentId) -> Call:
        async def call(platform: Platform) -> Answer:
            tenant_id = order.new.tenant_id
            return rendered(await platform.get(CancelPayment)(tenant_id, payment_id))

        return call

    async def _is_paid(self, order: Order, payment_id: PaymentId) -> bool:
        """Ask now and then, the provider too, until it has ended."""
        seen: list[Payment] = []

        async def look(platform: Platform) -> Answer:
            get, refresh = platform.get(GetPayment), len(seen) % 2 == 0
            seen.append(await get(order.new.tenant_id, payment_id, refresh=refresh))
            return Answer(200, b"")

        for wait_s in POLLS_S:
            await self.world.sleep(wait_s)
            await self._insist(f"{order.name}.look", look, keep=False)
            if seen and seen[-1].status not in OPEN:
                return seen[-1].paid_by is not None
        return False

    async def _give_back(self, order: Order, payment_id: PaymentId) -> None:
        tasks: list[asyncio.Task[Any]] = []
        for number, minor in enumerate(order.parts, 1):
            name = f"{order.name}.r{number}"
            call = self._refund(order, payment_id, name, minor)
            tasks.append(self.world.task(self._insist(name, call), name))
            if not order.at_once:
                await self.world.wait(tasks, WEEK_S)
                await self.world.sleep(30)

    def _refund(self, order: Order, payment_id: PaymentId, name: str, minor: int | None) -> Call:
        new = NewRefund(
            tenant_id=order.new.tenant_id,
            payment_id=payment_id,
            amount=Money(minor, order.new.amount.currency) if minor is not None else None,
            reason="returned",
        )
        key = RequestKey("refund", f"key-{name}", name.encode())
        return lambda platform: platform.get(RefundPayment)(new, key, rendered_refund)

    async def _insist(
        self, name: str, call: Call, *, leaves: bool = False, keep: bool = True
    ) -> Answer | None:
        """Repeat a request until it is answered for good; None: it never was."""
        world = self.world
        for wait_s in PATIENCE_S[:1] if leaves or self.gone else PATIENCE_S:
            await self.world.sleep(wait_s)
            clicks = 2 if world.faults.pick(f"click/{name}", "double_click") else 1
            doors = [door for n in range(clicks) if (door := self.door(f"{name}/{n}"))]
            tasks = [door.process.spawn(_served(name, call(door))) for door in doors]
            if not tasks:
                continue
            answers: list[Answer | None] = await world.wait(tasks, HTTP_S)
            said = [one for one in answers if one is not None]
            for one in said if keep else ():
                if one.status in KEPT:
                    self.answers.setdefault(name, set()).add((one.status, one.body))
            if said:
                return said[0]
        return None


async def _served(name: str, work: Awaitable[Answer]) -> Answer | None:
    """The front door. None is what a client may repeat: 409 while it runs, 5xx; an error that is
    not the platform's own is a bug, and stops the run."""
    CORRELATION.set(name)
    try:
        return await work
    except (NotStored, CommitUnknown, KeyInProgress):
        return None
    except CauriError as error:
        return Answer(422, type(error).__name__.encode())


def rendered(payment: Payment) -> Answer:
    """201, or 503 when nobody could take it; both are kept with the key."""
    unavailable = payment.failure is not None and payment.failure.kind == "unavailable"
    provider = payment.current.provider if payment.current else "-"
    body = f"{payment.id}|{payment.status}|{provider}"
    return Answer(503 if unavailable else 201, body.encode())


def rendered_refund(refund: Refund) -> Answer:
    return Answer(201, f"{refund.id}|{refund.status}".encode())
