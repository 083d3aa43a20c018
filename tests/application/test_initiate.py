"""Taking a payment: routed, stored before it is sent, fallen back only when that is certain."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from application.answers import Answer
from domain.errors import (
    AmountAboveLimit,
    Invalid,
    KeyInProgress,
    KeyReused,
)
from domain.fees.schedule import Bearer, FeeSchedule
from domain.ids import PaymentId
from domain.money import Money
from domain.payments.attempt import AttemptStatus
from domain.payments.intent import Customer
from domain.payments.outcome import NotSent, Succeeded, Unknown
from domain.payments.routing import Health
from domain.payments.status import PaymentStatus
from domain.ports.providers import Charge
from domain.providers.network import Network
from domain.tenants.tenant import Limit
from tests.application.company import DOWN, LOST, REFUSED
from tests.application.world import World
from tests.builders import ACME, PHP, USD

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("amount", "provider", "fee"),
    [
        ("499.50", "gcash", "27.48"),
        ("499.99", "maya", "27.50"),  # equal once rounded: the tenant's order decides
        ("500.00", "maya", "27.50"),
        ("500.01", "maya", "27.50"),
        ("500.50", "maya", "27.51"),
        ("100.00", "gcash", "13.50"),
        ("1500.00", "maya", "52.50"),
    ],
)
async def test_the_cheapest_provider_for_this_amount_takes_it(
    world: World, amount: str, provider: str, fee: str
) -> None:
    payment = await world.pay(amount)
    assert payment.current is not None
    assert payment.fee is not None
    assert (payment.current.provider, payment.fee.amount.major) == (provider, fee)
    assert payment.status is PaymentStatus.PENDING
    assert payment.current.next_action is not None


async def test_a_method_named_in_the_request_comes_before_the_customers_default(
    world: World,
) -> None:
    await world.choose(ACME, "cus_1", "gcash")
    customer = Customer(id="cus_1")
    by_default = await world.pay(customer=customer)
    assert by_default.decision.chosen == "gcash"
    assert by_default.decision.strategy == "default"
    named = await world.pay(key="k2", customer=customer, method="maya")
    assert named.decision.chosen == "maya"
    assert named.decision.strategy == "preferred"
    assert named.decision.order == ("maya", "gcash")
    stranger = await world.pay(key="k3", customer=Customer(id="cus_2"))
    assert stranger.decision.chosen == "maya"
    assert stranger.decision.strategy == "least_cost"


@pytest.mark.parametrize("first", ["maya", "gcash"])
async def test_when_one_is_not_reached_the_other_takes_it_at_once(world: World, first: str) -> None:
    down = getattr(world.companies, first)
    down.script = lambda charge: NotSent("connection refused")
    payment = await world.pay(method=first)
    other = {"maya": "gcash", "gcash": "maya"}[first]
    assert [one.provider for one in payment.attempts] == [first, other]
    assert payment.attempts[0].status is AttemptStatus.FAILED
    assert payment.status is PaymentStatus.PENDING
    assert payment.attempts[1].fence
    assert not payment.attempts[0].fence
    assert not down.books


async def test_a_no_that_permits_another_try_goes_elsewhere(world: World) -> None:
    world.companies.maya.script = lambda charge: DOWN
    payment = await world.pay()
    assert [one.provider for one in payment.attempts] == ["maya", "gcash"]


async def test_a_no_of_the_payer_is_final(world: World) -> None:
    world.companies.maya.script = lambda charge: REFUSED
    payment = await world.pay()
    assert payment.status is PaymentStatus.FAILED
    assert len(payment.attempts) == 1
    assert payment.failure is not None
    assert payment.failure.code == "payer_rejected"


async def test_when_both_are_down_the_answer_is_unavailable_and_the_payment_tells_why(
    world: World,
) -> None:
    world.companies.maya.script = lambda charge: DOWN
    world.companies.gcash.prepare_script = lambda charge: NotSent("connection refused")
    answer = await world.answer()
    assert answer.status == 503
    payment = await world.payment(answer.body.decode().partition("|")[0])
    assert payment.status is PaymentStatus.FAILED
    assert len(payment.attempts) == 2
    again = await world.answer()
    assert (again.body, again.status, again.replayed) == (answer.body, 503, True)


async def test_nothing_falls_back_while_the_first_may_hold_money(world: World) -> None:
    world.companies.maya.silent = True
    payment = await world.pay()
    assert payment.attempts[0].status is AttemptStatus.INDETERMINATE
    assert len(payment.attempts) == 1
    assert not world.companies.gcash.calls
    await world.work(5)
    payment = await world.payment(payment.id)
    assert payment.attempts[0].status is AttemptStatus.PENDING
    assert len(payment.attempts) == 1


async def test_money_taken_behind_a_timeout_is_one_paid_payment(world: World) -> None:
    """The provider took it, its answer was lost; the ladder finds it."""
    world.companies.maya.silent = True
    world.companies.maya.script = lambda charge: Succeeded(amount=charge.amount)
    payment = await world.pay()
    assert payment.status is PaymentStatus.PENDING
    await world.work(5)
    payment = await world.payment(payment.id)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert len(payment.attempts) == 1
    assert world.companies.maya.kept_minor == 150000
    assert not world.companies.gcash.books


async def test_what_never_arrived_is_sent_elsewhere_only_after_two_late_answers(
    world: World,
) -> None:
    """ "Not found" counts twice, the last time after the provider's visibility delay."""
    world.companies.maya.script = lambda charge: Unknown(reason="reset")
    payment = await world.pay()
    world.companies.maya.books.clear()  # it was lost on its way
    for wait in (5, 15, 45):
        await world.work(wait)
        assert len((await world.payment(payment.id)).attempts) == 1
    await world.work(120)
    payment = await world.payment(payment.id)
    assert [one.provider for one in payment.attempts] == ["maya", "gcash"]
    assert payment.attempts[0].status is AttemptStatus.FAILED


async def test_a_provider_that_is_asked_to_wait_by_its_breaker_is_passed_over(
    world: World,
) -> None:
    world.health.known["acc_maya"] = Health(circuit="open")
    payment = await world.pay()
    assert payment.decision.order == ("gcash",)
    world.health.known["acc_gcash"] = Health(circuit="open")
    answer = await world.answer(key="k2")
    assert answer.status == 503


async def test_fifty_requests_with_one_key_make_one_payment(world: World) -> None:
    gate = asyncio.Event()

    async def hold(charge: Charge) -> None:
        await gate.wait()

    world.companies.maya.before_answer = hold

    async def one() -> Answer | KeyInProgress:
        try:
            return await world.answer()
        except KeyInProgress as error:
            return error

    tasks = [asyncio.create_task(one()) for _ in range(50)]
    held: set[asyncio.Task[Answer | KeyInProgress]] = set(tasks)
    while len(held) > 1:
        _, held = await asyncio.wait(held, return_when=asyncio.FIRST_COMPLETED)
    gate.set()
    answers = await asyncio.gather(*tasks)
    assert sum(isinstance(answer, KeyInProgress) for answer in answers) == 49
    assert len(world.companies.maya.books) == 1
    [first] = [answer for answer in answers if isinstance(answer, Answer)]
    again = await world.answer()
    assert again.replayed
    assert again.body == first.body


async def test_a_key_of_another_request_is_refused(world: World) -> None:
    await world.answer()
    with pytest.raises(KeyReused):
        await world.answer("1500.01")


async def test_a_replay_is_answered_even_when_the_request_would_now_be_refused(
    world: World,
) -> None:
    first = await world.answer(method="gcash")
    tenant = (await world.tenants.setup(ACME)).tenant
    await world.tenants.save(replace(tenant, limits=(Limit(Money(100, PHP)),)))
    world.clock.advance(2)  # a setup may be read up to a second late
    with pytest.raises(AmountAboveLimit):
        await world.answer(key="k2", method="gcash")
    again = await world.answer(method="gcash")
    assert again.replayed
    assert again.body == first.body


async def test_a_request_that_died_is_answered_later_with_the_payment_as_it_is(
    world: World,
) -> None:
    """The process is killed between the provider's answer and our commit."""

    async def die(charge: Charge) -> None:
        raise KeyboardInterrupt

    world.companies.maya.before_answer = die
    with pytest.raises(KeyboardInterrupt):
        await world.answer()
    world.companies.maya.before_answer = None
    with pytest.raises(KeyInProgress):
        await world.answer()
    [charge] = world.companies.maya.books
    world.companies.maya.pay(charge)
    await world.work(80)
    again = await world.answer()
    assert b"succeeded|maya" in again.body
    assert len(world.companies.maya.books) == 1
    assert (await world.answer()).body == again.body


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"method": "paypal"}, Invalid, "method"),
        ({"money": Money(100, USD)}, Invalid, "currency"),
        ({"money": Money(100, USD), "method": "maya"}, Invalid, "currency"),
        ({"money": Money(10_000_001, PHP)}, AmountAboveLimit, "amount"),
        ({"country": "ZM"}, Invalid, "country"),
    ],
)
async def test_what_nobody_could_take_is_refused_naming_the_field_and_nothing_is_stored(
    world: World, changes: dict[str, Any], error: type[Invalid], field: str
) -> None:
    with pytest.raises(error) as told:
        await world.answer(**changes)
    assert told.value.field == field
    assert not await world.payments()


async def test_exactly_the_limit_is_taken(world: World) -> None:
    assert (await world.pay("100000.00")).status is PaymentStatus.PENDING


async def test_a_payer_who_bears_the_fee_is_charged_it(world: World) -> None:
    payment = await world.pay(bearer=Bearer.PAYER)
    assert payment.attempts[0].charged.major == "1552.50"
    world.companies.maya.pay(payment.attempts[0].id)
    await world.work(5)
    payment = await world.payment(payment.id)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert payment.refundable.major == "1500.00"


async def test_a_refresh_asks_the_provider_first(world: World) -> None:
    payment = await world.pay()
    world.companies.maya.pay(payment.attempts[0].id)
    assert (await world.get(ACME, payment.id)).status is PaymentStatus.PENDING
    fresh = await world.get(ACME, payment.id, refresh=True)
    assert fresh.status is PaymentStatus.SUCCEEDED
    calls = list(world.companies.maya.calls)
    await world.get(ACME, payment.id, refresh=True)
    assert world.companies.maya.calls == calls, "what is final is not asked about"


async def test_asking_again_and_again_does_not_fill_the_history(world: World) -> None:
    payment = await world.pay()
    for _ in range(10):
        await world.get(ACME, payment.id, refresh=True)
    assert len((await world.payment(payment.id)).attempts[0].evidence) <= 2


async def test_past_the_providers_horizon_a_person_decides(world: World) -> None:
    world.companies.maya.script = lambda charge: LOST
    payment = await world.pay()
    for _ in range(6):
        await world.work(86_400)
    payment = await world.payment(payment.id)
    assert payment.status is PaymentStatus.AWAITING_VERIFICATION
    assert payment.attempts[0].with_person
    assert len(payment.attempts) == 1
    assert not world.companies.gcash.books
    assert await world.queue.next_due() is None


async def test_an_expired_payment_is_canceled_at_its_provider_before_it_ends(
    world: World,
) -> None:
    payment = await world.pay()
    await world.work(1801)
    payment = await world.payment(PaymentId(payment.id))
    assert payment.status is PaymentStatus.CANCELED
    assert len(payment.attempts) == 1


async def test_a_phone_of_another_network_is_refused_before_anything_is_sent(world: World) -> None:
    smart = Network("PH", "63", ("917",), 10)
    known = world.companies.profiles
    world.companies.replace("maya", replace(known["maya"], networks=(smart,)))
    stranger, own = Customer(phone="+639991234567"), Customer(phone="+639171234567")
    with pytest.raises(Invalid, match=r"is not of a payer of maya.*\+63 917") as refused:
        await world.pay(method="maya", customer=stranger)
    assert refused.value.field == "customer.phone"
    assert not world.companies.maya.calls
    routed = await world.pay(key="k2", customer=stranger)
    assert routed.attempts[0].provider == "gcash"
    taken = await world.pay(key="k3", method="maya", customer=own)
    assert taken.attempts[0].provider == "maya"


async def test_an_amount_off_the_providers_step_is_refused_naming_the_step(world: World) -> None:
    known = world.companies.profiles
    world.companies.replace("maya", replace(known["maya"], step=(Money(100, PHP),)))
    with pytest.raises(Invalid, match=r"multiples of 1\.00 PHP") as refused:
        await world.pay("10.50", method="maya")
    assert refused.value.field == "amount"


async def test_the_price_of_a_provider_that_published_none_is_not_known_until_one_is_told(
    world: World,
) -> None:
    known = world.companies.profiles
    world.companies.replace("maya", replace(known["maya"], fees=(FeeSchedule(currency=PHP),)))
    routed = await world.pay("600.00")  # Maya would be cheaper, were it really free
    assert routed.attempts[0].provider == "gcash"
    assert "lowest fee of 1" in routed.decision.reason
    quotes = await world.quote(ACME, Money(60_000, PHP), "PH", None)
    priced = {one.profile.code: one.candidate.priced for one in quotes}
    assert (priced["maya"], priced["gcash"]) == (False, True)
