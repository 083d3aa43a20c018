"""SIGTERM under load: what was taken is answered, what was begun is ended or given back."""

import asyncio
from typing import Final

import aiohttp
import pytest

from tests.harness.load import Load
from tests.harness.processes import until
from tests.harness.proxy import Fault, Leg, Then
from tests.harness.shop import LEASE_S, Shop
from tests.harness.verdict import judge

pytestmark = pytest.mark.anyio

UNDER_WAY: Final = 24
SLOW: Final = Fault(on=b"POST ", down=Leg(latency_s=1.0))
BEGUN_S: Final = 10.0


async def test_an_api_that_is_told_to_end_answers_what_it_took(shop: Shop) -> None:
    load = Load(shop, seed=30)
    api = await shop.serve(worker=True)
    shop.companies.fault = SLOW
    asking = asyncio.create_task(load.place(UNDER_WAY, at_once=UNDER_WAY))
    await until(lambda: shop.companies.strikes >= UNDER_WAY, BEGUN_S, "all are under way")
    api.terminate()
    await asking
    assert [one.told for one in load.orders] == [["201"]] * UNDER_WAY, "not one was dropped"
    assert await api.ended() == 0
    with pytest.raises(aiohttp.ClientConnectionError):
        await shop.pay("after-the-end")
    shop.companies.fault = None
    await shop.serve(worker=True)
    await load.act_once(set())
    await judge(shop, load)
    await shop.end()


@pytest.mark.parametrize(
    "premises", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
async def test_a_worker_that_is_told_to_end_gives_back_what_it_holds(shop: Shop) -> None:
    """Its queries hang; whoever comes next has them at once, and not after their lease."""
    load = Load(shop, seed=31)
    await shop.serve()
    await load.place(6, at_once=6)
    shop.companies.fault = Fault(on=b"GET ", down=Leg(most=0, then=Then.SILENCE))
    worker = await shop.work()
    await until(lambda: shop.companies.strikes >= 3, 3 * LEASE_S, "its queries hang")
    worker.terminate()
    assert await worker.ended() == 0
    shop.companies.fault = None
    await shop.work()
    await load.act_once(set())
    await judge(shop, load)
    await shop.end()
