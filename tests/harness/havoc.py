"""Faults of every kind, one after another, drawn from a seed; each ends before the next begins."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.harness.proxy import Fault, Leg, Proxy, Then
from tests.harness.shop import LEASE_S, Shop
from tests.postgres import Cluster

PAUSE_S: Final = (0.2, 2.0)  # between faults
SHORT_S: Final = (0.2, 3.0)  # how long most faults last
HOLE: Final = Leg(most=0, then=Then.SILENCE)
CALL: Final = b" HTTP/1.1\r\n"
COMMIT: Final = b"COMMIT\0"
SCRIPT: Final = (  # of a company: a fifth of everything goes wrong, each in its own way
    {"on": "charge", "do": "timeout_after", "rate": 0.04, "seconds": 2},
    {"on": "charge", "do": "timeout_before", "rate": 0.04, "seconds": 2},
    {"on": "charge", "do": "error_5xx_after", "rate": 0.06},
    {"on": "charge", "do": "error_5xx_before", "rate": 0.06},
    {"on": "query", "do": "error_5xx_before", "rate": 0.1},
    {"on": "query", "do": "timeout_before", "rate": 0.1, "seconds": 2},
    {"on": "refund", "do": "error_5xx_after", "rate": 0.1},
    {"on": "refund", "do": "timeout_after", "rate": 0.1, "seconds": 2},
    {"on": "callback", "do": "drop", "rate": 0.1},
    {"on": "callback", "do": "duplicate", "rate": 0.1},
    {"on": "callback", "do": "delay", "rate": 0.1, "seconds": 3},
    {"on": "callback", "do": "forge", "rate": 0.1},
)


@dataclass
class Havoc:
    """`cluster` None: the database is a file, and goes away with nobody."""

    shop: Shop
    seed: int
    cluster: Cluster | None = None
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    async def wreak(self, seconds: float) -> None:
        """For so long; everything runs again when it returns."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        kinds: list[Callable[[], Awaitable[None]]] = [
            self.kill_the_api,
            self.kill_the_api,
            self.kill_a_worker,
            self.freeze_a_worker,
            self.end_in_order,
            self.break_the_wire,
            self.break_the_wire,
            self.mislead,
        ]
        if self.cluster is not None:
            kinds += [self.lose_commits, self.silence_the_database, self.crash_the_database]
        while loop.time() < until:
            await asyncio.sleep(self.random.uniform(*PAUSE_S))
            kind = self.random.choice(kinds)
            self.done.append(kind.__name__)
            self.shop.yard.log.tell("fault", kind=kind.__name__)
            await kind()
        for provider in self.shop.providers:
            await self.shop.faults(provider, None)

    async def kill_the_api(self) -> None:
        self.shop.running["api"].kill()
        await self.shop.serve(worker=True)

    async def kill_a_worker(self) -> None:
        name = self.random.choice(["worker", "second"])
        self.shop.running[name].kill()
        await self.shop.work(name)

    async def freeze_a_worker(self) -> None:
        """For longer than its lease; the others go on."""
        worker = self.shop.running[self.random.choice(["worker", "second"])]
        worker.freeze()
        await asyncio.sleep(LEASE_S + self.random.uniform(*SHORT_S))
        worker.thaw()

    async def end_in_order(self) -> None:
        name = self.random.choice(["api", "worker"])
        child = self.shop.running[name]
        child.terminate()
        status = await child.ended()
        assert status == 0, f"{name} ended with {status} when it was asked to end"
        await (self.shop.serve(worker=True) if name == "api" else self.shop.work(name))

    async def break_the_wire(self) -> None:
        """Between us and the companies."""
        proxy, most = self.shop.companies, self.random.choice([0, 40, 200])
        match self.random.choice(["cut", "cut up", "silence", "slow", "refuse", "drip"]):
            case "cut":
                fault = Fault(on=CALL, down=Leg(most=most), times=8)
            case "cut up":
                fault = Fault(on=CALL, up=Leg(most=most), times=8)
            case "silence":
                fault = Fault(on=CALL, down=HOLE, times=2)  # each is waited for until it is late
            case "slow":
                fault = Fault(up=Leg(latency_s=0.3), down=Leg(latency_s=0.3))
            case "drip":
                fault = Fault(on=CALL, down=Leg(drip_s=0.002), times=4)
            case _:
                await proxy.refuse()
                proxy.cut()
                fault = Fault()
        await self._for_a_while(proxy, fault)
        await proxy.accept()

    async def mislead(self) -> None:
        """A company misbehaves from now on, in a new way."""
        script = {"seed": self.random.randrange(1_000_000), "rules": SCRIPT}
        await self.shop.faults(self.random.choice(self.shop.providers), script)

    async def lose_commits(self) -> None:
        cut = Leg(most=0)
        both = self.random.choice([(cut, Leg()), (Leg(), cut)])
        fault = Fault(on=COMMIT, up=both[0], down=both[1], skip=self.random.randrange(4), times=3)
        await self._for_a_while(self.shop.wire, fault)

    async def silence_the_database(self) -> None:
        await self._for_a_while(self.shop.wire, Fault(up=HOLE, down=HOLE))
        self.shop.wire.cut()

    async def crash_the_database(self) -> None:
        assert self.cluster is not None
        await asyncio.to_thread(self.cluster.stop, signal.SIGQUIT)
        await asyncio.sleep(self.random.uniform(*SHORT_S))
        self.cluster.start()
        await asyncio.to_thread(self.cluster.wait)

    async def _for_a_while(self, proxy: Proxy, fault: Fault) -> None:
        proxy.fault = fault
        await asyncio.sleep(self.random.uniform(*SHORT_S))
        proxy.fault = None
