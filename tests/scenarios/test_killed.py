"""`kill -9` of the API and of workers at random instants under load: nothing lost or doubled."""

import asyncio
from random import Random
from typing import Final

import pytest

from tests.harness.load import Load
from tests.harness.proxy import Fault, Leg
from tests.harness.shop import Shop
from tests.harness.verdict import judge

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]  # it starts many processes

ORDERS: Final = 150
VICTIMS: Final = ("api", "worker", "api", "second", "api")
AWAY_S: Final = 0.02  # the companies' answers are on their way so long


async def killer(shop: Shop, seed: int) -> None:
    """Kills one of them again and again, and starts it anew, as a supervisor does."""
    random = Random(seed)
    for name in VICTIMS:
        await asyncio.sleep(random.uniform(0.2, 1.0))
        shop.running[name].kill()
        if name == "api":
            await shop.serve()
        else:
            await shop.work(name)


async def test_killed_under_load_each_payment_is_made_once(shop: Shop) -> None:
    load = Load(shop, seed=7)
    shop.companies.fault = Fault(down=Leg(latency_s=AWAY_S))
    await shop.serve()
    await shop.work("worker")
    await shop.work("second")
    async with load.paying():
        await asyncio.gather(load.place(ORDERS, within_s=20), killer(shop, load.seed))
        await load.give_back(await shop.payments())
    assert load.told("lost") >= VICTIMS.count("api"), "it was killed in the middle of requests"
    await judge(shop, load, patient=True)
    await shop.end()
