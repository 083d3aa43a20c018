"""What merchants are told gets its numbers, and goes to where they listen."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog
from dishka import Provider, Scope, provide
from dishka import provide_all as each

from adapters.sql.database import Database
from adapters.telemetry.scrub import masked
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
from domain.ports.bell import Bell
from domain.ports.clock import Clock
from domain.ports.jobs import JobQueue
from domain.ports.post import Post
from domain.ports.unit_of_work import Units
from domain.ports.vault import Vault
from domain.ports.webhook_views import WebhookViews
from domain.ports.webhooks import Bodies, Signer, Untold
from entrypoints.settings import Settings

TROUBLED_S: Final = 2.0  # pause after the database failed

log = structlog.get_logger("cauri.telling")


@dataclass(frozen=True, slots=True)
class Numbering:
    """Every worker numbers; of several at one tenant one wins. It looks each `poll_s`, and again
    at once while there is more."""

    number: NumberEvents
    bell: Bell
    poll_s: float

    async def __call__(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. Whatever goes wrong, nothing is lost: it waits for its number."""
        while not stop.is_set():
            if pause_s := await self._look():
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await stop.wait()

    async def _look(self) -> float:
        """How long to sleep."""
        try:
            done = await self.number()
        except Exception as error:
            log.warning("telling.database", error=repr(error)[:300])
            return TROUBLED_S
        if not done:
            return self.poll_s
        self.bell.ring()  # there may be deliveries
        return 0.0


def troubled(tenant_id: TenantId, error: Exception, /) -> None:
    """The other tenants go on; this one is tried again at the next look."""
    log.warning("telling.failed", tenant_id=tenant_id, error=repr(error)[:300])


class Telling(Provider):
    """Use cases of events, endpoints and deliveries."""

    scope = Scope.APP
    endpoints = each(
        AmendEndpoint,
        CreateEndpoint,
        CreateEndpointOnce,
        DeleteEndpoint,
        Replay,
        RotateSecret,
        SendTestEvent,
        UpdateEndpoint,
    )

    @provide
    def views(self, database: Database) -> WebhookViews:
        return database.webhook_views

    @provide
    def untold(self, database: Database) -> Untold:
        return database.untold

    @provide
    def number(self, untold: Untold, units: Units, bodies: Bodies, clock: Clock) -> NumberEvents:
        return NumberEvents(untold, units, bodies, clock, troubled)

    @provide
    def numbering(self, number: NumberEvents, bell: Bell, settings: Settings) -> Numbering:
        return Numbering(number, bell, settings.worker_poll_s)

    @provide
    def deliver(
        self,
        units: Units,
        post: Post,
        signer: Signer,
        vault: Vault,
        queue: JobQueue,
        clock: Clock,
    ) -> Deliver:
        return Deliver(units, post, signer, vault, queue, clock, masked)
