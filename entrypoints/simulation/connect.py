"""Before anything happens: tenants, each with an account at every company, connected over the wire,
and an address where it hears of events."""

from collections.abc import Mapping
from typing import Final

from application.correlation import CORRELATION
from application.tenants.connect_account import ConnectAccount
from application.tenants.open_tenant import OpenTenant
from application.webhooks.endpoints import CreateEndpoint, NewEndpoint
from domain.ids import AccountId, TenantId
from domain.tenants.tenant import Policy, Strategy
from entrypoints.simulation.companies import Company
from entrypoints.simulation.doors import OURS
from entrypoints.simulation.listeners import Listeners
from entrypoints.simulation.orders import serving
from entrypoints.simulation.platform import Platform

TENANTS: Final[Mapping[str, Policy]] = {
    "acme": Policy(),
    "bima": Policy(strategy=Strategy.PRIORITY, order=("gcash", "maya")),
    "coco": Policy(strategy=Strategy.SUCCESS_RATE, order=("maya", "gcash"), minimum_sample=3),
}
IN_ORDER: Final = ("acme",)  # who hears of one payment's events one after another


async def connected(
    desk: Platform,
    companies: Mapping[str, Company],
    listeners: Listeners,
    accounts: dict[AccountId, str],
) -> list[TenantId]:
    """The tenants; `accounts` is filled with what was connected."""
    tenants: list[TenantId] = []
    for name, policy in TENANTS.items():
        CORRELATION.set(name)
        tenant = await desk.get(OpenTenant)(name, policy)
        tenants.append(tenant.id)
        url = listeners.open(name, tenant.id)
        new = NewEndpoint(tenant_id=tenant.id, url=url, ordered=name in IN_ORDER)
        await desk.get(CreateEndpoint)(new)
        for code in serving():
            CORRELATION.set(f"{name}-{code}")
            config = _credentials(companies.get(code), name)
            account = await desk.get(ConnectAccount)(tenant.id, code, config, OURS)
            accounts[account.id] = code
    return tenants


def _credentials(company: Company | None, merchant: str) -> Mapping[str, object]:
    """The demo merchant's, as this merchant's own."""
    if company is None:
        return {}
    return {
        name: value.replace("sim-demo", f"sim-{merchant}").replace("sim_demo", f"sim_{merchant}")
        if isinstance(value, str)
        else value
        for name, value in company.simulator.credentials().items()
    }
