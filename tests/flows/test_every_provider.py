"""What every provider folder does for a merchant, through the use cases and its own simulator.

A manifest's sample says what is paid with; nobody is named here. What its accounts may be set to is
tried as well.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.simulator import MAGIC, Action
from adapters.providers import discover
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money
from domain.payments.attempt import AttemptStatus
from domain.payments.intent import Customer
from domain.payments.payment import Payment
from domain.payments.refund import RefundState
from domain.payments.status import PaymentStatus
from domain.ports.providers import Callbacks, Refunds
from tests.flows.conftest import Town, open_town

pytestmark = pytest.mark.anyio

MANIFESTS = {name: one for name, one in discover().items() if one.simulator is not None}
WAYS = MANIFESTS | {
    f"{name}:{way}": one.under(way) for name, one in MANIFESTS.items() for way in one.settings
}
APPROVES, DECLINES, WAITS = "1111", "2222", "3333"  # how a payer's phone ends
LATER_S = (5, 15, 60, 600, 3600)


@pytest.fixture
async def town(name: str) -> AsyncIterator[Town]:
    """In which the accounts of that provider are set as `name` says behind its colon."""
    code, _, way = name.partition(":")
    async with open_town(settings={code: way} if way else {}) as opened:
        yield opened


def those(
    *lacking: str, able: type = object, among: Mapping[str, Manifest] = MANIFESTS
) -> pytest.MarkDecorator:
    """The providers whose protocol has these behaviours, and this ability."""
    names = [
        name
        for name, one in among.items()
        if issubclass(one.client, able) and not set(lacking) & set(one.deviations)
    ]
    return pytest.mark.parametrize("name", names)


in_each_way = partial(those, among=WAYS)


def told(payer: str, manifest: Manifest) -> dict[str, Any]:
    """What a merchant says of a payment by that payer."""
    sample = manifest.sample
    return {
        "method": manifest.profile.code,
        "money": Money(sample.minors[0], currency(sample.currency)),
        "country": sample.country,
        "customer": Customer(id="cus_1", phone=f"{sample.phone}{payer}", email="a@example.com"),
        "return_url": "https://shop.example/back",
    }


async def paid(town: Town, name: str, payer: str = APPROVES, **more: Any) -> Payment:
    """A payment, and what became of it while time went by."""
    payment = await town.world.pay(**{**told(payer, WAYS[name]), **more})
    if not WAYS[name].sample.tells_phone:  # nobody acts by a phone: by the page, if there is
        with suppress(LookupError):
            town.act(payment, MAGIC[payer])
    for seconds in LATER_S:
        await town.pass_(seconds)
    return await town.world.payment(payment.id)


@in_each_way()
async def test_a_payer_who_approves_has_paid_once(town: Town, name: str) -> None:
    payment = await paid(town, name)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert town.kept_minor() == WAYS[name].sample.minors[0]
    assert [one.provider for one in payment.attempts] == [WAYS[name].profile.code]


@in_each_way(able=Callbacks)
async def test_a_callback_is_enough_or_makes_us_ask(town: Town, name: str) -> None:
    payment = await town.world.pay(**told(WAITS, WAYS[name]))
    assert payment.status is PaymentStatus.PENDING
    assert payment.attempts[0].next_action is not None
    town.act(payment)
    await town.pass_(1)
    assert (await town.world.payment(payment.id)).status is PaymentStatus.SUCCEEDED


@in_each_way("query", "pending")
async def test_without_any_callback_asking_finds_it(town: Town, name: str) -> None:
    town.faults(WAYS[name].profile.code, rules=[{"on": "callback", "do": "drop", "rate": 1.0}])
    payment = await town.world.pay(**told(WAITS, WAYS[name]))
    town.act(payment)
    for seconds in WAYS[name].profile.ladder_s[:2]:
        await town.pass_(seconds)
    assert (await town.world.payment(payment.id)).status is PaymentStatus.SUCCEEDED


@in_each_way("final_decline")
async def test_a_payer_who_declines_has_not_paid_and_nobody_else_asks(
    town: Town, name: str
) -> None:
    payment = await paid(town, name, DECLINES)
    assert payment.status is PaymentStatus.FAILED
    assert town.kept_minor() == 0
    assert len(payment.attempts) == 1


@in_each_way("query", "lost_charge")
@pytest.mark.parametrize("do", ["timeout_after", "error_5xx_after"])
async def test_a_lost_answer_ends_as_one_paid_payment(town: Town, name: str, do: str) -> None:
    town.faults(WAYS[name].profile.code, rules=[{"on": "charge", "do": do, "rate": 1.0}])
    payment = await paid(town, name)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert [one.status for one in town.books()] == ["succeeded"]


@pytest.mark.parametrize("name", [name for name in WAYS if "query" in WAYS[name].deviations])
@pytest.mark.parametrize("do", ["timeout_after", "timeout_before", "error_5xx_after"])
async def test_where_nobody_can_be_asked_a_person_decides_and_nobody_charges_again(
    town: Town, name: str, do: str
) -> None:
    town.faults(WAYS[name].profile.code, rules=[{"on": "charge", "do": do, "rate": 1.0}])
    payment = await paid(town, name)
    (attempt,) = payment.attempts
    assert attempt.status is AttemptStatus.INDETERMINATE
    assert attempt.with_person
    assert payment.status is not PaymentStatus.FAILED
    assert len(town.books()) <= 1


@in_each_way(able=Refunds)
async def test_all_of_it_goes_back(town: Town, name: str) -> None:
    payment = await paid(town, name)
    refund = await town.world.give_back(payment)
    for seconds in (*LATER_S, 86_400, 86_400):
        await town.pass_(seconds)
    assert (await town.world.stored_refund(refund.id)).state is RefundState.SUCCEEDED
    assert town.kept_minor() == 0


@pytest.mark.parametrize("name", [name for name in WAYS if WAYS[name].profile.networks])
async def test_a_payer_of_another_network_is_told_before_anything_is_sent(
    town: Town, name: str
) -> None:
    stranger = told(APPROVES, WAYS[name])["customer"]
    for phone in ("+12025550111", None):
        with pytest.raises(Invalid) as wrong:
            await town.world.pay(
                **{**told(APPROVES, WAYS[name]), "customer": replace(stranger, phone=phone)}
            )
        assert wrong.value.field == "customer.phone"
    assert town.books() == []


@in_each_way("pending", "final_decline")
async def test_a_late_decline_ends_it(town: Town, name: str) -> None:
    payment = await town.world.pay(**told(WAITS, WAYS[name]))
    town.act(payment, Action.DECLINE)
    for seconds in LATER_S:
        await town.pass_(seconds)
    assert (await town.world.payment(payment.id)).status is PaymentStatus.FAILED
