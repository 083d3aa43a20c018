"""One run: a plan in, a verdict and a trace out."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextvars import Context
from datetime import UTC, datetime
from typing import Final

from application.correlation import CORRELATION
from domain.ids import PaymentId, TenantId
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.ports.jobs import Job
from entrypoints.simulation.books import Books, statuses
from entrypoints.simulation.connect import connected
from entrypoints.simulation.counter import Till
from entrypoints.simulation.doors import Doors
from entrypoints.simulation.laws import Laws
from entrypoints.simulation.listeners import Listeners
from entrypoints.simulation.loop import Process
from entrypoints.simulation.merchants import Merchants
from entrypoints.simulation.orders import customs, order_of
from entrypoints.simulation.people import People
from entrypoints.simulation.plan import Plan, Result
from entrypoints.simulation.platform import Platform, grid
from entrypoints.simulation.storage import open_storage
from entrypoints.simulation.town import Town
from entrypoints.simulation.units import Ears
from entrypoints.simulation.world import World

DAY_S: Final = 86_400.0
REST_S: Final = 9 * DAY_S  # after the last horizon: longer than every lease and patience
CALM_S: Final = 2 * DAY_S  # faults end by then
NEVER: Final = datetime.max.replace(tzinfo=UTC)
NEWS_S: Final = 1.0  # within which tellers look for what was stored
MEET: Final = 0.3  # of the polls: two workers claim at once, or two tellers number
MEET_S, APART_S, LATER_S = 0.003, 0.12, 0.6  # between two processes' polls


class Run:
    """Everything of one run, wired."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.world = world = World(plan)
        self.storage = open_storage(world.clock, sqlite=plan.sqlite)
        self.platforms: dict[str, Platform] = {}
        self.doors = Doors(world, self.platforms)
        self.town = Town(world, self.doors)
        self.companies = self.town.companies
        self.laws = Laws(world, self.storage, self.companies)
        self.laws.always = plan.always
        self.town.watched(self.laws)
        self.ears = Ears(
            stored=self._stored,
            due=self._due,
            noticed=self.laws.at_notice,
            claimed=self.laws.at_claim,
            ended=self._ended,
            leased=self._leased,
        )
        self.listeners = Listeners(world, self.laws)
        self.tenants: list[TenantId] = []
        self.merchants = Merchants(world, self.doors.any, plan.gone)
        self.people = People(world, self.storage, self.companies, self.doors.any, self._known)
        self.counter = Till(world, self.people)
        self.kills = 0
        self._rings: set[float] = set()
        self._leases: dict[str, datetime] = {}  # by job: until when it is somebody's
        self._watched = NEVER
        self._is_news = False

    def __call__(self) -> Result:
        loop = self.world.loop
        ends = [one.profile.promises for one in self.world.cast.values()]
        horizon_s = max(max(one.horizon_s, one.refunds_end_s) for one in ends)
        loop.run(self._main(), horizon_s + REST_S)
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
        whom = customs(world.cast)
        for number in self.plan.payments:
            order = order_of(number, self.tenants, world.chance, whom)
            world.start(self.merchants(order), order.name)
        self.town.weather()
        self.listeners.weather()
        world.start(self.people())
        world.later(600 + (CALM_S - 600) * world.chance("calm") ** 2, self._calm)

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
            self.world.later(NEWS_S * self.world.chance.luck("news"), self._news)
        if isinstance(moved, Refund) and moved.version == 0:
            self.world.names.stored(moved.id)
        if isinstance(moved, Payment) and moved.version == 0 and _is_by_hand(moved):
            self.world.start(self.counter(moved))

    def _news(self) -> None:
        self._is_news = False
        self._one_by_one(Platform.hears_news, LATER_S)

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
        self._leases[job.id] = until
        if until < self._watched:
            self._watch(until)

    def _ended(self, job: Job) -> None:
        self.laws.at_end_of_job(job)
        self._leases.pop(job.id, None)

    def _watch(self, until: datetime) -> None:
        self._watched = until
        self.world.later(grid(until, self.world.clock.now()), self._look_at_leases, until)

    def _look_at_leases(self, watched: datetime) -> None:
        """One timer for all: most jobs end long before their lease."""
        if watched != self._watched:  # another one comes sooner
            return
        now, self._watched = self.world.clock.now(), NEVER
        for job_id in [one for one, until in self._leases.items() if until <= now]:
            del self._leases[job_id]
            self._due(now)
        if self._leases:
            self._watch(min(self._leases.values()))

    def _ring(self, ring: float) -> None:
        self._rings.discard(ring)
        self._one_by_one(Platform.rings, APART_S)

    def _one_by_one(self, polls: Callable[[Platform], bool], later_s: float) -> None:
        """Pollers meet now and then; as a rule the next one comes too late. Where the first finds
        nothing the others need not come."""
        apart_s = MEET_S if self.world.chance.luck("meet") < MEET else later_s
        live = list(self.platforms.values())
        if live and polls(live[0]):
            for number, platform in enumerate(live[1:], 1):
                self.world.later(number * apart_s, polls, platform)

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


def _is_by_hand(payment: Payment) -> bool:
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
