"""A tenant with accounts at simulated companies, and everything of it where a fault can be put.

callers -> API, workers -> [proxy] -> database
                        -> [proxy] -> simulators (which outlive all of it)
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from tests.harness.processes import Child, Yard
from tests.harness.proxy import Proxy
from tests.postgres import Cluster, free_port

PROVIDERS: Final = ("maya", "gcash", "mtn_momo")  # by checkout, in steps, and with keys
SECRETS: Final = {"CAURI_MASTER_KEY": "11" * 32, "CAURI_PEPPER": "22" * 32}
LEASE_S: Final = 5  # the shortest there is: a test waits for leases that nobody holds any more
USUAL: Final = {
    "CAURI_LOG_LEVEL": "warning",
    "CAURI_RATE_LIMIT": "false",
    "CAURI_WORKER_LEASE_S": str(LEASE_S),
}
CALL_S: Final = 40.0  # a request of ours: longer than the slowest one under faults


@dataclass
class Shop:
    """`companies` and `database` are the proxies; there is none before a file."""

    yard: Yard
    http: aiohttp.ClientSession
    companies: Proxy
    simulator_url: str
    port: int
    database: Proxy | None = None
    providers: Sequence[str] = PROVIDERS
    key: str = ""
    tenant_id: str = ""
    running: dict[str, Child] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.key}

    @property
    def data(self) -> Path:
        return Path(self.yard.environment["CAURI_DATA_DIR"])

    @property
    def wire(self) -> Proxy:
        """The proxy before the database."""
        assert self.database is not None, "there is none before a file"
        return self.database

    async def serve(self, *, worker: bool = False, name: str = "api", port: int = 0) -> Child:
        """Start the API, and return when it takes requests. The address stays the same."""
        switches = [] if worker else ["--no-worker"]
        child = self.yard.start(name, "serve", "--port", str(port or self.port), *switches)
        self.running[name] = child
        await child.line("Cauri listens")
        return child

    async def work(self, name: str = "worker") -> Child:
        """Start a worker, and return when it works."""
        self.running[name] = self.yard.start(name, "worker")
        await self.running[name].line("Cauri works")
        return self.running[name]

    async def end(self) -> None:
        """All processes end in order when asked to. Raises AssertionError."""
        living = [one for one in self.running.values() if one.status is None]
        for child in living:
            child.terminate()
        statuses = {child.name: await child.ended() for child in living}
        assert not any(statuses.values()), statuses

    async def tidy(self) -> None:
        """No process of it and no fault is left; money and simulators stay."""
        for child in self.running.values():
            if child.status is None:
                child.kill()
        self.running.clear()
        for proxy in filter(None, (self.companies, self.database)):
            proxy.fault = None
            proxy.cut()
            await proxy.accept()
        for provider in self.providers:
            await self.faults(provider, None)

    async def api(
        self, method: str, path: str, body: object = None, key: str | None = None
    ) -> "Answer":
        """One request, on a connection of the pool. Raises aiohttp.ClientError, TimeoutError."""
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        timeout = aiohttp.ClientTimeout(total=CALL_S)
        url = f"{self.url}{path}"
        async with self.http.request(
            method, url, json=body, headers=headers, timeout=timeout
        ) as answer:
            return Answer(answer.status, await answer.json(), dict(answer.headers))

    async def pay(self, key: str, **more: Any) -> "Answer":
        """Initiate a payment of PHP 1500.00, unless other words are given."""
        usual = {"amount": "1500.00", "currency": "PHP", "reference": key, "country": "PH"}
        return await self.api("POST", "/api/payments/initiate", {**usual, **more}, key)

    async def payments(self, **filters: str) -> list[dict[str, Any]]:
        """All of them, page by page."""
        found: list[dict[str, Any]] = []
        query = "".join(f"&{name}={value}" for name, value in filters.items())
        cursor = ""
        while True:
            page = await self.api("GET", f"/api/payments?limit=200{query}{cursor}")
            assert page.status == 200, page
            found += page.body["data"]
            if not page.body["nextCursor"]:
                return found
            cursor = f"&cursor={page.body['nextCursor']}"

    async def payment(self, payment_id: str, *, refresh: bool = False) -> dict[str, Any]:
        query = "?refresh=true" if refresh else ""
        answer = await self.api("GET", f"/api/payments/status/{payment_id}{query}")
        assert answer.status == 200, answer
        return answer.body

    async def books(self) -> list[dict[str, Any]]:
        """What really happened at the companies, with whose books it stands in."""
        found = []
        for provider in self.providers:
            async with self.http.get(f"{self.simulator_url}/_control/{provider}/books") as answer:
                charges = (await answer.json())["charges"]
            found += [{**one, "provider": provider} for one in charges]
        return found

    async def act(self, provider: str, reference: str, action: str) -> None:
        """The payer of that charge acts."""
        url = f"{self.simulator_url}/_control/{provider}/payers/{reference}"
        async with self.http.post(url, json={"action": action}) as answer:
            assert answer.status == 200, await answer.text()

    async def faults(self, provider: str, script: object | None) -> None:
        """A fault script for a company; None ends it."""
        url = f"{self.simulator_url}/_control/{provider}/faults"
        async with self.http.request("PUT" if script else "DELETE", url, json=script) as answer:
            assert answer.status in (200, 204), await answer.text()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]


@asynccontextmanager
async def open_shop(
    folder: Path,
    *,
    cluster: Cluster | None = None,
    template: str = "",
    data: Path | None = None,
    providers: Sequence[str] = PROVIDERS,
    **environment: str,
) -> AsyncIterator[Shop]:
    """With a database of its own: a file in `data`, or in the cluster, behind a proxy; a copy of
    `template`, or migrated. It has an account at each of `providers`.

    Nothing serves yet. When a test fails, what the processes said is added to its error.
    """
    data = data or folder / "data"
    own = {**USUAL, "CAURI_DATA_DIR": str(data), **environment}
    yard = Yard(folder, own)
    try:
        simulator = yard.start("simulator", "simulator", "--port", "0")
        simulator_url = (await simulator.line("Simulators listen")).split()[-1]
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
            Proxy("127.0.0.1", urlsplit(simulator_url).port or 0) as companies,
            _stored(yard, cluster, template) as database,
        ):
            shop = Shop(yard, http, companies, simulator_url, free_port(), database, providers)
            await _furnish(shop)
            yield shop
    except BaseException as error:
        error.add_note(yard.told())
        raise
    finally:
        yard.close()


@asynccontextmanager
async def _stored(
    yard: Yard, cluster: Cluster | None, template: str
) -> AsyncIterator[Proxy | None]:
    """The proxy before a new database, with the environment pointing at it."""
    if cluster is None:
        yield None
        return
    name = await asyncio.to_thread(cluster.new_database, template=template or "template0")
    if not template:
        await migrated(yard.log.path.parent, cluster.owner_dsn(name))
    async with Proxy("127.0.0.1", cluster.port) as proxy:
        dsn = f"postgresql://app@127.0.0.1:{proxy.port}/{name}"
        yard.environment |= {"CAURI_DATABASE_URL": dsn, **SECRETS}
        yield proxy


async def migrated(folder: Path, owner_dsn: str) -> None:
    """The database has this version's tables, and the role `app` may use them."""
    owner = {"CAURI_DATABASE_URL": owner_dsn, "CAURI_DATABASE_ROLE": "app", **SECRETS}
    await Yard(folder, owner).cauri("migrate")


async def _furnish(shop: Shop) -> None:
    """A tenant, its accounts through the proxy, and a key."""
    made = await shop.yard.cauri("tenant", "create", "Acme", "--json")
    shop.tenant_id = json.loads(made)["id"]
    connecting = (_connect(shop, provider) for provider in shop.providers)
    key = shop.yard.cauri("key", "create", "--json")
    *_, made = await asyncio.gather(*connecting, key)
    shop.key = json.loads(made)["key"]


async def _connect(shop: Shop, provider: str) -> str:
    url = f"{shop.simulator_url}/_control/{provider}/credentials"
    async with shop.http.get(url) as answer:
        config = await answer.json()
    ours = urlsplit(config["baseUrl"])
    config["baseUrl"] = ours._replace(netloc=f"127.0.0.1:{shop.companies.port}").geturl()
    return await shop.yard.cauri(
        *("account", "connect", "--provider", provider, "--config", "-"),
        *("--callbacks-at", shop.url),
        typed=json.dumps(config),
    )


def backup_keys(source: Path, target: Path) -> None:
    """A backup of one machine is the database and the keys."""
    target.mkdir(parents=True)
    shutil.copy(source / "keys", target / "keys")
