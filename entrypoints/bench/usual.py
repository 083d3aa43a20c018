"""The same work as it is usually written: Litestar, an ORM session a request, httpx.

Idiomatic and in good order: mapped classes with relationships and version counters, a session that
keeps its objects over a commit, one pooled client, no transaction open while the provider is
waited for, the same server with the same loop. It asks its database what ours asks for too: whose
API key it is, whether the idempotency key is known, the tenant's accounts, the customer's default
method; and on PostgreSQL each transaction says whose rows it may see, for row-level security.
It prices and decides with the same functions, writes a line of JSON about each request through the
standard library's logging, and counts it. It is given what flatters it: SQLite with our settings
and the pool it is quickest with; the texts of the rows ready made, so that it renders nothing; no
rate limit, no circuit breaker.
"""

import json
import logging
import sys
from collections.abc import AsyncIterator
from hashlib import sha256
from time import perf_counter
from typing import Annotated, Any, Final

import httpx
import msgspec
import uvloop
from litestar import Litestar, Request, Response, post
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException
from msgspec import Meta
from prometheus_client import Counter
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Session

from adapters.http.server import serve
from adapters.sql.sqlite_sql import SETTINGS
from adapters.system.ids import RandomIds
from domain.currencies import currency
from domain.fees.schedule import Bearer, FeeSchedule
from domain.ids import AccountId
from domain.money import Money
from domain.payments.routing import Candidate, Decision, Snapshot, route
from domain.tenants.tenant import Policy
from entrypoints.bench.usual_rows import (
    Account,
    ApiKey,
    DefaultMethod,
    Key,
    Made,
    Payment,
    Usual,
)

POOL: Final = 16
CHARGE_S: Final = 20.0
MERCHANT: Final = Bearer.MERCHANT
PRICES: Final = {
    "maya": FeeSchedule(currency=currency("PHP"), rate_bps=250, fixed_minor=1500),
    "gcash": FeeSchedule(currency=currency("PHP"), rate_bps=350, fixed_minor=1000),
}
REQUESTS: Final = Counter("usual_requests", "Answered.", ("route", "method", "status"))
log = logging.getLogger("usual")
TENANT: Final = text("SELECT set_config('app.tenants', :tenant_id, true)")


class Customer(msgspec.Struct):
    id: Annotated[str, Meta(max_length=64)] | None = None
    name: Annotated[str, Meta(max_length=200)] | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    phone: Annotated[str, Meta(pattern=r"^\+[1-9]\d{6,14}$")] | None = None


class Order(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The body of the request."""

    amount: Annotated[str, Meta(pattern=r"^\d{1,12}(\.\d{1,2})?$")]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
    reference: Annotated[str, Meta(min_length=1, max_length=200)]
    customer: Customer | None = None
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")] | None = None
    description: Annotated[str, Meta(max_length=500)] = ""
    return_url: Annotated[str, Meta(max_length=2048)] | None = None
    metadata: dict[str, str] = {}


def engine_of(usual: Usual) -> AsyncEngine:
    """The usual pools: as many connections as clients; on SQLite one, which it is quickest with."""
    if usual.url.startswith("postgresql"):
        return create_async_engine(
            usual.url.replace("postgresql:", "postgresql+asyncpg:"),
            pool_size=POOL,
            max_overflow=0,
            connect_args={"server_settings": {"jit": "off"}},
        )
    engine = create_async_engine(
        usual.url.replace("sqlite:", "sqlite+aiosqlite:"), pool_size=1, max_overflow=0
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for setting in SETTINGS:
            connection.execute(setting)

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # else readers can't become writers

    return engine


def decided(order: Order) -> Decision:
    """Who takes it."""
    amount = Money.parse(order.amount, currency(order.currency))
    candidates = tuple(
        Candidate(provider=name, account_id=AccountId(name), fee=price.quote(amount, MERCHANT))
        for name, price in PRICES.items()
    )
    return route(Snapshot(candidates=candidates, policy=Policy()))


async def authenticated(request: Request[Any, Any, Any], session: AsyncSession) -> ApiKey:
    """The caller's key. Raises NotAuthorizedException."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    sha256(given.encode()).digest()
    query = select(ApiKey).where(ApiKey.id == f"key_{given[11:27]}")
    key = (await session.execute(query)).scalar_one_or_none()
    if key is None or key.revoked_at is not None:
        raise NotAuthorizedException()
    return key


class Desk:
    """The service: its handler, and what the handler needs."""

    def __init__(self, usual: Usual) -> None:
        self.usual = usual
        self.engine = engine_of(usual)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        if usual.url.startswith("postgresql"):
            self._fence()
        self.client = httpx.AsyncClient(base_url=usual.maya_url, timeout=CHARGE_S)
        self.ids = RandomIds()

    def _fence(self) -> None:
        """Row-level security, the usual way: the first statement of every transaction."""

        class Fenced(Session):
            """The session that the async one drives."""

        @event.listens_for(Fenced, "after_begin")
        def begun(session: Session, transaction: Any, connection: Any) -> None:
            connection.execute(TENANT, {"tenant_id": self.usual.tenant_id})

        self.sessions.configure(sync_session_class=Fenced)

    async def session(self) -> AsyncIterator[AsyncSession]:
        """One for each request."""
        async with self.sessions() as session:
            yield session

    async def initiate(
        self, session: AsyncSession, request: Request[Any, Any, Any], data: Order
    ) -> bytes:
        """Store, call, store."""
        await authenticated(request, session)
        began = perf_counter()
        await self.known(session, request.headers["idempotency-key"], data)
        provider = decided(data).chosen
        made = Made(self.usual, self.ids.payment_id()[4:], request.headers["idempotency-key"])
        payment, key = made.payment(data.reference), made.key()
        session.add_all([payment, key, made.job()])
        await session.commit()
        checkout = await self.checkout(payment, data)
        made.pending(payment, key, checkout)
        session.add(made.told())
        await session.commit()
        answer: bytes = key.answer
        REQUESTS.labels("/api/payments/initiate", "POST", "201").inc()
        seconds = perf_counter() - began
        log.info(json.dumps({"path": "/api/payments/initiate", "provider": provider, "s": seconds}))
        return answer

    async def known(self, session: AsyncSession, key: str, data: Order) -> None:
        """What must be known before a payment is routed. Raises ValueError when there is no way."""
        mine = {"tenant_id": self.usual.tenant_id}
        used = select(Key).filter_by(**mine, scope="initiate", key=key)
        if (await session.execute(used)).scalar_one_or_none() is not None:
            raise ValueError("the key was used")
        accounts = (await session.execute(select(Account).filter_by(**mine))).scalars().all()
        if data.customer is not None and data.customer.id is not None:
            saved = select(DefaultMethod).filter_by(**mine, customer_id=data.customer.id)
            (await session.execute(saved)).scalar_one_or_none()
        if not accounts:
            raise ValueError("no account is connected")

    async def checkout(self, payment: Payment, data: Order) -> dict[str, str]:
        """Ask the provider."""
        total = {"value": msgspec.Raw(data.amount.encode()), "currency": data.currency}
        body = {
            "totalAmount": total,
            "items": [{"name": data.description, "quantity": 1, "totalAmount": total}],
            "requestReferenceNumber": payment.attempts[0].id,
            "redirectUrl": {"success": data.return_url},
        }
        reply = await self.client.post(
            "/checkout/v1/checkouts",
            content=msgspec.json.encode(body),
            headers={"content-type": "application/json"},
            auth=("pk-bench", ""),
        )
        reply.raise_for_status()
        checkout: dict[str, str] = reply.json()
        return checkout

    def app(self) -> Litestar:
        """The site."""

        @post("/api/payments/initiate", media_type="application/json")
        async def initiate(
            session: AsyncSession, request: Request[Any, Any, Any], data: Order
        ) -> Response[bytes]:
            return Response(await self.initiate(session, request, data))

        return Litestar(
            [initiate],
            dependencies={"session": Provide(self.session)},
            openapi_config=None,
            logging_config=None,
            on_shutdown=[self.client.aclose, self.engine.dispose],
        )


def main() -> None:
    """Serve until killed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    desk = Desk(msgspec.json.decode(sys.argv[1], type=Usual))
    told = lambda port: print(port, flush=True)  # noqa: E731
    uvloop.run(serve(desk.app(), "127.0.0.1", 0, started=told))


if __name__ == "__main__":
    main()
