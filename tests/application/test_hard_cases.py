"""Races, late starts, lost credentials and hung-up clients: what takes two mishaps at once."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from application.answers import Answer as Told
from application.deadlines import LEAST_S, REQUEST_S
from domain.fees.schedule import Bearer
from domain.ids import AccountId
from domain.payments.attempt import AttemptStatus
from domain.payments.outcome import Answer, FailureCode, Outcome
from domain.payments.status import PaymentStatus
from domain.ports.providers import Callback, Charge, Lookup, Notice
from tests.application.company import DOWN, LOST, Company, profile
from tests.application.world import World
from tests.builders import ACME, php

pytestmark = pytest.mark.anyio


class Thoughtful(Company):
    """Has its answer to a query ready, and gives it when it is let."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.questions = [Question(), Question()]

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        answer = await super().find(lookup, timeout_s=timeout_s)
        question = next(one for one in self.questions if not one.heard.is_set())
        question.heard.set()
        await question.let.wait()
        return answer


class Question:
    def __init__(self) -> None:
        self.heard, self.let = asyncio.Event(), asyncio.Event()


class Fallen(Company):
    """Its callbacks say that it can't do it now."""

    def receive(self, callback: Callback, now: datetime) -> Notice:
        return replace(super().receive(callback, now), answer=DOWN)


async def test_of_two_queries_at_once_neither_answer_is_lost(world: World) -> None:
    """The first saw it pending, the second paid; the first is stored first."""
    maya = world.companies.maya = Thoughtful("maya")
    payment = await world.pay()
    first, second = maya.questions
    early = asyncio.create_task(world.get(ACME, payment.id, refresh=True))
    await first.heard.wait()
    maya.pay(payment.attempts[0].id)
    late = asyncio.create_task(world.get(ACME, payment.id, refresh=True))
    await second.heard.wait()
    first.let.set()
    assert (await early).status is PaymentStatus.PENDING
    second.let.set()
    assert (await late).status is PaymentStatus.SUCCEEDED


async def test_credentials_that_can_not_be_read_for_a_day_leave_nobody_forgotten(
    world: World,
) -> None:
    """The vault's key was lost, and found a day later: the job is still there."""
    payment = await world.pay()
    world.companies.locked.add("acc_maya")
    for _ in range(24):
        await world.work(3600)
    world.companies.maya.pay(payment.attempts[0].id)
    world.companies.locked.clear()
    await world.work(90_000)
    assert (await world.payment(payment.id)).status is PaymentStatus.SUCCEEDED


async def test_an_error_that_comes_back_each_time_never_buries_what_follows_money(
    world: World,
) -> None:
    maya, gone = world.companies.maya, Company("maya")
    payment = await world.pay()

    async def broken(lookup: Lookup, *, timeout_s: float) -> Answer:
        raise RuntimeError("a bug of this version")

    gone.find = broken  # type: ignore[method-assign]
    world.companies.own["acc_maya"] = gone
    for _ in range(24):
        await world.work(3600)
    maya.pay(payment.attempts[0].id)
    del world.companies.own["acc_maya"]
    await world.work(3600)
    assert (await world.payment(payment.id)).status is PaymentStatus.SUCCEEDED
    assert len(world.troubles) >= 24, "and each time it is told"


async def test_credentials_that_can_not_be_read_send_nothing_so_another_takes_it(
    world: World,
) -> None:
    world.companies.locked.add("acc_maya")
    payment = await world.pay()
    assert [one.provider for one in payment.attempts] == ["maya", "gcash"]
    assert payment.attempts[0].status is AttemptStatus.FAILED


async def test_an_account_switched_off_meanwhile_is_no_fallback(world: World) -> None:
    payment = await world.pay()
    account = await world.tenants.account(AccountId("acc_gcash"))
    await world.tenants.save_account(replace(account, active=False))
    world.companies.maya.books[payment.attempts[0].id].answer = DOWN
    await world.work(5)
    payment = await world.payment(payment.id)
    assert payment.status is PaymentStatus.FAILED
    assert not world.companies.gcash.books


async def test_a_fallback_that_the_worker_opened_leaves_the_request_its_answer(
    world: World,
) -> None:
    """The charge hangs; a query hears the no and goes elsewhere; then the request answers."""
    maya = world.companies.maya

    async def meanwhile(charge: Charge) -> None:
        maya.books[charge.attempt_id].answer = DOWN
        await world.work(5)

    maya.before_answer, maya.silent = meanwhile, True
    first = await world.answer()
    again = await world.answer()
    assert (again.body, again.replayed) == (first.body, True)
    payment = await world.payment(first.body.decode().partition("|")[0])
    assert [one.provider for one in payment.attempts] == ["maya", "gcash"]
    assert len(world.companies.gcash.books) == 1


async def test_repeats_of_an_abandoned_request_get_one_answer(world: World) -> None:
    async def die(charge: Charge) -> None:
        raise KeyboardInterrupt

    world.companies.maya.before_answer = die
    with pytest.raises(KeyboardInterrupt):
        await world.answer()
    world.clock.advance(80)
    answers: list[Told] = await asyncio.gather(*(world.answer() for _ in range(8)))
    assert len({one.body for one in answers}) == 1
    assert len(world.companies.maya.books) == 1


async def test_a_process_that_slept_before_it_sent_does_not_send_any_more(world: World) -> None:
    """It stored the attempt, and was stopped for so long that others may have given it up."""
    world.companies.gcash.prepare_script = lambda charge: world.clock.advance(900)
    payment = await world.pay(method="gcash")
    assert [one.provider for one in payment.attempts] == ["gcash", "maya"]
    assert not world.companies.gcash.books


async def test_a_callback_read_late_opens_an_attempt_now_and_not_then(world: World) -> None:
    """The worker was down for ten minutes. What it opens then can't be visible from then on, so
    that "not found" would mean nothing."""
    maya = world.companies.maya = Fallen("maya")
    payment = await world.pay()
    await world.call_back("maya", f"evt_1|{payment.attempts[0].id}|no")
    world.clock.advance(600)
    maya.books[payment.attempts[0].id].answer = LOST
    await world.work()
    second = (await world.payment(payment.id)).attempts[1]
    assert second.opened_at == world.clock.now()


async def test_not_found_while_the_charge_may_be_on_its_way_proves_nothing(world: World) -> None:
    """A provider that shows at once what it has: still the request itself may be slow."""
    plain = profile("maya", 250, 1500)
    instant = replace(plain, promises=replace(plain.promises, visibility_s=0))
    world.companies.profiles["maya"] = instant  # type: ignore[index]

    async def slowly(charge: Charge) -> None:
        booked = world.companies.maya.books.pop(charge.attempt_id)
        for wait in (5, 15):
            await world.work(wait)
        world.companies.maya.books[charge.attempt_id] = booked

    world.companies.maya.before_answer = slowly
    payment = await world.pay()
    assert len(payment.attempts) == 1
    assert not world.companies.gcash.books


async def test_a_providers_limits_are_of_what_the_payer_is_charged(world: World) -> None:
    """1 500.00 and the fee are more than Maya takes, so it is not sent there to be refused."""
    plain = profile("maya", 250, 1500)
    world.companies.profiles["maya"] = replace(plain, maximum=(php("1500.00"),))  # type: ignore[index]
    payment = await world.pay(bearer=Bearer.PAYER)
    assert payment.decision.order == ("gcash",)
    assert (await world.pay(key="k2")).decision.order == ("maya", "gcash")


async def test_asking_about_a_wrong_amount_does_not_fill_the_history(world: World) -> None:
    payment = await world.pay()
    world.companies.maya.pay(payment.attempts[0].id, 1)
    for _ in range(10):
        await world.get(ACME, payment.id, refresh=True)
    assert len((await world.payment(payment.id)).attempts[0].evidence) <= 3


@pytest.mark.parametrize("taken", [True, False])
async def test_a_client_that_hangs_up_changes_nothing_about_the_money(
    world: World, taken: bool
) -> None:
    """Its request is canceled while the charge is under way."""
    started, never = asyncio.Event(), asyncio.Event()

    async def hang(charge: Charge) -> None:
        started.set()
        await never.wait()

    maya = world.companies.maya
    maya.before_answer = hang
    request = asyncio.create_task(world.answer())
    await started.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    maya.before_answer = None
    [charge] = maya.books
    if taken:
        maya.pay(charge)
    else:
        maya.books.clear()
    for wait in (5, 15, 45, 120, 600):
        await world.work(wait)
    answer = await world.answer()
    payment = await world.payment(answer.body.decode().partition("|")[0])
    expected = ["maya"] if taken else ["maya", "gcash"]
    assert [one.provider for one in payment.attempts] == expected
    assert len(await world.payments()) == 1


async def test_a_request_without_time_left_sends_nothing_more(world: World) -> None:
    def slow_no(charge: Charge) -> Outcome:
        world.clock.advance(REQUEST_S - LEAST_S + 0.1)
        return DOWN

    world.companies.maya.script = slow_no
    payment = await world.pay()
    assert [one.provider for one in payment.attempts] == ["maya", "gcash"]
    assert payment.status is PaymentStatus.FAILED
    assert payment.failure is not None
    assert payment.failure.code is FailureCode.PROVIDER_UNAVAILABLE
    assert world.companies.gcash.calls == []
