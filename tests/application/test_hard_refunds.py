"""Refunds in trouble: outages that last, sleepers, lost credentials, and what is told of them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.money import Money
from domain.payments.outcome import Answer, NotFound, NotSent, Succeeded
from domain.payments.payment import Payment
from domain.payments.refund import RefundState
from domain.ports.providers import RefundOrder
from tests.application.company import DOWN, Booked, Company, Counter, profile
from tests.application.world import World
from tests.builders import ACME, PHP

pytestmark = pytest.mark.anyio

DAY_S = 86_400


class Sleepy(set[str]):
    """Opening an account takes a quarter of an hour: the process was stopped."""

    def __init__(self, sleep: Callable[[], None]) -> None:
        self.sleep = sleep

    def __contains__(self, account: object) -> bool:
        self.sleep()
        return False


@pytest.fixture
async def paid(world: World) -> Payment:
    payment = await world.pay()
    world.companies.maya.pay(payment.attempts[0].id)
    await world.work(5)
    return await world.payment(payment.id)


@pytest.fixture
async def surplus(world: World) -> Payment:
    """GCash was paid; Maya, which had said no, was paid as well, and can't be reached now."""
    maya = world.companies.maya
    maya.refund_script = lambda order: NotSent("connection refused")
    maya.script = lambda charge: DOWN
    payment = await world.pay()
    first, second = payment.attempts
    world.companies.gcash.pay(second.id)
    await world.call_back("gcash", f"evt_1|{second.id}|150000")
    await world.work()
    maya.books[first.id] = Booked(first.charged, Succeeded(amount=first.charged))
    await world.call_back("maya", f"evt_2|{first.id}|150000")
    await world.work()
    return payment


async def hours(world: World, number: int) -> None:
    for _ in range(number):
        await world.work(3600)


async def events(world: World, payment: Payment) -> list[str]:
    return [entry.type for entry in await world.views.timeline(ACME, payment.id)]


async def test_what_was_paid_twice_goes_back_however_long_the_company_is_down(
    world: World, surplus: Payment
) -> None:
    maya = world.companies.maya
    await hours(world, 72)
    assert maya.kept_minor == 150_000
    maya.refund_script = lambda order: None
    await hours(world, 6)
    assert maya.kept_minor == 0
    assert "refund.failed" not in await events(world, surplus)


async def test_a_refund_that_is_only_taken_tomorrow_is_taken_tomorrow(
    world: World, paid: Payment
) -> None:
    """Maya voids on the day of the payment, and only whole: parts wait for midnight in Manila."""
    opens = world.clock.now().timestamp() + DAY_S - 60

    def script(order: RefundOrder) -> NotSent | None:
        return NotSent("not today") if world.clock.now().timestamp() < opens else None

    world.companies.maya.refund_script = script
    refund = await world.give_back(paid, "100.00")
    await hours(world, 30)
    assert (await world.stored_refund(refund.id)).status == "succeeded"


async def test_an_account_that_can_not_be_opened_was_asked_for_nothing(
    world: World, paid: Payment
) -> None:
    world.companies.locked.add("acc_maya")
    refund = await world.give_back(paid)
    assert refund.state is RefundState.CREATED
    world.companies.locked.clear()
    await hours(world, 1)
    assert (await world.stored_refund(refund.id)).status == "succeeded"


async def test_a_company_that_can_not_refund_is_told_of_and_not_asked_for_ever(
    world: World, surplus: Payment
) -> None:
    world.companies.own["acc_maya"] = Counter()
    await hours(world, 48)
    assert "refund.failed" in await events(world, surplus)
    assert await world.queue.next_due() is None


async def test_the_same_no_to_two_sendings_is_two_facts(world: World, paid: Payment) -> None:
    maya = world.companies.maya = Denying("maya", world.companies.maya)
    maya.refund_script = lambda order: DOWN
    refund = await world.give_back(paid)
    maya.refund_script = lambda order: None
    await hours(world, 8)
    assert (await world.stored_refund(refund.id)).status == "succeeded"
    assert maya.kept_minor == 0


class Denying(Company):
    """The second time it loses the request, and says so when asked."""

    def __init__(self, name: str, before: Company) -> None:
        super().__init__(name)
        self.books = before.books
        self.sent = 0

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:  # type: ignore[override]
        self.sent += 1
        if self.sent == 2:
            raise TimeoutError
        return await super().refund(order, timeout_s=timeout_s)

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        found = await super().find_refund(order, timeout_s=timeout_s)
        return DOWN if isinstance(found, NotFound) else found


async def test_a_process_that_slept_before_it_sent_a_refund_does_not_send_it(
    world: World, paid: Payment
) -> None:
    world.companies.locked = Sleepy(lambda: world.clock.advance(900))
    refund = await world.give_back(paid)
    assert not world.companies.maya.books[paid.attempts[0].id].refunds
    world.companies.locked = set()
    await hours(world, 1)
    assert (await world.stored_refund(refund.id)).status == "succeeded"
    assert world.companies.maya.kept_minor == 0


async def test_not_found_while_the_refund_may_be_on_its_way_proves_nothing(
    world: World, paid: Payment
) -> None:
    plain = profile("maya", 250, 1500)
    instant = replace(plain, promises=replace(plain.promises, visibility_s=0))
    world.companies.profiles["maya"] = instant  # type: ignore[index]
    maya = world.companies.maya = Slow("maya", world.companies.maya)
    asking = asyncio.create_task(world.give_back(paid))
    await maya.started.wait()
    for wait in (5, 15, 60):
        await world.work(wait)
    maya.go_on.set()
    refund = await asking
    await hours(world, 2)
    assert refund.state is RefundState.SUCCEEDED
    assert maya.calls.count(f"refund {refund.id}") == 1


class Slow(Company):
    """Takes the first request when it is let."""

    def __init__(self, name: str, before: Company) -> None:
        super().__init__(name)
        self.books = before.books
        self.started, self.go_on = asyncio.Event(), asyncio.Event()

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:  # type: ignore[override]
        if not self.started.is_set():
            self.started.set()
            await self.go_on.wait()
        return await super().refund(order, timeout_s=timeout_s)


async def test_a_refund_of_another_amount_is_told_as_a_mismatch_once(
    world: World, paid: Payment
) -> None:
    maya = world.companies.maya
    maya.refund_script = lambda order: Succeeded(amount=Money(1, PHP))
    maya.silent_refunds = False
    refund = await world.give_back(paid, "100.00")
    maya.books[paid.attempts[0].id].refunds[refund.id] = Money(1, PHP)
    await hours(world, 24)
    assert (await world.stored_refund(refund.id)).status == "pending"
    assert (await events(world, paid)).count("reconciliation.mismatch") == 1


async def test_asking_about_a_refund_does_not_fill_the_history(world: World, paid: Payment) -> None:
    plain = profile("maya", 250, 1500)
    lagging = replace(plain, promises=replace(plain.promises, strongly_consistent=False))
    world.companies.profiles["maya"] = lagging  # type: ignore[index]
    maya = world.companies.maya
    maya.silent_refunds = True
    refund = await world.give_back(paid)
    maya.books[paid.attempts[0].id].refunds.clear()
    await hours(world, 24 * 10)
    assert len((await world.stored_refund(refund.id)).evidence) <= 3
