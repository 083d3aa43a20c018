"""Ending a payment, and what was only prepared."""

from dataclasses import replace
from typing import Final

from adapters.provider_kit.conformance.behaviour import able
from adapters.provider_kit.conformance.shop import (
    APPROVES,
    Shop,
    T,
    lookup,
)
from adapters.provider_kit.conformance.steps import approve
from adapters.provider_kit.conformance.wire import lost
from adapters.provider_kit.transport import Response
from domain.payments.outcome import Declined, FailureKind, Unknown
from domain.ports.providers import Callbacks, Cancels, Charge, Prepares, Refunds

MOST_STEPS: Final = 20  # requests of one cancel

# Ending a payment


@able(Cancels)
async def a_canceled_payment_can_never_be_paid(shop: Shop) -> None:
    charge, outcome = await shop.begin(shop.charge())
    charge = replace(charge, provider_reference=getattr(outcome, "provider_reference", None))
    answer = await shop.client.cancel(lookup(charge), timeout_s=T)
    assert isinstance(answer, Declined)
    assert answer.failure.kind is FailureKind.CANCELED
    approve(shop, charge)
    assert shop.moved(charge) == 0


@able(Cancels)
async def a_payment_that_was_paid_meanwhile_is_not_canceled(shop: Shop) -> None:
    charge = await shop.pay()
    answer = await shop.client.cancel(lookup(charge), timeout_s=T)
    assert not isinstance(answer, Declined)
    assert shop.moved(charge) == 1


@able(Cancels)
async def who_pays_while_a_cancel_is_on_its_way_has_paid(shop: Shop) -> None:
    """It may be stuck until long after we have told that they paid: never may it take that back."""
    for step in range(MOST_STEPS):
        shop.restart()
        charge, outcome = await shop.begin(shop.charge())
        charge = replace(charge, provider_reference=getattr(outcome, "provider_reference", None))
        moved: list[int] = []

        def pays(response: Response, one: Charge = charge, seen: list[int] = moved) -> Response:
            approve(shop, one)
            seen.append(shop.moved(one))
            return response

        shop.wire.quiet()
        shop.wire.after = {step: pays}
        answer = await shop.client.cancel(lookup(charge), timeout_s=T)
        if not moved:  # no cancel has so many requests
            assert step
            return
        assert moved == [shop.moved(charge)]
        assert isinstance(answer, Declined) != bool(moved[0])


@able(Cancels)
async def a_cancel_whose_answer_was_lost_is_not_a_no(shop: Shop) -> None:
    charge = await shop.pay()
    shop.wire.quiet()
    shop.wire.after = dict.fromkeys(range(9), lost)
    assert isinstance(await shop.client.cancel(lookup(charge), timeout_s=T), Unknown)


@able(Prepares)
async def what_was_only_prepared_cannot_be_paid(shop: Shop) -> None:
    charge = shop.charge(APPROVES)
    await shop.client.prepare(charge, timeout_s=T)
    approve(shop, charge)
    assert shop.moved(charge) == 0


@able(Refunds)
async def the_profile_says_what_the_client_can(shop: Shop) -> None:
    profile = shop.providers.profiles[shop.name]
    assert profile.refunds
    assert profile.cancels == isinstance(shop.client, Cancels)
    assert profile.callbacks == isinstance(shop.client, Callbacks)
