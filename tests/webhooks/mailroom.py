"""What becomes of a world's events: numbered, delivered to merchants that a test scripts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.http.wire.events import EventBodies
from adapters.memory.feed import MemoryUntold
from adapters.memory.webhook_views import MemoryWebhookViews
from adapters.telemetry.scrub import scrubbed
from adapters.webhooks.signing import StandardSigner
from adapters.webhooks.target import target
from application.webhooks.create_endpoint_once import CreateEndpointOnce
from application.webhooks.deliver import Deliver
from application.webhooks.endpoints import (
    AmendEndpoint,
    CreateEndpoint,
    DeleteEndpoint,
    RotateSecret,
    SendTestEvent,
    UpdateEndpoint,
)
from application.webhooks.number_events import NumberEvents
from application.webhooks.replay import Replay
from domain.ids import TenantId
from domain.ports.jobs import JobKind
from domain.ports.post import NotPosted, Post, Posted
from domain.ports.webhook_views import WebhookViews
from tests.application.world import World
from tests.builders import CountingIds
from tests.contracts.provider_worlds import GlassVault


@dataclass
class Merchants(Post):
    """Servers of merchants: each answers as it was told, 200 when it was not."""

    answers: dict[str, Posted | NotPosted] = field(default_factory=dict)
    heard: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    async def check(self, url: str) -> None:
        target(url)

    async def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, *, timeout_s: float
    ) -> Posted | NotPosted:
        self.heard.append((url, headers, body))
        return self.answers.get(url, Posted(200, 7, b"thanks"))


def _raised(tenant_id: TenantId, error: Exception) -> None:
    raise error


class Mailroom:
    """Every use case of webhooks, over the world's storage in memory."""

    def __init__(self, world: World) -> None:
        units, clock, ids, vault = world.units, world.clock, CountingIds(7000), GlassVault()
        signer = StandardSigner()
        self.world = world
        self.merchants = Merchants()
        self.views: WebhookViews = MemoryWebhookViews(world.database)
        amend = AmendEndpoint(units)
        self.create = CreateEndpoint(units, self.merchants, vault, clock, ids)
        self.create_once = CreateEndpointOnce(self.create, units, vault, clock)
        self.update = UpdateEndpoint(amend, self.merchants, clock)
        self.delete = DeleteEndpoint(units, amend, clock)
        self.rotate = RotateSecret(amend, vault, clock, ids)
        self.test = SendTestEvent(units, clock, ids)
        self.replay = Replay(units, clock)
        untold = MemoryUntold(world.database)
        self.number = NumberEvents(untold, units, EventBodies(), clock, _raised)
        deliver = Deliver(units, self.merchants, signer, vault, world.queue, clock, scrubbed)
        handlers: dict[JobKind, Any] = {**world.run_jobs.handlers, JobKind.DELIVER: deliver}
        world.run_jobs = replace(world.run_jobs, handlers=handlers)

    async def work(self, seconds: float = 0) -> None:
        """Number what happened and deliver what is due, until nothing is left to do."""
        await self.world.work(seconds)
        while await self.number():
            await self.world.work()
