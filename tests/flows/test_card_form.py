"""Cards asked for in the merchant's own page, through the use cases: what Stripe never closes by
itself, we close at the payment's end, and nobody pays behind our back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import NoAnswer, Request, Response, Transport
from application.tenants.connect_account import ChangeAccount, RenewAccount
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money
from domain.payments.attempt import AttemptStatus
from domain.payments.outcome import ActionType
from domain.payments.payment import Payment
from domain.payments.status import PaymentStatus
from tests.builders import ACME
from tests.flows.conftest import HERE, Town, account_of, open_town

pytestmark = pytest.mark.anyio

HALF_AN_HOUR, HOUR, DAY = 1800, 3600, 86_400


@dataclass
class Line(Transport):
    """While it is `bad`, no request to close an intent arrives."""

    inner: Transport
    bad: bool = False

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        if self.bad and request.url.endswith("/cancel"):
            raise NoAnswer("no answer in time", timed_out=True)
        return await self.inner.send(request, timeout_s=timeout_s)


@dataclass
class Shop:
    town: Town
    line: Line

    async def begin(self, **more: object) -> Payment:
        usual = {"method": "stripe", "money": Money(2500, currency("USD")), "country": "US"}
        return await self.town.world.pay(**{**usual, **more})  # type: ignore[arg-type]

    async def after(self, seconds: float, payment: Payment) -> Payment:
        await self.town.pass_(seconds)
        return await self.town.world.payment(payment.id)

    def deaf_to_stripe(self) -> None:
        self.town.faults("stripe", rules=[{"on": "callback", "do": "drop", "rate": 1.0}])

    def booked(self) -> list[str]:
        return [one.status for one in self.town.books()]


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    lines: list[Line] = []

    def wrapped(wire: Transport, clock: object) -> Transport:
        lines.append(Line(wire))
        return lines[0]

    async with open_town(wrapped, settings={"stripe": "own_page"}) as town:
        yield Shop(town, lines[0])


async def test_the_merchant_is_given_what_opens_the_form(shop: Shop) -> None:
    payment = await shop.begin()
    assert payment.status is PaymentStatus.PENDING
    action = payment.attempts[0].next_action
    assert action is not None
    assert action.type is ActionType.SHOW_FORM
    assert action.client_secret
    assert action.publishable_key == "pk_test_sim_demo"


async def test_what_nobody_paid_is_closed_at_stripe_when_the_payment_ends(shop: Shop) -> None:
    payment = await shop.begin()
    assert (await shop.after(HALF_AN_HOUR - 1, payment)).status is PaymentStatus.PENDING
    assert (await shop.after(2, payment)).status is PaymentStatus.CANCELED
    assert shop.booked() == ["canceled"]
    shop.town.act(payment)
    assert shop.town.kept_minor() == 0
    assert await shop.town.world.queue.next_due() is None


async def test_while_it_could_not_be_closed_it_is_not_told_as_ended_and_soon_tried_again(
    shop: Shop,
) -> None:
    payment = await shop.begin()
    shop.line.bad = True
    for _ in range(7):
        assert (await shop.after(300, payment)).status is PaymentStatus.PENDING
    shop.line.bad = False
    assert (await shop.after(300, payment)).status is PaymentStatus.CANCELED
    assert shop.booked() == ["canceled"]


async def test_who_pays_before_it_could_be_closed_has_paid_though_no_callback_says_so(
    shop: Shop,
) -> None:
    shop.deaf_to_stripe()
    payment = await shop.begin()
    shop.line.bad = True
    await shop.after(HALF_AN_HOUR + 1, payment)
    shop.town.act(payment)
    payment = await shop.after(120, payment)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert shop.town.kept_minor() == 2500


async def test_a_late_payer_of_what_stripe_said_was_closed_is_noticed(shop: Shop) -> None:
    """As no company promises and some have done: it is asked again, and its own word counts."""
    payment = await shop.begin()
    payment = await shop.after(HALF_AN_HOUR + 1, payment)
    assert payment.status is PaymentStatus.CANCELED
    stripe = shop.town.remotes["stripe"].simulator
    stripe.reopen(payment.attempts[0].id)
    shop.town.act(payment)
    payment = await shop.after(60, payment)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert shop.town.kept_minor() == 2500


async def test_a_payment_of_a_week_is_no_persons_before_it_ends_and_is_closed_then(
    shop: Shop,
) -> None:
    payment = await shop.begin(expires_in_s=7 * DAY)
    for _ in range(6):
        payment = await shop.after(DAY, payment)
        assert payment.status is PaymentStatus.PENDING
        assert not payment.attempts[0].with_person
    assert (await shop.after(DAY + 1, payment)).status is PaymentStatus.CANCELED
    assert shop.booked() == ["canceled"]


async def test_what_can_not_be_closed_for_a_day_is_a_persons(shop: Shop) -> None:
    payment = await shop.begin(expires_in_s=4 * DAY)
    shop.line.bad = True
    for _ in range(4 * 24 + 23):
        payment = await shop.after(HOUR, payment)
        assert not payment.attempts[0].with_person
    for _ in range(49):
        payment = await shop.after(HOUR, payment)
    assert payment.attempts[0].with_person
    assert payment.attempts[0].is_live
    shop.town.act(payment)
    payment = await shop.after(60, payment)
    assert payment.status is PaymentStatus.SUCCEEDED


async def test_a_merchant_who_cancels_closes_it(shop: Shop) -> None:
    payment = await shop.begin()
    shop.town.act(payment, Action.DECLINE)
    payment = await shop.after(10, payment)
    assert payment.attempts[0].status is AttemptStatus.PENDING
    await shop.town.world.cancel(payment.tenant_id, payment.id)
    payment = await shop.after(1, payment)
    assert payment.status is PaymentStatus.CANCELED
    assert shop.booked() == ["canceled"]


async def test_an_account_goes_over_to_the_page_and_what_was_begun_in_the_form_is_paid(
    shop: Shop,
) -> None:
    tenants, kit = shop.town.world.tenants, shop.town.kit
    change = ChangeAccount(tenants, kit, RenewAccount(tenants, kit))
    begun = await shop.begin()
    with pytest.raises(Invalid, match="publishableKey"):
        await change(ACME, account_of("stripe"), {"publishableKey": "pk_live_1"}, HERE)
    await change(ACME, account_of("stripe"), {"cardForm": "checkout_page"}, HERE)
    action = (await shop.begin(key="k2")).attempts[0].next_action
    assert action is not None
    assert action.type is ActionType.REDIRECT
    shop.town.act(begun)
    assert (await shop.after(10, begun)).status is PaymentStatus.SUCCEEDED
