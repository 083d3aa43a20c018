"""The behaviours that a manifest may deviate from, each as a check that shows it or not.

A provider that declares the deviation must fail the check, so no deviation outlives its need.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from adapters.provider_kit.conformance.shop import (
    APPROVES,
    DECLINES,
    IGNORES,
    Shop,
    T,
    arrived,
)
from adapters.provider_kit.conformance.wire import lost
from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.simulator import Action
from domain.errors import Forged, Invalid
from domain.payments.outcome import Declined, FailureCode, NotFound, Pending, Succeeded, Unknown
from domain.ports.providers import Callback, Callbacks, Prepares, Probes, Refunds


@dataclass(frozen=True)
class Check:
    asked_of: Callable[[Manifest], bool]
    shown: Callable[[Shop], Awaitable[bool]]


class TODAY:
    """What payers do in the suite."""

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


async def one_refund(shop: Shop) -> bool:
    charge = await shop.pay()
    shop.clock.pass_(hours=30)
    part = shop.order(charge, max(shop.part, charge.amount.minor // 5 // shop.part * shop.part))
    await shop.client.refund(part, timeout_s=T)
    shop.clock.pass_(hours=30)
    return isinstance(await shop.client.find_refund(part, timeout_s=T), Succeeded)


async def signed_headers(shop: Shop) -> bool:
    await shop.begin(shop.charge(APPROVES))
    callback = arrived(shop.outgoing()[0])
    try:
        shop.client.receive(Callback(callback.body), shop.clock.now())
    except Forged:
        return True
    return False


async def probe(shop: Shop) -> bool:
    if not isinstance(shop.client, Probes):
        return False
    await shop.client.probe(timeout_s=T)
    return all(one.status != "succeeded" for one in shop.remote.simulator.books())


async def named_credential(shop: Shop) -> bool:
    config = shop.manifest.config
    required = config.__struct_encode_fields__[: -len(config.__struct_defaults__) or None]
    for name in required:
        try:
            wrong = {**shop.config, name: f"{shop.config[name]}zz"}
            client: Any = shop.providers.configure(shop.name, wrong)
            await client.probe(timeout_s=T)
        except Invalid as told:
            if told.field != name:
                return False
    return True


async def final_decline(shop: Shop) -> bool:
    charge, outcome = await shop.begin(shop.charge(DECLINES))
    return isinstance(await shop.ended(charge, outcome), Declined)


def signs(manifest: Manifest) -> bool:
    return has(Callbacks)(manifest) and manifest.profile.promises.signed_callbacks


def parts(manifest: Manifest) -> bool:
    return has(Refunds)(manifest) and manifest.partial_refunds


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
    "one_refund": Check(parts, one_refund),
    "signed_headers": Check(signs, signed_headers),
    "final_decline": Check(lambda one: True, final_decline),
    "probe": Check(lambda one: True, probe),
    "named_credential": Check(has(Probes), named_credential),
}
