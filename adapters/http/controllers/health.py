"""Probes, health and metrics: for machines that watch, without a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar.handlers import HTTPRouteHandler

from adapters.http import examples
from adapters.http.answers import Ready, encoded
from adapters.http.caller import Desk
from adapters.http.checks import Checkup
from adapters.http.instruments import Watch
from adapters.http.operation import Call, Operation
from adapters.http.problems import ROWS
from adapters.http.wire.reading import Nothing
from adapters.http.wire.service import Alive, Health, HealthReply, ProblemKind
from domain.errors import NotFound

OPTIONAL: Final = ("database", "redis", "payments", "websockets")  # always answered
PROMETHEUS: Final = (b"content-type", b"text/plain; version=0.0.4; charset=utf-8")

LIVE: Final = Operation(
    method="GET",
    path="/api/health/live",
    summary="Is the process alive?",
    scope=None,
    reads=Nothing(),
    replies=Alive,
    tag="Service",
    example={"status": "HEALTHY"},
)
READY: Final = Operation(
    method="GET",
    path="/api/health/ready",
    summary="Can it serve requests?",
    scope=None,
    reads=Nothing(),
    replies=HealthReply,
    tag="Service",
    example=examples.HEALTH,
)
OVERALL: Final = Operation(
    method="GET",
    path="/api/health",
    summary="Is the service well?",
    scope=None,
    reads=Nothing(),
    replies=HealthReply,
    tag="Service",
    example=examples.HEALTH,
)
SHORT: Final = Operation(
    method="GET",
    path="/health",
    summary="Is the service well? (the address load balancers try)",
    scope=None,
    reads=Nothing(),
    replies=HealthReply,
    tag="Service",
    example=examples.HEALTH,
)
ONE: Final = Operation(
    method="GET",
    path="/api/health/{id:str}",
    summary="Is one part of the service well? (database, redis, payments, websockets)",
    scope=None,
    reads=Nothing(),
    replies=HealthReply,
    errors=("not_found",),
    tag="Service",
    example=examples.HEALTH,
)
METRICS: Final = Operation(
    method="GET",
    path="/metrics",
    summary="Metrics for Prometheus",
    scope=None,
    reads=Nothing(),
    replies=None,
    media="text/plain",
    tag="Service",
    example="cauri_requests_total 1250.0",
)
PROBLEM: Final = Operation(
    method="GET",
    path="/problems/{id:str}",
    summary="What a problem's `type` stands for, and what to do about it",
    scope=None,
    reads=Nothing(),
    replies=ProblemKind,
    errors=("not_found",),
    tag="Service",
    example=examples.PROBLEM_KIND,
)


@dataclass(frozen=True, slots=True)
class HealthController:
    checkup: Checkup
    watch: Watch

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [
            LIVE.served(desk, self.live),
            READY.served(desk, self.ready),
            OVERALL.served(desk, self.overall),
            SHORT.served(desk, self.overall),
            ONE.served(desk, self.one),
            METRICS.served(desk, self.metrics),
            PROBLEM.served(desk, self.problem),
        ]

    async def live(self, call: Call, _: None) -> Ready:
        """Answered even when everything else is refused for being too much."""
        return encoded(Alive())

    async def ready(self, call: Call, _: None) -> Ready:
        """503 until the database answers, its schema is current and commits are made."""
        return _told(await self.checkup(self.checkup.needed))

    async def overall(self, call: Call, _: None) -> Ready:
        """503 when what is needed is down; DEGRADED still serves."""
        return _told(await self.checkup())

    async def one(self, call: Call, _: None) -> Ready:
        """NOT_CONFIGURED when this installation does without it."""
        name: str = call.request.path_params["id"]
        if name not in OPTIONAL and name not in self.checkup.names:
            raise NotFound()
        reply = await self.checkup((name,))
        if not reply.checks:
            reply.status = Health.NOT_CONFIGURED
        return _told(reply)

    async def metrics(self, call: Call, _: None) -> Ready:
        """Keep this address inside your network: it tells what is going on."""
        metrics = self.watch.metrics
        return Ready(await metrics.page() if metrics is not None else b"", kind=PROMETHEUS)

    async def problem(self, call: Call, _: None) -> Ready:
        """The table that all problem documents of this API come from."""
        code: str = call.request.path_params["id"]
        if (row := ROWS.get(code)) is None:
            raise NotFound()
        return encoded(ProblemKind(code, row.title, row.status, row.detail))


def _told(reply: HealthReply) -> Ready:
    return encoded(reply, 503 if reply.status is Health.UNHEALTHY else 200)
