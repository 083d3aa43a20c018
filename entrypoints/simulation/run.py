"""One run: a plan in, a verdict and a trace out."""

import gc
from collections import Counter
from collections.abc import Iterator
from contextvars import Context
from datetime import datetime
from functools import partial
from typing import Final

from adapters.provider_kit.simulator import Booked
from adapters.provider_kit.simulator import World as Outside
from adapters.providers.gcash.simulator import PaymongoSimulator
from application.correlation import CORRELATION
from domain.ids import PaymentId, TenantId
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.ports.jobs import Job
from entrypoints.simulation.attackers import Attackers
from entrypoints.simulation.books import Books, statuses
from entrypoints.simulation.companies import Company
from entrypoints.simulation.connect import connected
from entrypoints.simulation.courier import Courier
from entrypoints.simulation.doors import OURS, WEBHOOK, Doors
from entrypoints.simulation.laws import Laws
from entrypoints.simulation.listeners import Listeners
from entrypoints.simulation.loop import Process
from entrypoints.simulation.merchants import Merchants
from entrypoints.simulation.orders import order_of, serving
from entrypoints.simulation.payers import Payers
from entrypoints.simulation.people import People
from entrypoints.simulation.plan import Plan, Result
from entrypoints.simulation.platform import Platform, grid
from entrypoints.simulation.storage import open_storage
from entrypoints.simulation.units import Ears
from entrypoints.simulation.world import NamedRandom, World

DAY_S: Final = 86_400.0
END_S: Final = 12 * DAY_S  # long after every horizon, lease and patience
CALM_S: Final = 2 * DAY_S  # faults end by then
MEET: Final = 0.3  # of the polls: two workers claim at once
MEET_S, APART_S = 0.003, 0.12  # between two workers' polls


class Run:
    """Everything of one run, wired."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.world = world = World(plan)
        self.storage = open_storage(world.clock, sqlite=plan.sqlite)
        self.platforms: dict[str, Platform] = {}
        self.doors = Doors(world, self.platforms)
        self.companies = self._companies()
        self.laws = Laws(world, self.storage, self.companies)
        self.laws.always = plan.always
        self.ears = Ears(
            stored=self._stored,
            due=self._due,
            noticed=self.laws.at_notice,
            claimed=self.laws.at_claim,
            ended=self.laws.at_end_of_job,
            leased=self._leased,
        )
        self.listeners = Listeners(world, self.laws)
        self.tenants: list[TenantId] = []
        self.merchants = Merchants(world, self.doors.any, plan.gone)
        self.people = People(world, self.storage, self.companies, self.doors.any, self._known)
        self.kills = 0
        self._rings: set[float] = set()
        self._is_news = False

    def __call__(self) -> Result:
        loop = self.world.loop
        loop.run(self._main(), END_S)
        for error in loop.errors:
            self.laws.law(False, "nothing fails by itself", error)
        if not self.laws.broken:
            Books(self.laws, self.storage, self.companies)(self.merchants.answers)
            self.listeners.at_the_end(self.storage)
        self.world.trace(f"end after {loop.steps} steps")
        result = self._result()
        loop.bury()
        self.storage.close()
        return result

    async def _main(self) -> None:
        world = self.world
        world.faults.on = False
        CORRELATION.set("setup")
        desk = self._platform(Process("desk", world.loop))
        self.tenants = await connected(desk, self.companies, self.listeners, self.doors.accounts)
        world.faults.on = True
        for number in range(self.plan.processes):
            self._start(f"p{number}")
        for number in self.plan.payments:
            order = order_of(number, self.tenants, world.chance)
            world.start(self.merchants(order), order.name)
        for company in self.companies.values():
            self._weather(company)
        self.listeners.weather()
        world.start(self.people())
        world.later(600 + (CALM_S - 600) * world.chance("calm") ** 2, self._calm)

    def _companies(self) -> dict[str, Company]:
        world = self.world
        companies: dict[str, Company] = {}
        doors = self.doors
        self.attackers = Attackers(world, doors.post, doors.another, f"{OURS}{WEBHOOK}")
        courier, payers = Courier(world, doors.post, self.attackers), Payers(world)
        for code, manifest in serving().items():
            if manifest.simulator is None:
                continue
            outside = Outside(world.clock, NamedRandom.of(world), f"https://{code}.example")
            company = companies[code] = Company(manifest.simulator(outside), world)
            company.on_charge = partial(self._charged, payers)
            company.on_refund = lambda company, refund: self.laws.at_refund(company, refund)
            company.leaves = courier
        return companies

    def _charged(self, payers: Payers, company: Company, booked: Booked) -> None:
        self.laws.at_charge(company, booked)
        payers(company, booked)
        self.attackers.charged(company, booked)

    def _weather(self, company: Company) -> None:
        """A company may be down for a while, or short of money to give back."""
        world, chance = self.world, self.world.chance
        if world.faults.pick(f"weather/{company.name}", "outage"):
            begins_s = world.loop.time() + 300 * chance(f"outage/{company.name}")
            lasts_s = 30 + 1800 * chance(f"outage/{company.name}") ** 2
            refuses = chance(f"outage/{company.name}") < 0.5
            company.down = begins_s, begins_s + lasts_s, refuses
        simulator = company.simulator
        if isinstance(simulator, PaymongoSimulator):
            poor = world.faults.pick(f"weather/{company.name}", "payout_low")
            simulator.company.payout_low = bool(poor)
            world.later(4 * 3600 * chance(f"poor/{company.name}"), _rich, simulator)

    def _calm(self) -> None:
        self.world.faults.on = False
        self.world.trace("calm")

    def _start(self, name: str) -> None:
        world = self.world
        process = Process(name, world.loop)
        self._doom(process)
        process.on_death.append(lambda: self._died(name))
        platform = self._platform(process)
        self.platforms[name] = platform
        _ = process.spawn(platform.work()), process.spawn(platform.tell())

    def _platform(self, process: Process) -> Platform:
        return Platform(
            process, self.world, self.storage, self.companies, self.ears, self.listeners
        )

    def _doom(self, process: Process) -> None:
        world, name = self.world, process.name
        if self.plan.crash_at:
            process.dies_at = self.plan.crash_at if self.kills == 0 and name == "p0" else 0
            return
        reach = 120 * len(self.plan.payments)
        if world.faults.pick(f"life/{name}", "crash"):
            process.dies_at = 1 + int(reach * world.chance(f"steps/{name}") ** 2)
        if world.faults.pick(f"sleep/{name}", "freeze"):
            process.sleeps_at = 1 + int(reach * world.chance(f"steps/{name}") ** 2)
            process.sleeps_s = 10 + 140 * world.chance(f"steps/{name}")

    def _died(self, name: str) -> None:
        self.kills += 1
        self.world.trace(f"killed {name}")
        del self.platforms[name]
        self.world.later(1 + 60 * self.world.chance(f"down/{name}") ** 2, self._start, name)

    def _stored(self, moved: Payment | Refund) -> None:
        self.laws.at_commit(moved)
        if moved.events and not self._is_news:
            self._is_news = True
            self.world.later(0.1, self._news)
        if isinstance(moved, Payment) and moved.version == 0 and _is_cash(moved):
            self.world.start(self.people.cash(moved))

    def _news(self) -> None:
        self._is_news = False
        for platform in self.platforms.values():
            platform.hears_news()

    def _due(self, at: datetime) -> None:
        """Whoever is alive then looks for work."""
        world = self.world
        wait_s = grid(at, world.clock.now())
        ring = round(world.loop.time() + wait_s, 2)
        if ring not in self._rings:
            self._rings.add(ring)
            world.later(wait_s, self._ring, ring)

    def _leased(self, job: Job, until: datetime) -> None:
        """When the lease is over and the job is not, somebody else takes it."""
        wait_s = grid(until, self.world.clock.now())
        self.world.later(wait_s, self._lease_over, job, until)

    def _lease_over(self, job: Job, until: datetime) -> None:
        if self.laws.is_held(job):
            self._due(until)

    def _ring(self, ring: float) -> None:
        """Pollers meet at the queue now and then; as a rule the next one comes too late."""
        self._rings.discard(ring)
        apart_s = MEET_S if self.world.chance.luck("meet") < MEET else APART_S
        for number, platform in enumerate(list(self.platforms.values())):
            self.world.later(number * apart_s, platform.rings)

    def _known(self) -> Iterator[tuple[TenantId, PaymentId]]:
        return ((tenant, payment) for payment, tenant in self.laws.owners.items())

    def _result(self) -> Result:
        payments = [self.storage.payment(tenant, one) for tenant, one in self._known()]
        refunds: Counter[str] = Counter()
        for company in self.companies.values():
            refunds[company.name] = sum(company.given.values())
        return Result(
            broken=tuple(self.laws.broken),
            digest=self.world.trace.digest(),
            steps=self.world.loop.steps,
            fired=tuple(self.world.faults.fired),
            trace=tuple(self.world.trace.lines),
            statuses=statuses(payments),
            refunds=dict(refunds),
            surpluses=sum(one.surplus for payment in payments for one in payment.attempts),
            kills=self.kills,
        )


def _rich(simulator: PaymongoSimulator) -> None:
    simulator.company.payout_low = False


def _is_cash(payment: Payment) -> bool:
    return any(one.offline for one in payment.attempts)


def simulate(plan: Plan) -> Result:
    """Run it. The collector is off, so that nothing is closed at a moment nobody chose."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return Context().run(Run(plan))
    finally:
        if was_on:
            gc.enable()
