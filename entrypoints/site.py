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
from adapters.http.controllers.deliveries import DeliveryController
from adapters.http.controllers.events import EventController
from adapters.http.controllers.health import HealthController
from adapters.http.controllers.jobs import JobController
from adapters.http.controllers.ledger import LedgerController
from adapters.http.controllers.methods import MethodController
from adapters.http.controllers.payments import PaymentController
from adapters.http.controllers.proofs import ProofController
from adapters.http.controllers.refunds import RefundController
from adapters.http.controllers.wallets import WalletController
from adapters.http.controllers.webhook_endpoints import WebhookEndpointController
from adapters.http.instruments import Watch
from adapters.http.rate_limit import Gcra
from adapters.http.wire.service import Health, Plain
from adapters.provider_kit.breaker import Standing
from adapters.provider_kit.shared_breaker import SharedBreaker
from adapters.provider_kit.track_record import Totals
from adapters.sql.database import Database
from adapters.sql.migrate import is_current
from adapters.telemetry.logs import ErrorLog, RequestLog, configure
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.sink import Sink
from application.audit.alarm import Cry
from application.tenants.api_keys import Authenticate
from application.work.run_jobs import Counted
from domain.audit.dossier import Breach
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.jobs import JobQueue
from domain.ports.providers import Providers
from entrypoints.auditing import cried
from entrypoints.queue_figures import QUEUE, queue_figures
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
    """Can payments go out? As all processes have seen each provider of the build in the last day;
    no call is made, and one that nobody used yet has nothing against it."""

    providers: Providers
    breaker: SharedBreaker
    name: str = "payments"
    needed: bool = False

    async def __call__(self) -> Finding:
        standing, totals = self.breaker.standing(), self.breaker.record_of.totals()
        each = {code: standing.get(code, Standing()) for code in sorted(self.providers.profiles)}
        is_open = any(one.circuit == "open" for one in each.values())
        detail: Detail = {
            code: _seen(one, totals.get(code, Totals())) for code, one in each.items()
        }
        return Finding(Health.DEGRADED if is_open else Health.HEALTHY, detail)


def _seen(standing: Standing, totals: Totals) -> Mapping[str, Plain]:
    """Times are milliseconds, rates per cent; null where nothing was counted."""
    last = {"lastSuccess": totals.last_success_at, "lastFailure": totals.last_failure_at}
    answers, finished = totals.answers, totals.finished
    return {
        "available": standing.available,
        "circuit": standing.circuit,
        "successRate": round(100 * totals.successes / finished, 2) if finished else None,
        "avgResponseTime": round(totals.waited_ms / answers) if answers else None,
        "totalTransactions": finished,
        "failedTransactions": finished - totals.successes,
        **{
            name: at.isoformat().replace("+00:00", "Z") if at else None for name, at in last.items()
        },
    }


class Site(Provider):
    scope = Scope.APP
    endpoints = provide_all(
        PaymentController, RefundController, MethodController, CallbackController, HealthController
    )
    work = provide_all(JobController)
    wallets = provide_all(WalletController)
    proofs = provide_all(ProofController)
    books = provide_all(LedgerController)
    webhooks = provide_all(WebhookEndpointController, DeliveryController, EventController)

    @provide
    def metrics(self, database: Database, clock: Clock) -> Metrics:
        metrics = Metrics()
        metrics.look("cauri_queue", QUEUE, queue_figures(database.job_queue, clock))

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

    @provide(override=True)
    def cry(self, metrics: Metrics) -> Cry:
        def cry(breach: Breach) -> None:
            cried(breach)
            metrics.breach(breach.check.value)

        return cry

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
        breaker: SharedBreaker,
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
        hooks: WebhookEndpointController,
        deliveries: DeliveryController,
        events: EventController,
        jobs: JobController,
        wallets: WalletController,
        ledger: LedgerController,
        proofs: ProofController,
        desk: Desk,
        watch: Watch,
        clock: Clock,
        ids: Ids,
        settings: Settings,
    ) -> Litestar:
        told = (hooks, deliveries, events)
        taking = (payments, proofs, refunds, methods, callbacks, health)
        endpoints = (*taking, *told, jobs, wallets, ledger)
        https = settings.public_url.startswith("https://")
        return build(endpoints, desk, watch, clock, ids, HttpOptions(version=VERSION, https=https))
