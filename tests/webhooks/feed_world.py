"""A world of payments whose merchant hears of them: real use cases, a scripted address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from adapters.crypto.vault import SealedVault
from adapters.http.wire.events import EventBodies
from adapters.webhooks.signing import StandardSigner
from application.webhooks.deliver import Deliver
from application.webhooks.endpoints import (
    AmendEndpoint,
    CreateEndpoint,
    DeleteEndpoint,
    MadeEndpoint,
    NewEndpoint,
    RotateSecret,
    SendTestEvent,
    UpdateEndpoint,
)
from application.webhooks.number_events import NumberEvents
from application.webhooks.replay import Replay
from application.work.run_jobs import Handler
from domain.errors import Invalid
from domain.ids import EndpointId, EventId, TenantId
from domain.payments.payment import Payment
from domain.ports.jobs import JobKind
from domain.ports.post import NotPosted, Post, Posted
from domain.ports.unit_of_work import Units
from domain.ports.webhook_views import WebhookViews
from domain.webhooks.delivery import Delivery
from domain.webhooks.told import NumberedEvent, Told
from tests.application.world import World, a_world
from tests.builders import ACME, CountingIds, current
from tests.storages import Storage

URL = "https://shop.example/hooks"
VAULT = SealedVault([b"k" * 32])
TAKEN = Posted(204, 12)


@dataclass
class Heard:
    """One request that reached an address."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return msgspec.json.decode(self.body, type=dict[str, Any])

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class ScriptedPost(Post):
    """Answers what the test says, in order; when it says nothing more, 204."""

    heard: list[Heard] = field(default_factory=list)
    script: dict[str, list[Posted | NotPosted]] = field(default_factory=dict)

    async def check(self, url: str) -> None:
        if not url.startswith("https://"):
            raise Invalid("must be an https address", "url")

    async def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, *, timeout_s: float
    ) -> Posted | NotPosted:
        self.heard.append(Heard(url, headers, body))
        answers = self.script.get(url)
        return answers.pop(0) if answers else TAKEN

    def at(self, url: str) -> list[Heard]:
        return [one for one in self.heard if one.url == url]


@dataclass
class FeedWorld:
    world: World
    views: WebhookViews
    post: ScriptedPost
    number: NumberEvents
    deliver: Deliver
    create: CreateEndpoint
    update: UpdateEndpoint
    delete: DeleteEndpoint
    rotate: RotateSecret
    test: SendTestEvent
    replay: Replay
    troubles: list[str]

    async def endpoint(self, url: str = URL, *events: str, **more: Any) -> MadeEndpoint:
        new = NewEndpoint(tenant_id=ACME, url=url, events=frozenset(events), **more)
        return await self.create(new)

    async def paid(self, key: str = "k1") -> Payment:
        """A payment that became pending, then paid: two events."""
        payment = await self.world.pay(key=key)
        self.world.companies.maya.pay(current(payment).id)
        await self.world.get(ACME, payment.id, refresh=True)
        return await self.world.payment(payment.id)

    async def work(self, seconds: float = 0) -> None:
        """Let time pass, then number and run what is due until nothing is."""
        self.world.clock.advance(seconds)
        for _ in range(200):
            if not await self.number() + await self.world.run_jobs(50):
                return
        raise AssertionError("the worker spins")

    async def events(self) -> Sequence[NumberedEvent]:
        return await self.views.events(ACME, 0, 1000)

    async def delivery(self, endpoint_id: EndpointId, event_id: EventId | str) -> Delivery:
        found = await self.views.deliveries_of(ACME, EventId(event_id))
        (one,) = [one for one in found if one.endpoint_id == endpoint_id]
        return one

    async def tell(self, *facts: Told) -> None:
        async with self.world.units(ACME) as unit:
            for one in facts:
                unit.feed.tell(one)
            await unit.commit()


async def a_feed_world(storage: Storage, units: Units | None = None) -> FeedWorld:
    """`units`: others than the storage's, for numbering and delivering."""
    world = await a_world(storage)
    post, troubles, clock, ids = ScriptedPost(), list[str](), world.clock, CountingIds(900)
    units = units or storage.units
    deliver = Deliver(units, post, StandardSigner(), VAULT, world.queue, clock, lambda text: text)
    handlers: dict[JobKind, Handler] = {**world.run_jobs.handlers, JobKind.DELIVER: deliver}
    world.run_jobs = replace(world.run_jobs, handlers=handlers)
    amend = AmendEndpoint(storage.units)

    def troubled(tenant_id: TenantId, error: Exception) -> None:
        troubles.append(f"{tenant_id}: {error!r}")

    return FeedWorld(
        world=world,
        views=storage.webhooks,
        post=post,
        number=NumberEvents(storage.untold, units, EventBodies(), clock, troubled),
        deliver=deliver,
        create=CreateEndpoint(storage.units, post, VAULT, clock, ids),
        update=UpdateEndpoint(amend, post, clock),
        delete=DeleteEndpoint(storage.units, amend, clock),
        rotate=RotateSecret(amend, VAULT, clock, ids),
        test=SendTestEvent(storage.units, clock, ids),
        replay=Replay(storage.units, clock),
        troubles=troubles,
    )
