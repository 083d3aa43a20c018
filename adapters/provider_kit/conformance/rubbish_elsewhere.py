"""The same for what is not a charge: rubbish is no refund, no cancel, and opens no account."""

from itertools import product
from typing import Any, Final

from adapters.provider_kit.conformance.behaviour import able, refused
from adapters.provider_kit.conformance.refunds import paid
from adapters.provider_kit.conformance.rubbish import RUBBISH, STATUSES, always, rubbish_of
from adapters.provider_kit.conformance.shop import (
    CALLBACK_URL,
    Shop,
    T,
    lookup,
)
from domain.errors import Invalid
from domain.payments.outcome import Declined, NotFound, NotSent, Unknown
from domain.ports.providers import Cancels, Prepares, Probes, Refunds, Registers

EACH: Final[list[tuple[Any, ...]]] = list(product((200, 302, 400, 500, 502), RUBBISH))


@able(Refunds, each=EACH)
async def rubbish_instead_of_a_refund_is_not_believed(shop: Shop, status: int, kind: str) -> None:
    """In place of the last answer, the one that tells of the money."""
    order = shop.order(await paid(shop))
    await shop.client.refund(order, timeout_s=T)
    steps = len(shop.wire.sent)
    order = shop.order(await paid(shop))
    shop.wire.after[steps - 1] = lambda genuine: rubbish_of(status, kind)
    assert isinstance(await shop.client.refund(order, timeout_s=T), Unknown)


@able(Refunds, each=EACH)
async def rubbish_instead_of_a_refunds_status_says_nothing(
    shop: Shop, status: int, kind: str
) -> None:
    order = shop.order(await paid(shop))
    await shop.client.refund(order, timeout_s=T)
    shop.wire.quiet()
    shop.wire.after = always(rubbish_of(status, kind))
    answer = await shop.client.find_refund(order, timeout_s=T)
    assert isinstance(answer, Unknown | NotFound)
    if status >= 300 or not RUBBISH[kind].strip().startswith(b"["):
        assert isinstance(answer, Unknown)


@able(Cancels, each=EACH)
async def rubbish_instead_of_a_cancel_is_not_a_no(shop: Shop, status: int, kind: str) -> None:
    charge = await shop.pay()
    shop.wire.quiet()
    shop.wire.after = always(rubbish_of(status, kind))
    answer = await shop.client.cancel(lookup(charge), timeout_s=T)
    assert isinstance(answer, Unknown | NotFound)
    if status >= 300 or not RUBBISH[kind].startswith(b"["):
        assert isinstance(answer, Unknown)


@able(Probes, each=list(product(STATUSES, RUBBISH)))
async def rubbish_instead_of_a_probe_accepts_no_account(shop: Shop, status: int, kind: str) -> None:
    """Whoever it is who answers there: it is not the company."""
    shop.restart()
    shop.wire.after = always(rubbish_of(status, kind))
    with refused(Invalid) as caught:
        await shop.client.probe(timeout_s=T)
    assert len(str(caught.value)) < 300


@able(Registers)
async def rubbish_instead_of_a_registration_is_a_refusal_in_words(shop: Shop) -> None:
    await shop.client.register(CALLBACK_URL, timeout_s=T)
    if not shop.wire.sent:  # it goes along with every charge, so nobody is asked
        return
    for status, kind in EACH:
        shop.restart()
        shop.wire.before = dict.fromkeys(range(30), rubbish_of(status, kind))
        with refused(Invalid):
            await shop.client.register(CALLBACK_URL, timeout_s=T)


@able(Prepares, each=EACH)
async def rubbish_instead_of_a_preparation_is_nothing_to_pay(
    shop: Shop, status: int, kind: str
) -> None:
    shop.wire.after = always(rubbish_of(status, kind))
    said = await shop.client.prepare(shop.charge(), timeout_s=T)
    assert isinstance(said, Declined | NotSent)
    assert all(one.status != "succeeded" for one in shop.remote.simulator.books())
