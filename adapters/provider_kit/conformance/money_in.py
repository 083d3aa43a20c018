"""Money in: it moves once, to the minor unit, when the payer says so."""

from adapters.provider_kit.conformance.behaviour import able
from adapters.provider_kit.conformance.deviations import TODAY
from adapters.provider_kit.conformance.shop import (
    APPROVES,
    DECLINES,
    IGNORES,
    Shop,
    T,
)
from adapters.provider_kit.conformance.steps import approve
from adapters.provider_kit.manifest import Manifest
from domain.payments.outcome import (
    Declined,
    NotFound,
    NotSent,
    Pending,
    Succeeded,
    Unknown,
)


def waits(manifest: Manifest) -> bool:
    return "pending" not in manifest.deviations


def ends_with_a_decline(manifest: Manifest) -> bool:
    return "final_decline" not in manifest.deviations


# Money in


@able(each=[(which,) for which in range(4)])
async def an_approved_payment_succeeds_once_to_the_minor_unit(shop: Shop, which: int) -> None:
    minors = shop.manifest.sample.minors
    minor = minors[which % len(minors)]
    charge, outcome = await shop.begin(shop.charge(APPROVES, minor))
    assert isinstance(outcome, Pending | Succeeded)
    answer = await shop.ended(charge, outcome)
    assert isinstance(answer, Succeeded)
    assert answer.amount == charge.amount
    assert [(one.amount_minor, one.currency, one.status) for one in shop.books(charge)] == [
        (minor, charge.amount.currency.code, "succeeded")
    ]
    everything = shop.remote.simulator.books()  # nor under another reference than ours
    assert [one.status for one in everything].count("succeeded") == 1


@able()
async def a_charge_keeps_its_number_in_the_books_and_is_known_by_it(shop: Shop) -> None:
    charge, _ = await shop.begin(shop.charge())
    (before,) = shop.books(charge)
    shop.remote.simulator.act(before.provider_reference, TODAY.approve)
    (after,) = shop.books(charge)
    assert (after.provider_reference, after.status) == (before.provider_reference, "succeeded")


@able(holds=ends_with_a_decline)
async def a_payer_who_declines_is_told_so_and_nobody_else_is_tried(shop: Shop) -> None:
    charge, outcome = await shop.begin(shop.charge(DECLINES))
    answer = await shop.ended(charge, outcome)
    assert isinstance(answer, Declined)
    assert not answer.elsewhere
    assert shop.moved(charge) == 0


@able(holds=lambda one: not ends_with_a_decline(one))
async def a_payer_whose_card_was_declined_may_still_pay_once(shop: Shop) -> None:
    charge, _ = await shop.begin(shop.charge(DECLINES))
    assert isinstance(await shop.find(charge), Pending)
    assert shop.moved(charge) == 0
    approve(shop, charge)
    assert isinstance(await shop.find(charge), Succeeded)
    assert shop.moved(charge) == 1


@able(holds=waits)
async def a_payer_who_waits_is_pending_with_something_to_do(shop: Shop) -> None:
    charge, outcome = await shop.begin(shop.charge())
    assert isinstance(outcome, Pending)
    assert outcome.next_action is not None
    assert outcome.provider_reference
    assert isinstance(await shop.find(charge), Pending)
    assert shop.moved(charge) == 0


@able(holds=lambda one: not waits(one))
async def a_payer_who_waits_longer_than_the_call_leaves_it_unknown(shop: Shop) -> None:
    charge, outcome = await shop.begin(shop.charge(IGNORES))
    assert isinstance(outcome, Unknown)
    assert outcome.timed_out
    assert shop.moved(charge) == 0
    approve(shop, charge)
    assert shop.moved(charge) == 1


@able()
async def a_payer_who_never_comes_does_not_become_paid(shop: Shop) -> None:
    charge, _ = await shop.begin(shop.charge(IGNORES))
    shop.clock.pass_(days=2)
    silent = Pending | Declined | NotFound if shop.asks else Unknown
    assert isinstance(await shop.find(charge), silent)
    assert shop.moved(charge) == 0


@able(holds=lambda one: one.profile.promises.takes_keys)
async def the_same_key_twice_moves_money_once(shop: Shop) -> None:
    charge, _ = await shop.begin(shop.charge(APPROVES))
    await shop.client.charge(charge, timeout_s=T)
    assert shop.moved(charge) == 1


@able()
async def two_payments_are_two_charges(shop: Shop) -> None:
    first, second = await shop.pay(), await shop.pay()
    assert (shop.moved(first), shop.moved(second)) == (1, 1)


@able(holds=lambda one: bool(one.profile.currencies))
async def an_amount_that_it_does_not_take_is_not_executed(shop: Shop) -> None:
    charge = shop.charge(APPROVES, minor=1)
    charge, outcome = await shop.begin(charge)
    if shop.moved(charge):  # a provider without a minimum
        assert isinstance(await shop.ended(charge, outcome), Succeeded)
    else:
        assert isinstance(outcome, Declined | NotSent)
