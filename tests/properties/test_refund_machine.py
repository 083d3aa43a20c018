"""Payments and refunds in any order, over memory and SQLite at once: never more goes back than
came, both storages tell one story, and the company's books agree."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.sql.migrate import upgrade
from domain.errors import RefundExceedsPayment
from domain.ids import PaymentId
from domain.payments.outcome import NotSent, Outcome
from domain.payments.payment import Payment
from domain.payments.refund import RefundState
from domain.ports.providers import RefundOrder
from tests.application.company import DOWN, REFUSED
from tests.application.world import World, a_world
from tests.builders import ACME, a_tenant
from tests.storages import open_storage

T = TypeVar("T")
ACCOUNTS = ("sales", "refunds", "receivable:maya", "provider_fees", "surplus")
ANSWERS: dict[str, Outcome | None] = {
    "done": None,
    "refused": REFUSED,
    "down": DOWN,
    "not sent": NotSent("connection refused"),
}


class RefundMachine(RuleBasedStateMachine):
    """Two worlds that are told the same things."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.stack = AsyncExitStack()
        self.key = 0
        self.payment_id = ""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize()
    def two_paid_payments(self) -> None:
        path = Path(self.folder.name) / "machine.db"
        shutil.copy(self.template, path)
        self.worlds = [self.run(self._open(url)) for url in (None, f"sqlite:///{path}")]
        for world in self.worlds:
            payment = self.run(world.pay("300.00", method="maya"))
            world.companies.maya.pay(payment.attempts[0].id)
            self.run(world.work(5))
            self.payment_id = payment.id

    async def _open(self, url: str | None) -> World:
        storage = await self.stack.enter_async_context(open_storage(url))
        await storage.tenants.add(a_tenant(ACME))
        return await a_world(storage)

    @rule(
        minor=st.integers(1, 20_000),
        answer=st.sampled_from(sorted(ANSWERS)),
        lost=st.booleans(),
    )
    def refund(self, minor: int, answer: str, lost: bool) -> None:
        self.key += 1
        said = ANSWERS[answer]
        told = [self.run(self._refund(world, minor, said, lost)) for world in self.worlds]
        assert told[0] == told[1]

    async def _refund(self, world: World, minor: int, said: Outcome | None, lost: bool) -> str:
        def script(order: RefundOrder) -> Outcome | None:
            return said

        world.companies.maya.refund_script = script
        world.companies.maya.silent_refunds = lost
        payment = await world.payment(self.payment_id)
        try:
            amount = f"{minor // 100}.{minor % 100:02d}"
            refund = await world.give_back(payment, amount, f"r{self.key}")
        except RefundExceedsPayment:
            return "exceeds"
        finally:
            world.companies.maya.silent_refunds = False
            world.companies.maya.refund_script = lambda order: None
        return refund.status

    @precondition(lambda self: self.key > 0)
    @rule()
    def the_same_request_again(self) -> None:
        before = [world.companies.maya.kept_minor for world in self.worlds]
        for world in self.worlds:
            payment = self.run(world.payment(self.payment_id))
            known = self.run(self._repeat(world, payment))
            assert known
        assert before == [world.companies.maya.kept_minor for world in self.worlds]

    async def _repeat(self, world: World, payment: Payment) -> bool:
        async with world.units(ACME) as unit:
            record = await unit.keys.with_key("refund", f"r{self.key}")
        if record is None:
            return True  # it was refused, and nothing was stored
        refund = await world.stored_refund(record.resource_id)
        again = await world.give_back(payment, refund.amount.major, f"r{self.key}")
        return again.id == refund.id

    @precondition(lambda self: self.key > 0)
    @rule(which=st.integers(0, 20), known=st.booleans())
    def one_comes_back(self, which: int, known: bool) -> None:
        """The payee's bank returns it, and the company says so; or it says so again."""
        told = [self.run(self._come_back(world, which, known)) for world in self.worlds]
        assert told[0] == told[1]

    async def _come_back(self, world: World, which: int, known: bool) -> str:
        given = await world.views.refunds(ACME, PaymentId(self.payment_id))
        done = [one for one in given if one.state is RefundState.SUCCEEDED]
        if not done:
            return "none"
        refund = done[which % len(done)]
        if world.companies.maya.bounce(refund.id) is None:
            return "never left"
        notice = f"evt_{refund.id}"
        await world.work(1)
        for _ in range(1 + known):
            await world.call_back("maya", f"{notice}|{refund.id}|no")
        await world.work()
        return (await world.stored_refund(refund.id)).status

    @rule(seconds=st.sampled_from([5, 60, 600, 4000]))
    def time_passes(self, seconds: int) -> None:
        for world in self.worlds:
            self.run(world.work(seconds))

    @invariant()
    def both_tell_one_story(self) -> None:
        if not self.payment_id:
            return
        told = []
        for world in self.worlds:
            payment = self.run(world.payment(self.payment_id))
            kept = world.companies.maya.kept_minor
            assert 0 <= payment.refunded_minor + payment.reserved_minor <= 30_000
            assert 30_000 - kept >= payment.refunded_minor, "we never claim what did not go back"
            assert 30_000 - kept <= payment.refunded_minor + payment.reserved_minor
            assert not world.troubles
            held = [self.run(world.balance(one)) for one in ACCOUNTS]
            sales, refunds, receivable, fees, surplus = held
            assert sum(held) == 0
            assert (sales, refunds, surplus) == (-30_000, payment.refunded_minor, 0)
            assert receivable == 30_000 - payment.refunded_minor - fees
            told.append((payment.refunded_minor, payment.reserved_minor, kept, *held))
        assert told[0] == told[1]

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()


def test_refunds_in_any_order_never_give_back_more_than_was_paid(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    template = tmp_path_factory.mktemp("machine") / "template.db"
    asyncio.run(upgrade(f"sqlite:///{template}"))
    RefundMachine.template = template
    RefundMachine.TestCase.settings = settings(
        max_examples=25,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    RefundMachine.TestCase().runTest()
