"""Money back: never twice, never more than was paid, and a lost answer is found again."""

from adapters.provider_kit.conformance.behaviour import able
from adapters.provider_kit.conformance.shop import (
    Shop,
    T,
)
from adapters.provider_kit.conformance.wire import lost
from adapters.provider_kit.transport import NoAnswer, NothingSent, Response
from domain.payments.outcome import (
    Declined,
    NotFound,
    NotSent,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Charge, RefundOrder, Refunds

PARTIAL = lambda manifest: manifest.partial_refunds  # noqa: E731


async def paid(shop: Shop, minor: int | None = None) -> Charge:
    """A payment that may be refunded: a night has passed, whatever the provider's day is."""
    charge = await shop.pay(minor)
    shop.clock.pass_(hours=30)
    shop.wire.quiet()
    return charge


async def settled(shop: Shop, order: RefundOrder) -> object:
    """The end of a refund that may take its time."""
    shop.clock.pass_(hours=30)
    shop.wire.quiet()
    return await shop.client.find_refund(order, timeout_s=T)


def returned(shop: Shop, charge: Charge) -> int:
    return sum(one.refunded_minor for one in shop.books(charge))


@able(Refunds)
async def all_of_it_goes_back_once(shop: Shop) -> None:
    charge = await paid(shop)
    order = shop.order(charge)
    outcome = await shop.client.refund(order, timeout_s=T)
    assert isinstance(outcome, Succeeded | Pending)
    found = await settled(shop, order)
    assert isinstance(found, Succeeded)
    assert found.amount == charge.amount
    assert returned(shop, charge) == charge.amount.minor


@able(Refunds)
async def sent_again_after_it_succeeded_it_does_not_go_back_twice(shop: Shop) -> None:
    charge = await paid(shop)
    order = shop.order(charge)
    await shop.client.refund(order, timeout_s=T)
    shop.clock.pass_(hours=30)
    await shop.client.refund(order, timeout_s=T)
    assert returned(shop, charge) == charge.amount.minor


@able(Refunds, holds=PARTIAL)
async def parts_go_back_to_the_last_unit_and_no_further(shop: Shop) -> None:
    charge, unit = await paid(shop), shop.part
    total = charge.amount.minor
    third = total // unit // 3 * unit
    outcomes = []
    for number, minor in enumerate((third, total - third - unit, 2 * unit), start=1):
        order = shop.order(charge, minor, number)
        outcomes.append(await shop.client.refund(order, timeout_s=T))
        shop.clock.pass_(hours=1)
    assert isinstance(outcomes[-1], Declined)
    assert returned(shop, charge) == total - unit
    last = shop.order(charge, unit, 4)
    assert isinstance(await shop.client.refund(last, timeout_s=T), Succeeded | Pending)
    assert isinstance(await settled(shop, last), Succeeded)
    assert returned(shop, charge) == total


@able(Refunds, holds=PARTIAL)
async def two_refunds_of_one_amount_are_told_apart(shop: Shop) -> None:
    charge = await paid(shop)
    part = charge.amount.minor // shop.part // 5 * shop.part
    first, second = shop.order(charge, part, 1), shop.order(charge, part, 2)
    await shop.client.refund(first, timeout_s=T)
    assert isinstance(await shop.client.find_refund(second, timeout_s=T), NotFound | Unknown)
    await shop.client.refund(second, timeout_s=T)
    told = Unknown if "one_refund" in shop.manifest.deviations else Succeeded
    assert isinstance(await settled(shop, second), told)
    assert isinstance(await settled(shop, first), told)
    assert returned(shop, charge) == 2 * part


@able(Refunds)
async def what_was_never_paid_is_not_refunded(shop: Shop) -> None:
    charge, _ = await shop.begin(shop.charge())
    order = shop.order(charge)
    assert isinstance(await shop.client.refund(order, timeout_s=T), Declined | NotSent)
    assert returned(shop, charge) == 0


@able(Refunds)
async def a_refund_that_was_not_sent_is_not_found(shop: Shop) -> None:
    order = shop.order(await paid(shop))
    assert isinstance(await shop.client.find_refund(order, timeout_s=T), NotFound | Unknown)


async def steps_of(shop: Shop) -> int:
    order = shop.order(await paid(shop))
    await shop.client.refund(order, timeout_s=T)
    return len(shop.wire.sent)


RUBBISH = (b"", b"<html>", b'{"data":{"id":"x","attr', b"{}", b"[]", b"null", b'{"status":5}')


@able(Refunds)
async def whatever_is_lost_on_the_way_a_no_is_the_truth(shop: Shop) -> None:
    """Struck at each request, in each way: what was said not to be executed was not, and what is
    unknown is found, or found missing, by asking."""
    steps = await steps_of(shop)
    for step in range(steps):
        for kind in range(4 + 4 * len(RUBBISH)):
            charge = await paid(shop)
            order = shop.order(charge)
            _strike(shop, step, kind)
            outcome = await shop.client.refund(order, timeout_s=T)
            shop.wire.quiet()
            if step == steps - 1 and kind != 1:
                assert isinstance(outcome, Unknown)
            if isinstance(outcome, Declined | NotSent):
                assert returned(shop, charge) == 0
            elif isinstance(outcome, Unknown):
                found = await settled(shop, order)
                back = returned(shop, charge) == charge.amount.minor
                assert isinstance(found, Succeeded if back else NotFound | Unknown)


def _strike(shop: Shop, step: int, kind: int) -> None:
    match kind:
        case 0:
            shop.wire.after[step] = lost
        case 1:
            shop.wire.before[step] = NothingSent("refused")
        case 2:
            shop.wire.before[step] = NoAnswer("cut")
        case 3:
            shop.wire.before[step] = Response(503)
        case _:
            status = (200, 302, 400, 500)[(kind - 4) // len(RUBBISH)]
            rubbish = Response(status, {}, RUBBISH[(kind - 4) % len(RUBBISH)])
            shop.wire.after[step] = lambda answer: rubbish


@able(Refunds)
async def a_refused_connection_gives_nothing_back(shop: Shop) -> None:
    charge = await paid(shop)
    shop.wire.before = dict.fromkeys(range(9), NothingSent("refused"))
    outcome = await shop.client.refund(shop.order(charge), timeout_s=T)
    assert isinstance(outcome, NotSent)
    assert returned(shop, charge) == 0


@able(Refunds)
async def a_query_of_a_refund_that_fails_says_nothing(shop: Shop) -> None:
    charge = await paid(shop)
    order = shop.order(charge)
    await shop.client.refund(order, timeout_s=T)
    for silence in (NothingSent("refused"), NoAnswer("cut"), Response(500), Response(200)):
        shop.wire.quiet()
        shop.wire.before = dict.fromkeys(range(9), silence)
        assert isinstance(await shop.client.find_refund(order, timeout_s=T), Unknown)
