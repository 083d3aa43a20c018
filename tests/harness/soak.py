"""Rounds of load and havoc, each with a verdict, for as long as is wanted:

    python -m tests.harness.soak --minutes 60 --database postgres --seed 7

The databases take turns unless one is named. Ends with 1 at the first round whose money is not
right; its folder is kept, and its seed told.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from typing import Final

import uvloop

from adapters.providers import discover
from tests.harness.havoc import Havoc
from tests.harness.load import Load
from tests.harness.shop import Shop, open_shop
from tests.harness.verdict import judge
from tests.postgres import Cluster, binaries, running

ROUND_S: Final = 60.0
KEYS_S: Final = 90.0  # a key whose process died is answered after 75 seconds
QUIET_S: Final = 120.0
DATABASES: Final = ("sqlite", "postgres")


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


async def round_of(shop: Shop, seed: int, cluster: Cluster | None, seconds: float) -> str:
    """Load under havoc, then quiet, then the verdict. Raises AssertionError; returns a summary."""
    load, havoc = Load(shop, seed), Havoc(shop, seed, cluster)
    await shop.serve(worker=True)
    for name in ("worker", "second"):
        await shop.work(name)
    async with load.going_on(at_once=8, think_s=0.1, refunds=True):
        await havoc.wreak(seconds)
    async with load.paying():
        await load.insist(within_s=KEYS_S)
    await load.act_once(set())
    unanswered = [one.key for one in (*load.orders, *load.refunds) if one.final is None]
    assert not unanswered, f"never answered: {unanswered[:20]}"
    await judge(shop, load, within_s=QUIET_S, patient=True)
    await shop.end()
    answers = sum(len(one.told) for one in (*load.orders, *load.refunds))
    return (
        f"{len(load.orders)} orders, {len(load.refunds)} refunds, {answers} answers, "
        f"{load.told('lost')} lost, {load.told('503')} refused, {len(havoc.done)} faults"
    )


async def soak(minutes: float, databases: Sequence[str], seed: int, round_s: float) -> int:
    """The exit status. At least one round on each database."""
    folder, until = Path(tempfile.mkdtemp(prefix="cauri-soak-")), time.monotonic() + minutes * 60
    found, left = binaries(), set(databases)
    if "postgres" in databases and found is None:
        say("there is no PostgreSQL here: install it, or soak --database sqlite")
        return 2
    with running(found, ()) if found and "postgres" in databases else nullcontext() as cluster:
        for number in count():
            database = databases[number % len(databases)]
            left.discard(database)
            mine = cluster if database == "postgres" else None
            if not await is_right(folder, database, seed + number, mine, round_s):
                return 1
            if time.monotonic() >= until and not left:
                break
    shutil.rmtree(folder)
    return 0


def everybody() -> list[str]:
    """Whoever can be asked what became of any payment; of the others, and of those of which the
    answer to the request was lost, only a person can tell."""
    found = discover().items()
    blind = {"query", "lost_charge"}
    return [code for code, one in found if one.simulator and blind.isdisjoint(one.deviations)]


async def is_right(
    folder: Path, database: str, seed: int, cluster: Cluster | None, seconds: float
) -> bool:
    """One round in a folder of its own, which is kept when it is not."""
    folder = folder / str(seed)
    try:
        async with open_shop(folder, cluster=cluster, providers=everybody()) as shop:
            told = await round_of(shop, seed, cluster, seconds)
    except Exception as error:
        notes = "\n".join(getattr(error, "__notes__", ()))
        say(f"{database} --seed {seed}: {error!r}\n{error}\n{notes}\nkept: {folder}")
        return False
    say(f"{database} --seed {seed}: right; {told}")
    shutil.rmtree(folder)
    return True


def main() -> None:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--round", type=float, default=ROUND_S, help="seconds of havoc in each")
    given = parser.parse_args()
    databases = [given.database] if given.database else DATABASES
    sys.exit(uvloop.run(soak(given.minutes, databases, given.seed, given.round)))


if __name__ == "__main__":
    main()
