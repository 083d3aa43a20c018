"""What serves HTTP: endpoints over the graph's use cases, checks, logs and metrics."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from dishka import Provider, Scope, provide, provide_all
from litestar import Litestar

from adapters.http.app import HttpOptions, build
from adapters.http.caller import Desk
from adapters.http.checks import Checkup, Detail, Finding
from adapters.http.controllers.callbacks import CallbackController
from adapters.http.controllers.health import HealthController
from adapters.http.controllers.methods import MethodController
from adapters.http.controllers.payments import PaymentController
from adapters.http.controllers.refunds import RefundController
from adapters.http.instruments import Watch
from adapters.http.rate_limit import Gcra
from adapters.http.wire.service import Health
from adapters.provider_kit.breaker import Breaker, Standing
from adapters.sql.database import Database
from adapters.sql.migrate import is_current
from adapters.telemetry.logs import ErrorLog, RequestLog, configure
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.sink import Sink
from application.tenants.api_keys import Authenticate
from application.work.run_jobs import Counted
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.jobs import JobQueue
from domain.ports.providers import Providers
from entrypoints.settings import Settings

VERSION: Final = version("cauri")
WRITER: Final = {
    "groups_total": "Transactions written.",
    "units_total": "Units of work they held.",
    "replays_total": "Groups written again in halves because a unit of theirs failed.",
    "refused_total": "Units refused because too many waited.",
    "unknown_total": "Commits whose answer was lost.",
    "waiting": "Units that wait now.",
    "oldest_wait_seconds": "How long the oldest has waited.",
}
LATE_S: Final = 60.0  # a due job that nobody took for so long: no worker is running


@dataclass(frozen=True, slots=True)
class DatabaseCheck:
    """Reachable, its schema ours, its writer alive."""

    database: Database
    name: str = "database"
    needed: bool = True

    async def __call__(self) -> Finding:
        await self.database.ping()
        current = await is_current(self.database.url)
        writing = self.database.is_writing
        well = current and writing
        kind = "SQLite" if self.database.path is not None else "PostgreSQL"
        detail: Detail = {"kind": kind, "schemaCurrent": current, "writing": writing}
        return Finding(Health.HEALTHY if well else Health.UNHEALTHY, detail)


@dataclass(frozen=True, slots=True)
class WorkerCheck:
    """Somebody does the background work."""

    queue: JobQueue
    clock: Clock
    name: str = "worker"
    needed: bool = False

    async def __call__(self) -> Finding:
        due = await self.queue.next_due()
        late_s = 0.0 if due is None else (self.clock.now() - due).total_seconds()
        status = Health.HEALTHY if late_s < LATE_S else Health.DEGRADED
        return Finding(status, {"oldestDueSeconds": round(max(0.0, late_s), 3)})


@dataclass(frozen=True, slots=True)
class PaymentsCheck:
    """Can payments go out? As this process has seen each provider of the build; no call is made,
    and one that nobody used yet has nothing against it."""

    providers: Providers
    breaker: Breaker
    name: str = "payments"
    needed: bool = False

    async def __call__(self) -> Finding:
        standing = self.breaker.standing()
        each = {code: standing.get(code, Standing()) for code in sorted(self.providers.profiles)}
        is_open = any(one.circuit == "open" for one in each.values())
        detail: Detail = {
            code: {"available": one.available, "circuit": one.circuit} for code, one in each.items()
        }
        return Finding(Health.DEGRADED if is_open else Health.HEALTHY, detail)


class Site(Provider):
    scope = Scope.APP
    endpoints = provide_all(
        PaymentController, RefundController, MethodController, CallbackController, HealthController
    )

    @provide
    def metrics(self, database: Database) -> Metrics:
        metrics = Metrics()

        def writer() -> Mapping[str, float]:
            counted = database.committer.counters
            return {
                "groups_total": counted.groups,
                "units_total": counted.units,
                "replays_total": counted.replays,
                "refused_total": counted.refused,
                "unknown_total": counted.unknown,
                "waiting": counted.waiting,
                "oldest_wait_seconds": database.committer.oldest_age_s(),
            }

        metrics.watch("cauri_writer", WRITER, writer)
        return metrics

    @provide(override=True)
    def counted(self, metrics: Metrics) -> Counted:
        return metrics.job

    @provide
    def watch(self, metrics: Metrics, sink: Sink, clock: Clock, settings: Settings) -> Watch:
        log = configure(sink, clock, settings.log_level.upper())
        access = RequestLog(sink, clock) if settings.log_level in ("debug", "info") else None
        return Watch(log=access, metrics=metrics, alarm=ErrorLog(log))

    @provide
    def sink(self) -> Sink:
        return Sink(sys.stderr.buffer)

    @provide
    def checkup(
        self,
        database: Database,
        queue: JobQueue,
        providers: Providers,
        breaker: Breaker,
        clock: Clock,
    ) -> Checkup:
        checks = (
            DatabaseCheck(database),
            WorkerCheck(queue, clock),
            PaymentsCheck(providers, breaker),
        )
        return Checkup(checks, clock, VERSION)

    @provide
    def desk(self, authenticate: Authenticate, clock: Clock, settings: Settings) -> Desk:
        return Desk(authenticate, Gcra(clock.monotonic) if settings.rate_limit else None)

    @provide
    def app(
        self,
        payments: PaymentController,
        refunds: RefundController,
        methods: MethodController,
        callbacks: CallbackController,
        health: HealthController,
        desk: Desk,
        watch: Watch,
        clock: Clock,
        ids: Ids,
        settings: Settings,
    ) -> Litestar:
        endpoints = (payments, refunds, methods, callbacks, health)
        https = settings.public_url.startswith("https://")
        return build(endpoints, desk, watch, clock, ids, HttpOptions(version=VERSION, https=https))
