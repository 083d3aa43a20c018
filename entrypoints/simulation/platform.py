"""One life of one platform process: the real use cases over the simulated world, and its worker."""

import asyncio
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeVar, get_type_hints

from adapters.http.wire.events import EventBodies
from adapters.provider_kit.breaker import Breaker
from adapters.provider_kit.registry import KitProviders
from adapters.telemetry.scrub import masked
from adapters.webhooks.signing import StandardSigner
from application.callbacks.read_notice import ReadNotice
from application.callbacks.receive_callback import ReceiveCallback
from application.correlation import CORRELATION
from application.payments.inquire import InquireJob
from application.refunds.send_refund import SendRefundJob
from application.webhooks.deliver import Deliver, Scrub
from application.webhooks.number_events import FeedTroubles, NumberEvents
from application.work.run_jobs import Handler, RunJobs
from domain.errors import CauriError
from domain.ids import AccountId, TenantId
from domain.ports.clock import Clock
from domain.ports.health import AccountsHealth
from domain.ports.ids import Ids
from domain.ports.jobs import Job, JobKind, JobQueue
from domain.ports.post import Post
from domain.ports.providers import Callback, Providers
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.ports.vault import Vault
from domain.ports.webhooks import Bodies, Signer, Untold
from entrypoints.simulation.companies import Company
from entrypoints.simulation.loop import Process
from entrypoints.simulation.stored import Storage
from entrypoints.simulation.units import Ears, SimQueue, SimUnits
from entrypoints.simulation.wire import SimWire
from entrypoints.simulation.world import SimIds, World

SLOTS: Final = 20  # jobs at once
POLL_S: Final = 0.25  # polls that can find nothing are skipped; the others keep to this grid
TROUBLED_S: Final = 2.0

T = TypeVar("T")


class ClearVault(Vault):
    """Credentials as they are, bound to their place: real ones would cost entropy."""

    def seal(self, data: bytes, context: str) -> bytes:
        return context.encode() + b"\0" + data

    def open(self, sealed: bytes, context: str) -> bytes:
        return sealed.removeprefix(context.encode() + b"\0")


@cache
def _needs(kind: Any) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {
        one.name: hints[one.name]
        for one in fields(kind)
        if one.init and one.default is MISSING and one.default_factory is MISSING
    }


class Platform:
    """Use cases are built from the types of their fields, as the container builds them."""

    def __init__(
        self,
        process: Process,
        world: World,
        storage: Storage,
        companies: Mapping[str, Company],
        ears: Ears,
        post: Post,
    ) -> None:
        self.process, self.world = process, world
        breaker = Breaker(world.clock)
        vault = ClearVault()
        wire = SimWire(world, companies)
        self._made: dict[Any, Any] = {
            Clock: world.clock,
            Ids: SimIds(world),
            Vault: vault,
            AccountsHealth: breaker,
            Providers: KitProviders(world.cast, wire, world.clock, vault, breaker),
            Tenants: storage.tenants(),
            Units: SimUnits(storage.units(), world, ears),
            JobQueue: SimQueue(storage.queue(), world, ears),
            Untold: storage.untold(),
            Post: post,
            Signer: StandardSigner(),
            Bodies: EventBodies(),
            Scrub: masked,
            FeedTroubles: self._untold,
        }
        self._bell, self._news = asyncio.Event(), asyncio.Event()

    def get(self, kind: type[T]) -> T:
        """The use case of that class."""
        if (made := self._made.get(kind)) is None:
            key: Any = kind
            needs = {name: self.get(type_) for name, type_ in _needs(key).items()}
            made = self._made[kind] = kind(**needs)
        return made

    def rings(self) -> bool:
        """Its poll: it wakes if there is work. Whether there is."""
        if is_due := self._is_due():
            self._bell.set()
        return is_due

    def hears_news(self) -> bool:
        """Something was stored that merchants are told of."""
        self._news.set()
        return True

    async def tell(self) -> None:
        """Give events their numbers; the real numbering, but for its idle looks."""
        CORRELATION.set(f"teller {self.process.name}")
        number = self.get(NumberEvents)
        while True:
            self._news.clear()
            try:
                while await number():
                    await self.world.breathe()
            except CauriError:
                await asyncio.sleep(TROUBLED_S)
                continue
            await self._news.wait()

    async def work(self) -> None:
        """Claim what is due and run it side by side; the real worker, but for its idle polls."""
        CORRELATION.set(f"worker {self.process.name}")
        run_jobs = self._run_jobs()
        slots = SLOTS

        async def run(job: Job) -> None:
            nonlocal slots
            try:
                await run_jobs.run(job)
            finally:
                slots += 1
                if slots == 1:
                    self._bell.set()

        is_rung = False
        while True:
            self._bell.clear()
            if not slots or not (is_rung or self._is_due()):
                await self._bell.wait()
                is_rung = True
                continue
            is_rung = False
            try:
                jobs = await run_jobs.claim(slots)
            except CauriError:
                await self.world.sleep(TROUBLED_S)
                continue
            slots -= len(jobs)
            for job in jobs:
                _ = self.process.spawn(run(job))
            if not jobs:
                await self._bell.wait()

    def _is_due(self) -> bool:
        """A look first, as the real worker takes it: claiming is a write."""
        queue: Any = self.get(JobQueue)
        due = queue.look()
        return due is not None and due <= self.world.clock.now()

    async def receive(self, callback: Callback, account_id: AccountId | None) -> int:
        """A callback at the front door; the HTTP status."""
        try:
            await self.get(ReceiveCallback)(callback, account_id)
        except CauriError as error:
            return STATUS.get(type(error).__name__, 503)
        return 200

    def _run_jobs(self) -> RunJobs:
        handlers: dict[JobKind, Handler] = {
            JobKind.INQUIRE: self.get(InquireJob),
            JobKind.READ_NOTICE: self.get(ReadNotice),
            JobKind.SEND_REFUND: self.get(SendRefundJob),
            JobKind.DELIVER: self.get(Deliver),
        }
        queue: Any = self.get(JobQueue)
        units: Any = self.get(Units)
        world, place = self.world, f"pause/{self.process.name}"
        return RunJobs(
            queue,
            units,
            world.clock,
            handlers,
            self._troubled,
            chance=lambda: world.chance.luck(place),
        )

    def _untold(self, tenant_id: TenantId, error: Exception, /) -> None:
        """The other tenants go on; this one is looked at again soon."""
        kind = type(error).__name__
        self.world.trace(f"trouble with the feed of {self.world.names(tenant_id)}: {kind}")
        if isinstance(error, BUGS):
            self.world.loop.fails(error)
        self.world.later(TROUBLED_S, self.hears_news)

    def _troubled(self, job: Job, error: BaseException) -> None:
        kind = type(error).__name__
        self.world.trace(f"trouble {self.world.names(job.id)}: {kind}")
        if isinstance(error, BUGS):
            self.world.loop.fails(error)


BUGS: Final = (
    AssertionError, AttributeError, LookupError, NameError, RuntimeError, TypeError, ValueError,
)  # fmt: skip
STATUS: Final = {"Forged": 401, "Invalid": 400, "NotFound": 404}


def grid(at: datetime, now: datetime) -> float:
    """Seconds until the first poll that can find what is due then."""
    wait_s = max(0.0, (at - now).total_seconds())
    return (wait_s // POLL_S + 1) * POLL_S
