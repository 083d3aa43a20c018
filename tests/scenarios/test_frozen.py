"""A worker stands still for longer than its lease, and wakes up in the middle of its job."""

import asyncio
from typing import Final

import pytest

from tests.harness.load import Load
from tests.harness.processes import becomes
from tests.harness.proxy import Fault, Leg, Then
from tests.harness.shop import LEASE_S, Shop
from tests.harness.verdict import judge

pytestmark = pytest.mark.anyio

QUERIED_S: Final = 15.0  # the first query comes after five seconds
TAKEN_S: Final = LEASE_S + 10.0


async def test_what_a_frozen_worker_held_is_done_once(shop: Shop) -> None:
    """Both have the answer in the end: the one who took over, and the one who wakes."""
    load = Load(shop, seed=40)
    await shop.faults("maya", {"rules": [{"on": "callback", "do": "drop"}]})  # only a query tells
    await shop.serve()
    order = load.order("frozen", method="maya")
    await load.ask(order)
    payment_id = order.resource or ""
    attempt_id = (await shop.payment(payment_id))["attempts"][0]["id"]
    await shop.act("maya", attempt_id, "approve")
    hold = Leg(most=0, then=Then.HOLD)
    shop.companies.fault = Fault(on=attempt_id.encode(), down=hold, times=1)
    sleeper = await shop.work("sleeper")
    async with asyncio.timeout(QUERIED_S):
        await shop.companies.held.wait()
    sleeper.freeze()
    await shop.work()

    async def is_paid() -> bool:
        return bool((await shop.payment(payment_id))["status"] == "succeeded")

    await becomes(is_paid, TAKEN_S, "the other took over", 0.1)
    shop.companies.release()
    sleeper.thaw()
    await load.place(6, at_once=2)  # it is alive, and nobody was harmed
    await load.act_once(set())
    await judge(shop, load)
    await shop.end()
