"""An installation with one tenant, its account at Maya, and an API key that may do much."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import uvloop

from adapters.sql.migrate import upgrade
from application.tenants.api_keys import MOST_PER_MINUTE, CreateApiKey
from application.tenants.open_tenant import OpenTenant
from domain.ids import TenantId
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.providers import Providers
from domain.ports.tenants import Tenants
from domain.tenants.tenant import ProviderAccount
from entrypoints.bench.load import Requests
from entrypoints.bench.maya import MERCHANT
from entrypoints.settings import Settings
from entrypoints.wiring import production

ORDER: Final = {
    "amount": "1500.00",
    "currency": "PHP",
    "reference": "order-1001",
    "customer": {"name": "Maria Santos", "email": "maria@example.com", "phone": "+639171234567"},
    "country": "PH",
    "description": "2 tickets",
    "returnUrl": "https://shop.example/return",
    "metadata": {"cart": "c-9"},
}


@dataclass(frozen=True, slots=True)
class Shop:
    settings: Settings
    tenant_id: TenantId
    api_key: str

    def initiating(self, order: Mapping[str, Any] = ORDER) -> Requests:
        """POST /api/payments/initiate, each with a key of its own."""
        body = msgspec.json.encode(order).decode()
        head = (
            "POST /api/payments/initiate HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            f"authorization: Bearer {self.api_key}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nidempotency-key: bench-"
        )
        return Requests([head], f"\r\n\r\n{body}", 201)

    def reading(self, payment_ids: Sequence[str]) -> Requests:
        """GET /api/payments/status/{id}; the number stands in a header that nobody reads."""
        heads = [
            f"GET /api/payments/status/{payment_id} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            f"authorization: Bearer {self.api_key}\r\nx-number: "
            for payment_id in payment_ids
        ]
        return Requests(heads, "\r\n\r\n", 200)


def opened(settings: Settings, maya_url: str | None, owner: tuple[str, str] | None = None) -> Shop:
    """Migrate and set up. `owner` is, on PostgreSQL, the tables' owner's address and our role."""
    return uvloop.run(_opened(settings, maya_url, owner))


async def _opened(settings: Settings, maya_url: str | None, owner: tuple[str, str] | None) -> Shop:
    await upgrade(*(owner or (settings.database,)))
    return await furnished(settings, maya_url)


async def furnished(settings: Settings, maya_url: str | None) -> Shop:
    """Set up on a current schema. `maya_url` None: its own address, for a transport in process."""
    container = production(settings)
    try:
        tenants, ids = await container.get(Tenants), await container.get(Ids)
        tenant = await (await container.get(OpenTenant))("Bench")
        address = {} if maya_url is None else {"baseUrl": maya_url}
        account_id = ids.account_id()
        providers = await container.get(Providers)
        account = ProviderAccount(
            id=account_id,
            tenant_id=tenant.id,
            provider="maya",
            sealed=providers.seal(account_id, "maya", {**MERCHANT, **address}),
            created_at=(await container.get(Clock)).now(),
        )
        await tenants.add_account(account)
        create = await container.get(CreateApiKey)
        made = await create(tenant.id, "bench", rate_per_minute=MOST_PER_MINUTE)
        return Shop(settings, tenant.id, made.text)
    finally:
        await container.close()


async def asked(port: int, requests: Requests, number: str) -> bytes:
    """One request, and the body of its answer. Raises RuntimeError for another status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"{requests.heads[0]}{number}{requests.tail}".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 %d" % requests.expect):
            raise RuntimeError(head.decode("latin-1"))
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return await reader.readexactly(int(length))
    finally:
        writer.close()
