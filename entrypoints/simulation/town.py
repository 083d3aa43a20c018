"""The companies of a run: opened, with payers before them, attackers around them, and weather."""

from typing import Final

from adapters.provider_kit.simulator import Booked
from adapters.provider_kit.simulator import World as Outside
from adapters.providers.gcash.simulator import PaymongoSimulator
from entrypoints.simulation.attackers import Attackers
from entrypoints.simulation.companies import Company
from entrypoints.simulation.courier import Courier
from entrypoints.simulation.doors import OURS, WEBHOOK, Doors
from entrypoints.simulation.laws import Laws
from entrypoints.simulation.payers import Payers
from entrypoints.simulation.world import NamedRandom, World

POOR_S: Final = 4 * 3600  # how long, at most, a company has too little to give back


class Town:
    """Of whoever takes part and has another side that is called."""

    def __init__(self, world: World, doors: Doors) -> None:
        self._world = world
        self._attackers = Attackers(world, doors.post, doors.another, f"{OURS}{WEBHOOK}")
        self._courier = Courier(world, doors.post, self._attackers)
        self._payers = Payers(world)
        self.companies: dict[str, Company] = {}
        for code, manifest in world.cast.items():
            if manifest.simulator is not None:
                outside = Outside(world.clock, NamedRandom.of(world), f"https://{code}.example")
                self.companies[code] = Company(manifest, manifest.simulator(outside), world)

    def watched(self, laws: Laws) -> None:
        """From now on the laws see what happens at each company."""

        def charged(company: Company, booked: Booked) -> None:
            laws.at_charge(company, booked)
            self._payers(company, booked)
            self._attackers.charged(company, booked)

        for company in self.companies.values():
            company.on_charge = charged
            company.on_refund = laws.at_refund
            company.leaves = self._courier

    def weather(self) -> None:
        """A company may be down for a while, or short of money to give back."""
        world, chance = self._world, self._world.chance
        for company in self.companies.values():
            if world.faults.pick(f"weather/{company.name}", "outage"):
                begins_s = world.loop.time() + 300 * chance(f"outage/{company.name}")
                lasts_s = 30 + 1800 * chance(f"outage/{company.name}") ** 2
                refuses = chance(f"outage/{company.name}") < 0.5
                company.down = begins_s, begins_s + lasts_s, refuses
            simulator = company.simulator
            if isinstance(simulator, PaymongoSimulator):
                poor = world.faults.pick(f"weather/{company.name}", "payout_low")
                simulator.company.payout_low = bool(poor)
                world.later(POOR_S * chance(f"poor/{company.name}"), _rich, simulator)


def _rich(simulator: PaymongoSimulator) -> None:
    simulator.company.payout_low = False
