"""Many at once, over every storage: nothing is credited twice, nothing overdrawn."""

import asyncio

import pytest

from application.answers import Answer
from application.payments.follow_rewards import reward_job
from domain.errors import SpendAlreadyReversed, WalletBalanceTooLow
from domain.payments.payment import Payment
from tests.storages import Storage
from tests.wallets.till import MARIA, Till, a_till, spend_id

pytestmark = pytest.mark.anyio

MANY = 20


async def unworked(till: Till, amount: str, key: str) -> Payment:
    """Paid, and no worker has seen it yet."""
    payment = await till.world.pay(amount, key, customer=MARIA, method="maya")
    till.world.companies.maya.pay(payment.attempts[0].id)
    return await till.world.get(payment.tenant_id, payment.id, refresh=True)


async def test_twenty_jobs_about_one_payment_credit_once(storage: Storage) -> None:
    till = await a_till(storage)
    payment = await unworked(till, "1500.00", "k1")
    await asyncio.gather(*(till.reward_payment(reward_job(payment)) for _ in range(MANY)))
    assert await till.balance() == 150
    assert await till.kinds() == ["credited"]


async def test_twenty_payments_at_once_credit_each(storage: Storage) -> None:
    """The wallet itself is made by the first, whoever that is."""
    till = await a_till(storage)
    paid = [await unworked(till, "100.00", f"k{one}") for one in range(MANY)]
    await asyncio.gather(*(till.reward_payment(reward_job(one)) for one in paid))
    assert await till.balance() == 10 * MANY
    assert len(await till.moves()) == MANY


async def test_a_refund_beside_its_reward_leaves_what_is_earned(storage: Storage) -> None:
    till = await a_till(storage)
    payment = await unworked(till, "100.00", "k1")
    await asyncio.gather(
        till.world.give_back(payment, "55.00"),
        *(till.reward_payment(reward_job(payment)) for _ in range(5)),
    )
    await till.world.work(5)
    assert await till.balance() == 4


async def test_twenty_spends_at_once_never_overdraw(storage: Storage) -> None:
    till = await a_till(storage)
    await till.pay("100.00")  # 10 points

    async def spend(number: int) -> bool:
        try:
            await till.spend(1, f"s{number}")
        except WalletBalanceTooLow:
            return False
        return True

    assert sum(await asyncio.gather(*(spend(one) for one in range(MANY)))) == 10
    assert await till.balance() == 0


async def test_one_request_twenty_times_spends_once(storage: Storage) -> None:
    till = await a_till(storage)
    await till.pay("1000.00")
    answers = await asyncio.gather(*(till.spend(1) for _ in range(MANY)))
    assert len({one.body for one in answers}) == 1
    assert sum(not one.replayed for one in answers) == 1
    assert await till.balance() == 99


async def test_twenty_reversals_at_once_give_back_once(storage: Storage) -> None:
    till = await a_till(storage)
    await till.pay("100.00")
    spend = spend_id(await till.spend(10))

    async def reverse(number: int) -> Answer | None:
        try:
            return await till.reverse(spend, key=f"b{number}")
        except SpendAlreadyReversed:
            return None

    answers = await asyncio.gather(*(reverse(one) for one in range(MANY)))
    assert sum(one is not None for one in answers) == 1
    assert await till.balance() == 10
