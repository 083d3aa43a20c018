"""The API dies at every point at which it waits for the database or for a company: before what it
sent arrives, while it is on its way, and after it was acted upon."""

import asyncio
from typing import Final

import pytest

from tests.harness.load import Load
from tests.harness.proxy import Fault, Leg, Proxy, Then
from tests.harness.shop import Shop
from tests.harness.verdict import judge

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]  # it starts many processes

HOLD: Final = Leg(most=0, then=Then.HOLD)
NEVER: Final = 1_000_000  # a fault that only counts
HELD_S: Final = 10.0
DEATHS: Final = ("before", "on its way", "after")


def places(shop: Shop) -> list[tuple[Proxy, bytes]]:
    """Where it waits, and what it says there. A file can't be put behind a proxy."""
    calls = [(shop.companies, b" HTTP/1.1\r\n")]
    return calls if shop.database is None else [*calls, (shop.database, b"COMMIT\0")]


def deaths_at(shop: Shop, *, is_call: bool) -> tuple[str, ...]:
    """A commit is on its way or acted upon, which is the same to us. What lies before a call or
    after it is the same code on both databases."""
    if shop.database is None:
        return ("after",)
    return DEATHS if is_call else ("before", "after")


async def count(shop: Shop, load: Load, method: str) -> list[tuple[Proxy, bytes, int]]:
    """The points of one payment, found by letting one pass."""
    for proxy, word in places(shop):
        proxy.fault = Fault(on=word, skip=NEVER)
    await load.ask(load.order(f"count-{method}", method=method))
    points = [(proxy, word, n) for proxy, word in places(shop) for n in range(proxy.seen)]
    for proxy, _ in places(shop):
        proxy.fault = None
    return points


async def die(shop: Shop, load: Load, key: str, method: str, proxy: Proxy, fault: Fault) -> None:
    """Kill it while what the fault holds is held, and then let that go on, unless it is lost."""
    proxy.fault = fault
    asking = asyncio.create_task(load.ask(load.order(key, method=method)))
    async with asyncio.timeout(HELD_S):
        await proxy.held.wait()
    shop.running["api"].kill()
    await asking
    if key.startswith("before"):
        proxy.cut()
    else:
        proxy.release()
    await shop.serve()
    proxy.fault = None


async def test_whenever_it_dies_the_payment_is_made_once(shop: Shop) -> None:
    load = Load(shop, seed=10)
    await shop.serve()
    deaths = 0
    for method in shop.providers:
        for proxy, word, skip in await count(shop, load, method):
            is_call = proxy is shop.companies
            for death in deaths_at(shop, is_call=is_call):
                up, down = (Leg(), HOLD) if death == "after" else (HOLD, Leg())
                fault = Fault(on=word, up=up, down=down, skip=skip, times=1)
                where = "call" if is_call else "commit"
                key = f"{death.replace(' ', '-')}-{method}-{where}-{skip}"
                await die(shop, load, key, method, proxy, fault)
                deaths += 1
    shop.yard.log.tell("deaths", many=deaths)
    assert deaths == (6 if shop.database is None else 32)
    assert load.told("lost") == deaths
    await shop.work()
    await load.insist(within_s=2)
    await load.act_once(set())
    await judge(shop, load)
    stored = {one["reference"] for one in await shop.payments()}
    lost = {one.key for one in load.orders} - stored
    assert not lost, "what died before it was stored is taken when it is asked for again"
    await shop.end()
