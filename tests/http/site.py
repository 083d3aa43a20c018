"""The whole site over the world of tests.application: in process, with a clock that stands."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx
from litestar import Litestar

from adapters.bell.local import LocalBell
from adapters.crypto.digests import PepperedDigests
from adapters.http.app import HttpOptions, build
from adapters.http.caller import Desk
from adapters.http.checks import Check, Checkup, Finding
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
from adapters.http.wire.service import Health
from adapters.memory.job_book import MemoryJobBook
from adapters.memory.ledger import MemoryLedger
from adapters.memory.wallets import MemoryWalletViews
from adapters.telemetry.logs import RequestLog
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.sink import Sink
from application.payments.submit_proof import SubmitProof
from application.tenants.api_keys import Authenticate, CreateApiKey, RevokeApiKey
from application.wallets.spend_wallet import ReverseSpend, SpendWallet
from application.wallets.wallet_history import WalletHistory
from application.work.dead_letters import DropJob, RetryJob
from domain.ids import TenantId
from domain.tenants.api_key import EVERY_SCOPE, Scope
from domain.tenants.tenant import ProviderAccount, Tenant
from tests.application.world import World, a_world
from tests.builders import ACME, NOW, OTHER, CountingIds
from tests.webhooks.mailroom import Mailroom

PLENTY: Final = 100_000  # requests a minute, where the limit is not what a test is about
BODY: Final[dict[str, Any]] = {
    "amount": "1500.00",
    "currency": "PHP",
    "reference": "order-1001",
    "customer": {
        "id": "cus_42",
        "name": "Maria Santos",
        "email": "maria@example.com",
        "phone": "+639171234567",
    },
    "country": "PH",
    "description": "2 tickets",
    "returnUrl": "https://shop.example/return",
    "metadata": {"cart": "c-9"},
}


@dataclass
class Lines:
    """A stream that remembers."""

    text: bytes = b""

    def write(self, data: bytes, /) -> None:
        self.text += data

    def flush(self) -> None:
        """Nothing waits."""


@dataclass
class Database(Check):
    """A check a test can turn."""

    status: Health = Health.HEALTHY
    asked: int = 0

    @property
    def name(self) -> str:
        return "database"

    @property
    def needed(self) -> bool:
        return True

    async def __call__(self) -> Finding:
        self.asked += 1
        if self.status is Health.DEGRADED:
            raise ConnectionError("10.0.0.5 refused")
        return Finding(self.status, {"migrations": "current"})


@dataclass
class Site:
    world: World
    app: Litestar
    client: httpx.AsyncClient
    key: str  # of ACME, with every scope
    create_key: CreateApiKey
    revoke_key: RevokeApiKey
    metrics: Metrics
    sink: Sink
    lines: Lines
    database: Database
    alarms: list[Exception]
    mailroom: Mailroom

    async def make_key(
        self,
        tenant_id: TenantId = ACME,
        scopes: frozenset[Scope] = EVERY_SCOPE,
        rate: int = PLENTY,
    ) -> str:
        made = await self.create_key(tenant_id, "till 1", scopes=scopes, rate_per_minute=rate)
        return made.text

    def headers(self, **more: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}", **more}

    async def get(self, path: str, **more: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers(**more))

    async def post(
        self, path: str, body: Any = None, idempotency: str | None = None, **more: str
    ) -> httpx.Response:
        headers = self.headers(**more)
        if idempotency is not None:
            headers["idempotency-key"] = idempotency
        if isinstance(body, bytes):
            headers.setdefault("content-type", "application/json")
            return await self.client.post(path, content=body, headers=headers)
        return await self.client.post(path, json=body, headers=headers)

    async def initiate(self, idempotency: str = "k1", **changes: Any) -> httpx.Response:
        body = {name: value for name, value in (BODY | changes).items() if value is not ...}
        return await self.post("/api/payments/initiate", body, idempotency)

    async def paid(self, idempotency: str = "k1", **changes: Any) -> dict[str, Any]:
        """A payment that its payer has approved."""
        payment = (await self.initiate(idempotency, **changes)).json()
        attempt = payment["attempts"][-1]
        getattr(self.world.companies, attempt["provider"]).pay(attempt["id"])
        return dict((await self.get(f"/api/payments/status/{payment['id']}?refresh=true")).json())

    def logged(self) -> str:
        self.sink.flush()
        return self.lines.text.decode()


@asynccontextmanager
async def a_site(
    *,
    limited: bool = True,
    most_at_once: int = 1024,
    watched: bool = True,
    world: World | None = None,
) -> AsyncIterator[Site]:
    world = world or await a_world()
    await _other_tenant(world)
    clock, ids = world.clock, CountingIds(5000)
    digests = PepperedDigests(bytes(32))
    authenticate = Authenticate(world.tenants, digests, clock)
    create = CreateApiKey(world.tenants, digests, clock, ids)
    made = await create(ACME, "till 1", rate_per_minute=PLENTY)
    lines, alarms = Lines(), list[Exception]()
    sink, metrics, database = Sink(lines), Metrics(), Database()
    log = RequestLog(sink, clock)
    watch = Watch()
    if watched:
        watch = Watch(log, metrics, lambda error, exchange: alarms.append(error))
    desk = Desk(authenticate, Gcra(clock.monotonic) if limited else None)
    options = HttpOptions(version="0.1.0", most_at_once=most_at_once)
    checkup = Checkup([database], clock, "0.1.0")
    mailroom = Mailroom(world)
    served = [*controllers(world, watch, checkup), *webhook_controllers(mailroom), wallets(world)]
    served += [jobs(world), LedgerController(world.ledger)]
    app = build(served, desk, watch, clock, ids, options)
    asgi: Any = app
    transport = httpx.ASGITransport(asgi, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
        yield Site(
            world,
            app,
            client,
            made.text,
            create,
            RevokeApiKey(world.tenants, clock),
            metrics,
            sink,
            lines,
            database,
            alarms,
            mailroom,
        )


def controllers(world: World, watch: Watch, checkup: Checkup) -> Sequence[Any]:
    return [
        PaymentController(
            world.initiate, world.get, world.cancel, world.verify, world.views, watch
        ),
        ProofController(
            SubmitProof(world.units, world.tenants, world.companies, world.clock), world.units
        ),
        RefundController(world.refund, world.get, world.views, world.verify_refund),
        MethodController(world.quote, world.choose, world.units, world.tenants, world.companies),
        CallbackController(world.receive, world.tenants, world.companies, watch),
        HealthController(checkup, watch),
    ]


def jobs(world: World) -> JobController:
    book = MemoryJobBook(world.database)
    return JobController(book, RetryJob(book, LocalBell(), world.clock), DropJob(book))


def wallets(world: World) -> WalletController:
    views, ids = MemoryWalletViews(world.database), CountingIds(7000)
    return WalletController(
        views,
        WalletHistory(views, MemoryLedger(world.database)),
        SpendWallet(world.units, world.clock, ids),
        ReverseSpend(world.units, world.clock),
        world.units,
    )


def webhook_controllers(mailroom: Mailroom) -> Sequence[Any]:
    return [
        WebhookEndpointController(
            mailroom.create,
            mailroom.create_once,
            mailroom.update,
            mailroom.delete,
            mailroom.rotate,
            mailroom.test,
            mailroom.views,
        ),
        DeliveryController(mailroom.replay, mailroom.views),
        EventController(mailroom.views),
    ]


async def _other_tenant(world: World) -> None:
    """A mirrored tenant with accounts at the same companies."""
    await world.tenants.add(Tenant(id=OTHER, name="Other", created_at=NOW))
    mine = list(world.database.accounts.values())
    for account in mine:
        theirs: ProviderAccount = replace(
            account, id=type(account.id)(f"{account.id}other"), tenant_id=OTHER
        )
        await world.tenants.add_account(theirs)
