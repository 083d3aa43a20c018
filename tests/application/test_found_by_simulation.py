"""Bugs that `cauri simulate` found, each as the few steps that matter."""

from dataclasses import replace

import pytest

from application.payments.verify_payment import Verification
from domain.money import Money
from domain.payments.events import EventType
from domain.payments.outcome import Succeeded
from domain.payments.status import PaymentStatus
from tests.application.company import DOWN
from tests.application.world import a_world
from tests.builders import ACME, PHP

pytestmark = pytest.mark.anyio


async def test_a_no_asked_for_before_the_attempt_was_prepared_says_nothing_of_the_charge() -> None:
    """A worker read the payment, was stopped, and woke when the attempt had long been charged."""
    world = await a_world()
    payment = await world.pay("100.00")
    attempt = payment.attempts[0]
    assert attempt.provider_reference is not None
    unprepared = replace(attempt, provider_reference=None)
    old = replace(payment, attempts=(unprepared,), version=payment.version - 1)

    heard = await world.get.inquire.heard(old, unprepared, DOWN)

    assert [one.provider for one in heard.attempts] == ["gcash"]
    assert heard.attempts[0].is_live
    assert not world.companies.maya.books


async def test_a_yes_to_an_old_question_still_counts() -> None:
    world = await a_world()
    payment = await world.pay("100.00")
    unprepared = replace(payment.attempts[0], provider_reference=None)
    old = replace(payment, attempts=(unprepared,), version=payment.version - 1)

    heard = await world.get.inquire.heard(old, unprepared, Succeeded(amount=Money(10_000, PHP)))

    assert heard.status is PaymentStatus.SUCCEEDED


async def test_a_request_that_outlives_its_lease_answers_what_its_repeat_was_answered() -> None:
    world = await a_world()
    repeats = []
    world.companies.maya.script = lambda charge: Succeeded(amount=charge.amount)

    async def stopped(_: object) -> None:
        world.clock.advance(80)
        repeats.append(await world.answer())

    world.companies.maya.before_answer = stopped
    first = await world.answer()

    assert repeats[0].body.endswith(b"|pending|maya")
    assert first.body == repeats[0].body
    assert (await world.answer()).body == first.body


async def test_a_success_after_a_persons_no_is_told() -> None:
    """Rank decides, nothing flips, and nobody may miss that the company holds money."""
    world = await a_world()
    payment = await world.pay()
    attempt = payment.attempts[0]
    await world.call_back("maya", f"n1|{attempt.id}|1")  # of another amount: a person looks
    await world.work()
    await world.verify(
        ACME, payment.id, Verification(received=False, reason="nothing there", operator="ada")
    )

    for number in (2, 3):
        await world.call_back("maya", f"n{number}|{attempt.id}|{attempt.charged.minor}")
        await world.work()

    assert (await world.payment(payment.id)).status is PaymentStatus.FAILED
    told = [one.type for one in await world.views.timeline(ACME, payment.id)]
    assert told.count(EventType.MISMATCH) == 2
