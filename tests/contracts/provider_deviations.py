"""The behaviours that a manifest may deviate from, each as a check that shows it or not.

A provider that declares the deviation must fail the check, so no deviation outlives its need.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.simulator import Action
from domain.errors import Forged
from domain.payments.outcome import Declined, FailureCode, NotFound, Pending, Succeeded, Unknown
from domain.ports.providers import Callbacks, Prepares, Refunds
from tests.contracts.provider_worlds import APPROVES, IGNORES, Shop, T, arrived, lost


@dataclass(frozen=True)
class Check:
    asked_of: Callable[[Manifest], bool]
    shown: Callable[[Shop], Awaitable[bool]]


class TODAY:
    """What payers do in these tests."""

    approve = Action.APPROVE
    decline = Action.DECLINE


async def not_found(shop: Shop) -> bool:
    return isinstance(await shop.find(shop.charge()), NotFound)


async def declined_elsewhere(shop: Shop) -> bool:
    await shop.begin(shop.charge())
    down = shop.remote.simulator.outage(shop.wire.sent[0])
    shop.restart()
    shop.wire.before[0] = down
    _, outcome = await shop.begin(shop.charge())
    return (
        isinstance(outcome, Declined)
        and outcome.elsewhere
        and outcome.failure.code is FailureCode.PROVIDER_UNAVAILABLE
    )


async def lost_prepare(shop: Shop) -> bool:
    shop.wire.after[0] = lost
    said = await shop.client.prepare(shop.charge(), timeout_s=T)
    return isinstance(said, Declined) and said.elsewhere


async def lost_charge(shop: Shop) -> bool:
    await shop.begin(shop.charge())
    steps = len(shop.wire.sent)
    shop.restart()
    shop.wire.after[steps - 1] = lost
    charge, outcome = await shop.begin(shop.charge())
    shop.wire.quiet()
    return isinstance(outcome, Unknown) and isinstance(await shop.find(charge), Pending)


async def lost_refund(shop: Shop) -> bool:
    order = shop.order(await shop.pay())
    shop.clock.pass_(hours=30)
    shop.wire.quiet()
    await shop.client.refund(order, timeout_s=T)
    steps = len(shop.wire.sent)
    order = shop.order(await shop.pay())
    shop.clock.pass_(hours=30)
    shop.wire.quiet()
    shop.wire.after[steps - 1] = lost
    outcome = await shop.client.refund(order, timeout_s=T)
    shop.wire.quiet()
    found = await shop.client.find_refund(order, timeout_s=T)
    return isinstance(outcome, Unknown) and isinstance(found, Succeeded | Pending)


async def over_refund(shop: Shop) -> bool:
    charge = await shop.pay()
    shop.clock.pass_(hours=30)
    over = shop.order(charge, charge.amount.minor + 1)
    said = await shop.client.refund(over, timeout_s=T)
    assert [one.refunded_minor for one in shop.books(charge)] == [0]
    return isinstance(said, Declined) and not said.elsewhere


async def stale_callbacks(shop: Shop) -> bool:
    await shop.begin(shop.charge(APPROVES))
    callback = arrived(shop.outgoing()[0])
    try:
        shop.client.receive(callback, shop.clock.now() + timedelta(days=2))
    except Forged:
        return True
    return False


async def callback_amount(shop: Shop) -> bool:
    charge, _ = await shop.begin(shop.charge(APPROVES))
    answers = [shop.client.receive(arrived(one), one.due_at).answer for one in shop.outgoing()]
    paid = [one for one in answers if isinstance(one, Succeeded)]
    return bool(paid) and all(one.amount == charge.amount for one in paid)


async def pending(shop: Shop) -> bool:
    _, outcome = await shop.begin(shop.charge(IGNORES))
    return isinstance(outcome, Pending)


async def query(shop: Shop) -> bool:
    return not isinstance(await shop.find(await shop.pay()), Unknown)


def has(ability: type) -> Callable[[Manifest], bool]:
    return lambda manifest: issubclass(manifest.client, ability)


CHECKS: Final[Mapping[str, Check]] = {
    "not_found": Check(lambda one: True, not_found),
    "declined_elsewhere": Check(lambda one: True, declined_elsewhere),
    "lost_prepare": Check(has(Prepares), lost_prepare),
    "lost_charge": Check(lambda one: True, lost_charge),
    "lost_refund": Check(has(Refunds), lost_refund),
    "over_refund": Check(has(Refunds), over_refund),
    "stale_callbacks": Check(has(Callbacks), stale_callbacks),
    "callback_amount": Check(has(Callbacks), callback_amount),
    "pending": Check(lambda one: True, pending),
    "query": Check(lambda one: True, query),
}
