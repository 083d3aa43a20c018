"""PostgreSQL goes away, comes back, hangs, or hangs up at COMMIT: clients are told to try again
in a moment, their keys replay, no process ends, and all recover by themselves."""

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Any, Final

import asyncpg
import pytest

from tests.harness.load import Load
from tests.harness.proxy import Fault, Leg, Then
from tests.harness.shop import Shop
from tests.harness.verdict import judge
from tests.postgres import Cluster

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]

AWAY_S: Final = 1.0
BACK_S: Final = 5.0  # from the database's return to the first success
ANSWER_S: Final = 15.0  # the longest wait for a database is bounded: then it is a 503
TOLD_S: Final = 20.0  # some of what is cut is the workers'
COMMIT: Final = b"COMMIT\0"
HOLE: Final = Leg(most=0, then=Then.SILENCE)


@pytest.fixture(scope="module")
async def busy(shop_on_postgres: Shop) -> AsyncIterator[Load]:
    """An API with a worker inside, one beside it, customers and payers, through all of these
    tests; in the end everything still runs, and the money is right."""
    shop, load = shop_on_postgres, Load(shop_on_postgres, seed=60)
    api, worker = await shop.serve(worker=True), await shop.work()
    async with load.going_on(at_once=8, think_s=0.4):
        await first_success(load)
        yield load
        await first_success(load)
    shop.yard.log.tell("quiet", orders=len(load.orders))
    assert (api.status, worker.status) == (None, None), "no process ended"
    await load.insist(within_s=2)
    await judge(shop, load)
    await shop.end()
    await shop.tidy()


async def first_success(load: Load) -> None:
    """From now to the next order that is taken. Raises TimeoutError after BACK_S."""
    load.success.clear()
    async with asyncio.timeout(BACK_S):
        await load.success.wait()


def database_of(shop: Shop) -> str:
    return shop.yard.environment["CAURI_DATABASE_URL"].rpartition("/")[2]


async def test_it_crashes_and_is_started_again(busy: Load, lasting_cluster: Cluster) -> None:
    before = busy.told("503 unavailable")
    await asyncio.to_thread(lasting_cluster.stop, signal.SIGQUIT)
    await asyncio.sleep(AWAY_S)
    lasting_cluster.start()
    await asyncio.to_thread(lasting_cluster.wait)
    await first_success(busy)
    assert busy.told("503 unavailable") > before, "clients are told to repeat the request"


@pytest.mark.parametrize("way", ["up", "down"])
async def test_the_connection_is_cut_at_commit(
    busy: Load, shop_on_postgres: Shop, way: str
) -> None:
    """Nobody on our side knows which of both it was: the key tells, when it is used again."""
    up, down = (Leg(most=0), Leg()) if way == "up" else (Leg(), Leg(most=0))
    async with asyncio.timeout(TOLD_S):
        enough = busy.told("503 commit_unknown") + 3
        while busy.told("503 commit_unknown") < enough:
            shop_on_postgres.wire.fault = Fault(on=COMMIT, up=up, down=down, times=1)
            await first_success(busy)
    shop_on_postgres.wire.fault = None


async def test_it_says_nothing_for_a_while(busy: Load, shop_on_postgres: Shop) -> None:
    shop_on_postgres.wire.fault = Fault(up=HOLE, down=HOLE)
    answer = await asked(shop_on_postgres, "in-the-dark")
    assert answer == 503
    shop_on_postgres.wire.fault = None
    shop_on_postgres.wire.cut()
    await first_success(busy)


async def test_somebody_locks_the_table(
    busy: Load, shop_on_postgres: Shop, lasting_cluster: Cluster
) -> None:
    connection = await asyncpg.connect(lasting_cluster.owner_dsn(database_of(shop_on_postgres)))
    try:
        await connection.execute("BEGIN; LOCK TABLE payments IN ACCESS EXCLUSIVE MODE")
        assert await asked(shop_on_postgres, "locked-out") == 503
    finally:
        await connection.close()
    await first_success(busy)


async def test_it_comes_back_read_only_for_a_while(
    busy: Load, shop_on_postgres: Shop, lasting_cluster: Cluster
) -> None:
    switch = "ALTER SYSTEM SET default_transaction_read_only = {}"
    for word in ("on", "off"):
        lasting_cluster.execute(switch.format(word))
        lasting_cluster.execute("SELECT pg_reload_conf()")
        if word == "on":
            await asyncio.sleep(0.3)
            assert await asked(shop_on_postgres, "read-only") == 503
    await first_success(busy)


async def asked(shop: Shop, key: str) -> Any:
    """The status of one answer, which comes in a bounded time."""
    async with asyncio.timeout(ANSWER_S):
        return (await shop.pay(key)).status
