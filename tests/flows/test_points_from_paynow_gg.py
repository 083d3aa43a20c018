"""A top-up at PayNow.gg credits points once, however often it is told; what goes back takes them
along, and what a payer's bank takes back is decided by a person."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import msgspec
import pytest

from adapters.memory.audit import MemoryAudit
from adapters.provider_kit.simulator import Outgoing
from application.audit.doctor import Doctor
from application.payments.verify_payment import Verification
from application.wallets.wallet_history import signed
from domain.audit.laws import LAWS
from domain.currencies import POINTS, currency
from domain.errors import CauriError
from domain.money import Money
from domain.payments.events import EventType
from domain.payments.evidence import Rank
from domain.payments.intent import Customer
from domain.payments.outcome import FailureCode, Succeeded
from domain.payments.payment import Payment
from domain.payments.refund import RefundState
from domain.payments.status import PaymentStatus
from domain.ports.providers import Callback
from domain.tenants.reward_rule import RewardRule
from domain.wallets.wallet import Wallet
from tests.builders import ACME
from tests.flows.conftest import Town, account_of, open_town

pytestmark = pytest.mark.anyio

PAYNOW = "paynow_gg"
PLAYER = Customer(id="cus_7", name="Ana")
TOP_UP = Money(25_00, currency("USD"))
DAYS = 86_400
PUBLIC = "https://cauri.example"


@dataclass
class Arcade:
    """A game store whose customers earn a point for each dollar. Nothing is carried by itself:
    what PayNow sends is in the test's hands."""

    town: Town

    @property
    def paynow(self) -> Any:
        return self.town.remotes[PAYNOW].simulator

    async def top_up(self, key: str = "k1", money: Money = TOP_UP) -> Payment:
        """Opened; nobody has paid yet."""
        return await self.town.world.pay(
            key=key, method=PAYNOW, money=money, country="US", customer=PLAYER
        )

    def sent(self) -> list[Outgoing]:
        return list(self.town.remotes[PAYNOW].take_due(self.town.world.clock.now()))

    async def paid(self, key: str = "k1", money: Money = TOP_UP) -> Payment:
        """Told by all that PayNow sends, and the worker has done what follows."""
        payment = await self.top_up(key, money)
        self.town.act(payment)
        await self.deliver(self.sent())
        return await self.now(payment)

    async def deliver(self, sent: Sequence[Outgoing]) -> int:
        """One after another, with a worker after each. How many were new."""
        new = 0
        for one in sent:
            new += await self.receive(one)
            await self.town.world.work()
        return new

    async def receive(self, one: Outgoing) -> bool:
        headers = {name.lower(): value for name, value in one.headers.items()}
        return await self.town.world.receive(Callback(one.body, headers), account_of(PAYNOW))

    def again(self, payment: Payment) -> list[Outgoing]:
        """Somebody presses "resend": the same events with fresh signatures."""
        self.paynow.tell_again(payment.attempts[0].id)
        return self.sent()

    async def now(self, payment: Payment) -> Payment:
        return await self.town.world.payment(payment.id)

    async def told(self, payment: Payment) -> list[str]:
        return [one.type for one in await self.town.world.views.timeline(ACME, payment.id)]

    async def points(self) -> int:
        """The balance, which is what the ledger's moves add up to."""
        wallet = await self._wallet()
        balance = wallet.balance_minor if wallet is not None else 0
        assert balance == sum(await self.moves())
        return balance

    async def moves(self) -> list[int]:
        """Oldest first; negative is taken back."""
        if (wallet := await self._wallet()) is None:
            return []
        page = await self.town.world.ledger.entries(ACME, wallet.account, None, 100)
        return [signed(one).minor for one in reversed(page.entries)]

    async def _wallet(self) -> Wallet | None:
        async with self.town.world.units(ACME) as unit:
            return await unit.wallets.of(PLAYER.id or "", POINTS)

    async def person(self, payment: Payment, **seen: Any) -> Payment:
        word = Verification(reason="as PayNow's dashboard shows", operator="ada", **seen)
        await self.town.world.verify(ACME, payment.id, word)
        await self.town.world.work()
        return await self.now(payment)

    async def lawful(self) -> None:
        """Whatever happened, every law of money holds."""
        world = self.town.world
        doctor = Doctor(MemoryAudit(world.database), world.tenants, world.companies, world.clock)
        report = await doctor(PUBLIC, probes=False)
        wrong = [one for one in report.findings if one.breaches and one.check in LAWS]
        assert wrong == []


@pytest.fixture
async def arcade() -> AsyncIterator[Arcade]:
    """The merchant has also subscribed to deliveries, at the address that we gave PayNow."""
    async with open_town() as town:
        tenant = (await town.world.tenants.setup(ACME)).tenant
        rule = RewardRule.parse("1 point per 1 USD")
        await town.world.tenants.save(replace(tenant, rewards=(rule,)))
        hooks = town.remotes[PAYNOW].simulator.company.hooks  # type: ignore[attr-defined]
        known = next(one for one in hooks.all() if one.event == "OnOrderCompleted")
        said = {"url": known.url, "subscribed_to": "OnDeliveryItemAdded", "type": "json_v1"}
        hooks.add(said).secrets = known.secrets
        opened = Arcade(town)
        yield opened
        await opened.lawful()


# Once


def names(sent: Sequence[Outgoing]) -> list[str]:
    return [msgspec.json.decode(one.body)["event_type"] for one in sent]


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_both_events_twice_in_any_order_credit_once(
    arcade: Arcade, order: tuple[int, ...]
) -> None:
    payment = await arcade.top_up()
    assert await arcade.points() == 0
    arcade.town.act(payment)
    events = arcade.sent()
    assert names(events) == ["ON_DELIVERY_ITEM_ADDED", "ON_ORDER_COMPLETED"]
    twice = [*events, *arcade.again(payment)]
    assert await arcade.deliver([twice[place] for place in order]) == 2, "the same event, the same"
    assert (await arcade.now(payment)).status is PaymentStatus.SUCCEEDED
    assert await arcade.moves() == [25]


async def test_all_of_it_at_once_with_several_workers_credits_once(arcade: Arcade) -> None:
    payment = await arcade.top_up()
    arcade.town.act(payment)
    twice = [*arcade.sent(), *arcade.again(payment)]
    run = arcade.town.world.run_jobs

    async def worker() -> None:
        for _ in range(6):
            await run(3)
            await asyncio.sleep(0)

    async def heard(one: Outgoing) -> bool:
        return await arcade.receive(one)

    received = await asyncio.gather(*(heard(one) for one in twice * 3), *(worker(), worker()))
    assert received.count(True) == 2
    await asyncio.gather(*(worker() for _ in range(4)))
    await arcade.town.world.work()
    assert await arcade.points() == 25
    assert await arcade.moves() == [25]
    assert (await arcade.told(payment)).count(EventType.SUCCEEDED) == 1


async def test_two_top_ups_are_two_credits(arcade: Arcade) -> None:
    await arcade.paid("k1")
    await arcade.paid("k2", Money(10_00, currency("USD")))
    assert await arcade.moves() == [25, 10]


@pytest.mark.parametrize("kept", ["ON_DELIVERY_ITEM_ADDED", "ON_ORDER_COMPLETED"])
async def test_either_event_alone_is_enough(arcade: Arcade, kept: str) -> None:
    """The delivery names no amount: it makes us ask."""
    payment = await arcade.top_up()
    arcade.town.act(payment)
    events = arcade.sent()
    await arcade.deliver(
        [one for one, name in zip(events, names(events), strict=True) if name == kept]
    )
    heard = (await arcade.now(payment)).attempts[0].evidence
    paid_by = [one.rank for one in heard if isinstance(one.answer, Succeeded)]
    assert paid_by == [Rank.CALLBACK if kept == "ON_ORDER_COMPLETED" else Rank.QUERY]
    assert await arcade.points() == 25


async def test_sent_again_days_later_with_a_fresh_signature_it_credits_nothing(
    arcade: Arcade,
) -> None:
    payment = await arcade.paid()
    arcade.town.world.clock.advance(9 * DAYS)
    late = arcade.again(payment)
    assert await arcade.deliver(late) == 0
    assert await arcade.moves() == [25]


async def test_a_wrong_amount_credits_nothing(arcade: Arcade) -> None:
    payment = await arcade.top_up()
    arcade.town.act(payment)
    order = arcade.sent()[-1]
    arcade.town.faults(PAYNOW, rules=[{"on": "query", "do": "timeout_before", "rate": 1.0}])
    await arcade.deliver([arcade.paynow.wrong_amount(order)])
    assert (await arcade.now(payment)).status is PaymentStatus.AWAITING_VERIFICATION
    assert await arcade.points() == 0


async def test_a_forged_event_credits_nothing(arcade: Arcade) -> None:
    payment = await arcade.top_up()
    arcade.town.act(payment)
    order = arcade.sent()[-1]
    lie = replace(arcade.paynow.wrong_amount(order), headers=order.headers)
    with pytest.raises(CauriError):
        await arcade.receive(lie)
    await arcade.town.world.work()
    assert await arcade.points() == 0


# Money back


async def test_a_refund_of_ours_takes_the_points_back_once_although_it_is_told_too(
    arcade: Arcade,
) -> None:
    payment = await arcade.paid()
    refund = await arcade.town.world.give_back(payment)
    await arcade.town.world.work()
    assert await arcade.points() == 0
    told = arcade.sent()
    assert names(told) == ["ON_REFUND"]
    await arcade.deliver([*told, *told, *arcade.again(payment)])
    assert (await arcade.town.world.stored_refund(refund.id)).state is RefundState.SUCCEEDED
    assert await arcade.moves() == [25, -25]
    assert EventType.MISMATCH not in await arcade.told(payment)
    assert arcade.town.kept_minor() == 0


async def test_a_refund_that_takes_its_time_takes_them_back_when_on_refund_tells(
    arcade: Arcade,
) -> None:
    payment = await arcade.paid(money=Money(25_32, currency("USD")))
    refund = await arcade.town.world.give_back(payment)
    await arcade.deliver(arcade.sent())
    assert (await arcade.town.world.stored_refund(refund.id)).status == "pending"
    assert await arcade.points() == 25, "nothing has gone back yet"
    arcade.town.faults(PAYNOW, rules=[{"on": "query", "do": "timeout_before", "rate": 1.0}])
    arcade.town.world.clock.advance(60)
    done = arcade.sent()
    await arcade.deliver([*done, *done])
    assert (await arcade.town.world.stored_refund(refund.id)).status == "succeeded"
    assert await arcade.moves() == [25, -25]


async def test_a_refund_that_fails_takes_nothing_back(arcade: Arcade) -> None:
    payment = await arcade.paid(money=Money(25_34, currency("USD")))
    refund = await arcade.town.world.give_back(payment)
    await arcade.deliver(arcade.sent())
    arcade.town.world.clock.advance(60)
    await arcade.deliver(arcade.sent())
    assert (await arcade.town.world.stored_refund(refund.id)).status == "failed"
    assert await arcade.moves() == [25]


async def test_a_refund_in_paynows_dashboard_is_told_and_recorded_without_a_second_one(
    arcade: Arcade,
) -> None:
    """Somebody must ask for it here too: then it is found, and nothing is sent."""
    payment = await arcade.paid()
    arcade.paynow.give_back(payment.attempts[0].id, TOP_UP.minor)
    told = arcade.sent()
    await arcade.deliver([*told, *arcade.again(payment)])
    assert (await arcade.told(payment)).count(EventType.MISMATCH) == 1
    assert (await arcade.now(payment)).status is PaymentStatus.SUCCEEDED
    assert await arcade.points() == 25, "until somebody has looked"
    refund = await arcade.town.world.give_back(await arcade.now(payment))
    await arcade.town.world.work()
    assert refund.state is RefundState.SUCCEEDED
    assert await arcade.moves() == [25, -25]
    (line,) = [one for one in arcade.town.books() if one.status == "succeeded"]
    assert line.refunded_minor == TOP_UP.minor, "not twice"


# Chargebacks


@pytest.mark.parametrize("first", ["ON_DELIVERY_ITEM_ADDED", "ON_ORDER_COMPLETED"])
async def test_a_chargeback_is_told_and_a_persons_word_takes_the_points_back(
    arcade: Arcade, first: str
) -> None:
    """Whether we know by an event or by asking that it was paid."""
    payment = await arcade.top_up()
    arcade.town.act(payment)
    events = sorted(arcade.sent(), key=lambda one: names([one]) != [first])
    await arcade.deliver(events)
    arcade.town.world.clock.advance(30 * DAYS)
    arcade.paynow.charge_back(payment.attempts[0].id)
    told = arcade.sent()
    assert names(told) == ["ON_CHARGEBACK"]
    await arcade.deliver([*told, *told])
    disputed = await arcade.now(payment)
    assert (disputed.status, disputed.attempts[0].contradiction) == (PaymentStatus.SUCCEEDED, True)
    assert (await arcade.told(payment)).count(EventType.MISMATCH) == 1
    assert await arcade.points() == 25, "no machine takes them"
    ended = await arcade.person(payment, received=False, bounced=True)
    assert ended.status is PaymentStatus.FAILED
    assert ended.failure is not None
    assert ended.failure.code is FailureCode.BOUNCED
    assert await arcade.moves() == [25, -25]
    assert arcade.town.kept_minor() == 0


async def test_what_is_told_after_a_persons_word_changes_nothing(arcade: Arcade) -> None:
    payment = await arcade.paid()
    arcade.paynow.charge_back(payment.attempts[0].id)
    await arcade.deliver(arcade.sent())
    await arcade.person(payment, received=False, bounced=True)
    arcade.paynow.close_chargeback(payment.attempts[0].id, won=False)
    await arcade.deliver([*arcade.sent(), *arcade.again(payment)])
    assert (await arcade.now(payment)).status is PaymentStatus.FAILED
    assert await arcade.moves() == [25, -25]


async def test_a_chargeback_that_the_store_wins_leaves_all_as_it_was(arcade: Arcade) -> None:
    payment = await arcade.paid()
    arcade.paynow.charge_back(payment.attempts[0].id)
    arcade.paynow.close_chargeback(payment.attempts[0].id, won=True)
    await arcade.deliver(arcade.sent())
    assert (await arcade.now(payment)).status is PaymentStatus.SUCCEEDED
    assert await arcade.moves() == [25]
    assert arcade.town.kept_minor() == TOP_UP.minor


async def test_charged_back_before_we_heard_that_it_was_paid_it_was_never_paid(
    arcade: Arcade,
) -> None:
    payment = await arcade.top_up()
    arcade.town.act(payment)
    arcade.sent()  # lost
    arcade.paynow.charge_back(payment.attempts[0].id)
    await arcade.deliver(arcade.sent())
    ended = await arcade.now(payment)
    assert ended.status is PaymentStatus.FAILED
    assert ended.failure is not None
    assert ended.failure.code is FailureCode.BOUNCED
    assert await arcade.points() == 0
