"""A charge request by request: struck at each of them, and held to the law."""

from collections.abc import Callable
from typing import Any

from adapters.provider_kit.conformance.deviations import TODAY
from adapters.provider_kit.conformance.shop import Shop
from domain.payments.outcome import (
    Declined,
    NotSent,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Charge


async def steps_of(shop: Shop) -> int:
    """How many requests a charge takes."""
    await shop.begin(shop.charge())
    steps = len(shop.wire.sent)
    shop.restart()
    return steps


async def each_step(shop: Shop, strikes: Callable[[int], dict[str, Any]]) -> tuple[Charge, object]:
    """A charge for each request that is struck, held to the law; the last one, which is struck
    at the request that moves money."""
    seen: list[tuple[Charge, object]] = []
    for step in range(await steps_of(shop)):
        shop.restart()
        for where, what in strikes(step).items():
            getattr(shop.wire, where).update(what)
        seen.append(await shop.begin(shop.charge()))
        await holds_the_law(shop, *seen[-1])
    return seen[-1]


async def holds_the_law(shop: Shop, charge: Any, outcome: object) -> None:
    """A no, or "not sent", is the truth for ever: the payer can't pay it any more. Anything else
    is cleared up by asking, where that can be done, and never by a second charge."""
    assert isinstance(outcome, Pending | Succeeded | Declined | NotSent | Unknown)
    assert len(shop.books(charge)) <= 1
    approve(shop, charge)
    shop.wire.quiet()
    if isinstance(outcome, Declined | NotSent):
        assert shop.moved(charge) == 0
    elif shop.moved(charge):
        found = shop.finds or (shop.asks and not isinstance(outcome, Unknown))
        assert isinstance(await shop.find(charge), Succeeded if found else Unknown)


def approve(shop: Shop, charge: Any) -> None:
    try:
        shop.remote.simulator.act(charge.attempt_id, TODAY.approve)
    except LookupError:
        return
