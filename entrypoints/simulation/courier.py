"""Callbacks on their way: lost, doubled, late, overtaken."""

from dataclasses import dataclass
from typing import Final

from adapters.provider_kit.simulator import Outgoing
from entrypoints.simulation.attackers import Attackers, Post, other_amount
from entrypoints.simulation.companies import Company
from entrypoints.simulation.world import World

NOTICE: Final = ("notice_lost", "notice_twice", "notice_slow", "wrong_amount")
HOURS_S: Final = 3600.0


@dataclass(slots=True)
class Courier:
    """`post` is the front door of some live process; `attackers` see all that leaves."""

    world: World
    post: Post
    attackers: Attackers

    def __call__(self, company: Company, outgoing: Outgoing) -> None:
        """A callback leaves."""
        world = self.world
        about = f"{company.name}/{world.names(outgoing.about)}"
        if self.attackers(company, outgoing, about):
            return
        fault = world.faults.pick(f"notice/{about}", *NOTICE)
        if fault == "notice_lost":
            return
        if fault == "wrong_amount":
            outgoing = other_amount(company, outgoing)
        for copy in range(3 if fault == "notice_twice" else 1):
            place = f"travel/{about}"
            slow_s = 1.5 * HOURS_S * world.chance(place) ** 4 if fault == "notice_slow" else 0.0
            travels_s = 0.01 + world.chance(place) + slow_s + copy * 0.05
            world.start(self._insist(company, outgoing, travels_s), f"notice/{about}")

    async def _insist(self, company: Company, outgoing: Outgoing, travels_s: float) -> None:
        """A company repeats a callback until it is taken, but not for ever."""
        for wait_s in (travels_s, *company.simulator.callback_retries_s):
            await self.world.sleep(wait_s)
            if 200 <= await self.post(outgoing) < 300:
                return
