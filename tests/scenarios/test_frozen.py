"""A worker stands still for longer than its lease, and wakes up in the middle of its job."""

from typing import Final

import pytest

from tests.harness.load import Load
from tests.harness.processes import becomes, until
from tests.harness.proxy import Fault, Leg, Then
from tests.harness.shop import LEASE_S, Shop
from tests.harness.verdict import judge

pytestmark = pytest.mark.anyio

QUERIED_S: Final = 15.0  # the first query comes after five seconds
TAKEN_S: Final = LEASE_S + 10.0


async def test_what_a_frozen_worker_held_is_done_once(shop: Shop) -> None:
    """Both have the answer in the end: the one who took over, and the one who wakes."""
    load = Load(shop, seed=1)
    for provider in ("maya", "gcash"):  # so that only a query tells
        await shop.faults(provider, {"rules": [{"on": "callback", "do": "drop"}]})
    await shop.serve()
    orders = [load.order(f"frozen-{method}", method=method) for method in ("maya", "gcash")]
    for order in orders:
        await load.ask(order)
    await load.act_once(set())
    shop.companies.fault = Fault(on=b"GET ", down=Leg(most=0, then=Then.HOLD), times=len(orders))
    sleeper = await shop.work("sleeper")
    await until(lambda: shop.companies.strikes == len(orders), QUERIED_S, "both are asked about")
    sleeper.freeze()
    await shop.work()

    async def all_decided() -> bool:
        return all(one["status"] != "pending" for one in await shop.payments())

    await becomes(all_decided, TAKEN_S, "the other took over", 0.1)
    shop.companies.release()
    sleeper.thaw()
    await load.place(6, at_once=2)  # it is alive, and nobody was harmed
    await load.act_once(set())
    await judge(shop, load)
    await shop.end()
