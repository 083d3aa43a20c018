"""At the edges of what may be asked: words, amounts, currencies, numbers of attempts, and time."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from adapters.provider_kit.conformance.behaviour import able
from adapters.provider_kit.conformance.money_in import waits
from adapters.provider_kit.conformance.refunds import PARTIAL, paid, returned, settled
from adapters.provider_kit.conformance.shop import APPROVES, Shop, T, lookup
from adapters.provider_kit.conformance.steps import approve, holds_the_law, steps_of
from adapters.provider_kit.conformance.wire import lost
from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.transport import Response
from domain.currencies import CURRENCIES, currency
from domain.ids import attempt_id
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import Declined, NotSent, Pending, Succeeded, Unknown
from domain.ports.providers import Charge, Prepares, Refunds

WORDS: Final = {
    "one letter": "x",
    "as long as may be": "Order number " * 40,
    "other scripts": "طلب رقم ٧ · 注文 · заказ · ñandú",
    "emoji": "🥭🥭🥭 👨‍👩‍👧‍👦",
    "marks of all kinds": "a|b;c,d&e=f%20<g>\"h'\\i/../?#[{j}]",
    "lines": "first\nsecond\r\nthird\tfourth",
    "what is no letter": "a\x00b\x1b[31mc\u202ed\ufefff",
}
"""What merchants write into a reference or a description."""


def takes_keys(manifest: Manifest) -> bool:
    return manifest.profile.promises.takes_keys


def limited(manifest: Manifest) -> bool:
    return 0 < len(manifest.profile.currencies) < len(CURRENCIES)


async def told_apart(shop: Shop, charge: Charge) -> None:
    """Whatever was asked: an outcome, booked as it was asked, and the law."""
    charge, outcome = await shop.begin(charge)
    assert isinstance(outcome, Pending | Succeeded | Declined | NotSent)
    for line in shop.books(charge):
        assert (line.amount_minor, line.currency) == (
            charge.amount.minor,
            charge.amount.currency.code,
        )
    await holds_the_law(shop, charge, outcome)


@able(each=[(one,) for one in WORDS])
async def words_of_any_kind_are_taken_or_refused(shop: Shop, kind: str) -> None:
    words = WORDS[kind]
    charge = replace(shop.charge(), reference=words[:255], description=words[:255])
    await told_apart(shop, charge)


@able(each=[(one,) for one in WORDS])
async def names_of_any_kind_are_taken_or_refused(shop: Shop, kind: str) -> None:
    charge = shop.charge()
    named = replace(charge.customer, name=WORDS[kind][:100], id=WORDS[kind][:100])
    await told_apart(shop, replace(charge, customer=named))


@able()
async def a_payer_of_whom_nothing_is_known_is_asked_or_refused(shop: Shop) -> None:
    charge = shop.charge()
    for customer in (Customer(), Customer(name="Ana"), replace(charge.customer, email=None)):
        await told_apart(
            shop, replace(shop.charge(), customer=customer, description="", return_url=None)
        )


@able(holds=limited)
async def a_currency_that_it_does_not_take_is_not_charged_in_another(shop: Shop) -> None:
    foreign = sorted(set(CURRENCIES) - shop.manifest.profile.currencies)
    of_each_exponent = {CURRENCIES[code].exponent: code for code in foreign}
    for code in of_each_exponent.values():
        charge = replace(shop.charge(APPROVES), amount=Money(100_000, currency(code)))
        charge, outcome = await shop.begin(charge)
        assert isinstance(outcome, Declined | NotSent | Unknown)
        assert shop.moved(charge) == 0


@able()
async def each_currency_is_told_in_its_own_units_or_refused(shop: Shop) -> None:
    """A hundred yen are no yen and no centavos: a factor of ten is the dearest mistake."""
    for code in sorted(shop.manifest.profile.currencies)[:16]:
        unit = next((s.minor for s in shop.manifest.profile.step if s.currency.code == code), 1)
        charge = replace(shop.charge(APPROVES), amount=Money(120_000 * unit, currency(code)))
        charge, _ = await shop.begin(charge)
        for line in shop.books(charge):
            assert (line.amount_minor, line.currency) == (120_000 * unit, code)


@able(each=[(10**number,) for number in range(8, 16)])
async def an_amount_beyond_measure_is_told_exactly_or_refused(shop: Shop, minor: int) -> None:
    charge, outcome = await shop.begin(shop.charge(APPROVES, minor))
    assert isinstance(outcome, Pending | Succeeded | Declined | NotSent)
    assert {one.amount_minor for one in shop.books(charge)} <= {minor}
    await holds_the_law(shop, charge, outcome)


@able(holds=waits)
async def two_attempts_of_one_payment_are_told_apart(shop: Shop) -> None:
    first, one = await shop.begin(shop.charge())
    second = replace(first, attempt_id=attempt_id(first.payment_id, 2), provider_reference=None)
    second, two = await shop.begin(second)
    approve(shop, second)
    assert (shop.moved(first), shop.moved(second)) == (0, 1)
    if shop.asks:
        known = [getattr(outcome, "provider_reference", None) for outcome in (one, two)]
        first, second = (
            replace(charge, provider_reference=reference)
            for charge, reference in zip((first, second), known, strict=True)
        )
        assert isinstance(await shop.find(first), Pending)
        assert isinstance(await shop.find(second), Succeeded)


@able(holds=takes_keys)
async def a_charge_sent_again_after_a_lost_answer_moves_money_once(shop: Shop) -> None:
    steps = await steps_of(shop)
    shop.wire.after[steps - 1] = lost
    charge, _ = await shop.begin(shop.charge(APPROVES))
    shop.wire.quiet()
    again = await shop.client.charge(charge, timeout_s=T)
    assert isinstance(again, Pending | Succeeded | Unknown | Declined)
    approve(shop, charge)
    assert shop.moved(charge) == 1


@able()
async def with_no_time_left_nothing_is_sent(shop: Shop) -> None:
    charge = shop.charge(APPROVES)
    shop.wire.quiet()
    assert isinstance(await shop.client.charge(charge, timeout_s=0), NotSent | Declined)
    assert isinstance(await shop.client.find(lookup(charge), timeout_s=0), Unknown)
    assert shop.books(charge) == []


@able()
async def all_requests_of_a_call_share_its_time(shop: Shop) -> None:
    """A company that takes its time over the first is not waited for as long at the second."""
    steps = await steps_of(shop)

    def slow(answer: Response) -> Response:
        shop.clock.pass_(seconds=T - 1)
        return answer

    for step in range(steps):
        shop.restart()
        shop.wire.after[step] = slow
        charge, outcome = await shop.begin(shop.charge())
        assert all(0 < one <= T for one in shop.wire.waits)
        await holds_the_law(shop, charge, outcome)


@able(Refunds)
async def a_refund_with_no_time_left_is_not_sent(shop: Shop) -> None:
    charge = await paid(shop)
    order = shop.order(charge)
    assert isinstance(await shop.client.refund(order, timeout_s=0), NotSent | Declined)
    assert isinstance(await shop.client.find_refund(order, timeout_s=0), Unknown)
    assert returned(shop, charge) == 0


@able(Refunds)
async def two_refunds_of_all_of_it_give_it_back_once(shop: Shop) -> None:
    charge = await paid(shop)
    first, second = shop.order(charge, number=1), shop.order(charge, number=2)
    await shop.client.refund(first, timeout_s=T)
    shop.clock.pass_(hours=1)
    said = await shop.client.refund(second, timeout_s=T)
    if shop.manifest.partial_refunds:  # else it is all or nothing, and the second is the first
        assert not isinstance(said, Succeeded | Pending)
    assert isinstance(await settled(shop, first), Succeeded)
    assert returned(shop, charge) == charge.amount.minor


@able(Refunds, holds=PARTIAL)
async def the_smallest_part_of_it_goes_back_to_the_unit(shop: Shop) -> None:
    charge = await paid(shop)
    order = shop.order(charge, shop.part)
    assert isinstance(await shop.client.refund(order, timeout_s=T), Succeeded | Pending)
    found = await settled(shop, order)
    if "one_refund" not in shop.manifest.deviations:
        assert isinstance(found, Succeeded)
        assert found.amount.minor == shop.part
    assert returned(shop, charge) == shop.part


@able(Refunds)
async def the_refund_of_one_payment_leaves_the_next_alone(shop: Shop) -> None:
    first, second = await paid(shop), await paid(shop)
    order = shop.order(first)
    await shop.client.refund(order, timeout_s=T)
    assert isinstance(await settled(shop, order), Succeeded)
    assert (returned(shop, first), returned(shop, second)) == (first.amount.minor, 0)


@able()
async def a_payment_of_long_ago_is_not_taken_for_another(shop: Shop) -> None:
    """Asked about by another reference, at another time, it is not found. What was not even
    prepared, where that is a step, can't be paid any more."""
    charge = await shop.pay()
    stranger = shop.charge()
    early = replace(stranger, opened_at=charge.opened_at - timedelta(days=3))
    wrong = Succeeded if isinstance(shop.client, Prepares) else Succeeded | Declined
    for one in (stranger, early):
        assert not isinstance(await shop.find(one), wrong)
