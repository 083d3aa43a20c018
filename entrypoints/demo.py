"""`cauri demo`: API, worker and simulators in one process, a tenant with accounts, and a key."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec
from dishka import AsyncContainer

from adapters.provider_kit.simulator_site import SimulatorSite
from adapters.provider_kit.transport import Transport
from adapters.providers import discover
from application.tenants.api_keys import CreateApiKey
from application.tenants.connect_account import ConnectAccount, RenewAccount, callback_url
from application.tenants.open_tenant import OpenTenant
from domain.errors import Invalid
from domain.ids import TenantId
from domain.ports.clock import Clock
from domain.ports.tenants import Tenants
from entrypoints.processes import prepare, serve_from, stopping
from entrypoints.settings import Settings
from entrypoints.simulator import SIMULATOR_PORT, simulators
from entrypoints.site import Site
from entrypoints.wiring import production

NAME: Final = "Demo shop"
RATE: Final = 100_000  # requests a minute: somebody will try what it holds
MOST_TENANTS: Final = 1000


class Ready(msgspec.Struct, rename="camel", frozen=True):
    """The one line of `cauri demo --json`."""

    url: str
    api_key: str
    simulator_url: str
    tenant_id: str


@dataclass(frozen=True, slots=True)
class Demo:
    """`tell` is called once, when everything answers."""

    settings: Settings
    tell: Callable[[Ready], None]

    async def __call__(self) -> int:
        await prepare(self.settings)
        container = production(self.settings, Site())
        transport = await container.get(Transport)
        site = simulators(await container.get(Clock), transport)
        try:
            async with stopping() as stop:
                await self._run(container, site, stop)
        finally:
            await site.close()
            await container.close()
        return 0

    async def _run(
        self, container: AsyncContainer, site: SimulatorSite, stop: asyncio.Event
    ) -> None:
        try:
            port = await site.start("127.0.0.1", SIMULATOR_PORT if self.settings.port else 0)
        except OSError:  # another demo runs: any free one will do
            port = await site.start("127.0.0.1", 0)
        simulator_url = f"http://127.0.0.1:{port}"

        async def started(port: int) -> None:
            url = self.settings.public_url or f"http://127.0.0.1:{port}"
            tenant_id = await _tenant(container, site, url)
            key = await (await container.get(CreateApiKey))(tenant_id, "demo", rate_per_minute=RATE)
            self.tell(Ready(url, key.text, simulator_url, tenant_id))

        await serve_from(container, self.settings, stop, started)


async def _tenant(container: AsyncContainer, site: SimulatorSite, url: str) -> TenantId:
    """The demo's tenant, with an account at every provider that can be tried: the simulators' are
    new each time. Where payers send money to a real bank account there is none to make up."""
    tenants = await container.get(Tenants)
    known = [one for one in await tenants.all(MOST_TENANTS) if one.name == NAME]
    tenant = known[0] if known else await (await container.get(OpenTenant))(NAME)
    connect = await container.get(ConnectAccount)
    renew = await container.get(RenewAccount)
    setup = await tenants.setup(tenant.id)
    for name in discover():
        remote = site.remotes.get(name)
        config = dict(remote.simulator.credentials()) if remote is not None else {}
        account = next(iter(setup.at(name)), None)
        try:
            if account is None:
                account = await connect(tenant.id, name, config, url)
            else:
                await renew(account, config, url)
            if remote is not None:
                remote.simulator.call_at(callback_url(url, account.id), config)
        except Invalid:
            if remote is not None:
                raise
    return tenant.id
