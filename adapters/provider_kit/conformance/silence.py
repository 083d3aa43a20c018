"""Silence: every request of a charge, each kind of it."""

import msgspec

from adapters.provider_kit.conformance.behaviour import able
from adapters.provider_kit.conformance.shop import (
    Shop,
)
from adapters.provider_kit.conformance.steps import each_step, holds_the_law, steps_of
from adapters.provider_kit.conformance.wire import lost
from adapters.provider_kit.transport import NoAnswer, NothingSent
from domain.payments.outcome import (
    Declined,
    NotFound,
    NotSent,
    Pending,
    Unknown,
)

# Silence: every request of a charge, each kind of it


@able()
async def a_lost_answer_is_never_a_no_and_the_charge_is_found_later(shop: Shop) -> None:
    charge, outcome = await each_step(shop, lambda step: {"after": {step: lost}})
    assert isinstance(outcome, Unknown)  # the last request is the one that moves money
    assert outcome.timed_out
    assert shop.moved(charge) == 1


@able()
async def a_request_that_vanished_leaves_nothing_to_pay_twice(shop: Shop) -> None:
    reset = NoAnswer("reset by peer")
    charge, outcome = await each_step(shop, lambda step: {"before": {step: reset}})
    assert isinstance(outcome, Unknown)
    assert not outcome.timed_out
    silent = NotFound | Pending | Declined if shop.finds else Unknown
    assert isinstance(await shop.find(charge), silent)


@able()
async def a_refused_connection_is_not_sent(shop: Shop) -> None:
    steps = await steps_of(shop)
    for step in range(steps):
        shop.restart()
        shop.wire.before[step] = NothingSent("connection refused")
        charge, outcome = await shop.begin(shop.charge())
        await holds_the_law(shop, charge, outcome)
        if step in (0, steps - 1):
            assert isinstance(outcome, NotSent)


@able()
async def a_company_that_is_down_was_sent_nothing(shop: Shop) -> None:
    shop.remote.faults.put(msgspec.convert({"outage": True}, type(shop.remote.faults.script)))
    charge, outcome = await shop.begin(shop.charge())
    assert isinstance(outcome, NotSent)
    shop.remote.faults.end()
    assert shop.books(charge) == []
