"""Before anything happens: tenants, each with an account at every provider, connected over the
wire, and an address where it hears of events."""

from collections.abc import Mapping
from typing import Final

import msgspec

from adapters.provider_kit.manifest import Manifest
from application.correlation import CORRELATION
from application.tenants.connect_account import ConnectAccount, callback_url
from application.tenants.open_tenant import OpenTenant
from application.webhooks.endpoints import CreateEndpoint, NewEndpoint
from domain.ids import AccountId, TenantId
from domain.tenants.tenant import Policy, Strategy
from entrypoints.simulation.cast import PAIR
from entrypoints.simulation.companies import Company
from entrypoints.simulation.doors import OURS
from entrypoints.simulation.listeners import Listeners
from entrypoints.simulation.platform import Platform

TENANTS: Final = ("acme", "bima", "coco")
IN_ORDER: Final = ("acme",)  # who hears of one payment's events one after another
ADDRESSES: Final[Mapping[str, Mapping[str, object]]] = {"paynow_sg": {"uen": "201403121W"}}
CAREFUL: Final = ("coco",)  # who wants two people to see money that no machine sees


async def connected(
    desk: Platform,
    companies: Mapping[str, Company],
    listeners: Listeners,
    accounts: dict[AccountId, str],
) -> list[TenantId]:
    """The tenants; `accounts` is filled with what was connected."""
    cast = desk.world.cast
    tenants: list[TenantId] = []
    for name, policy in _policies(tuple(cast)).items():
        CORRELATION.set(name)
        tenant = await desk.get(OpenTenant)(name, policy)
        tenants.append(tenant.id)
        url = listeners.open(name, tenant.id)
        new = NewEndpoint(tenant_id=tenant.id, url=url, ordered=name in IN_ORDER)
        await desk.get(CreateEndpoint)(new)
        for code, manifest in cast.items():
            CORRELATION.set(f"{name}-{code}")
            company = companies.get(code)
            config = (
                _by_hand(manifest, name)
                if company is None
                else _own(manifest.account(company.simulator), name)
            )
            account = await desk.get(ConnectAccount)(tenant.id, code, config, OURS)
            accounts[account.id] = code
            if company is not None:
                company.simulator.call_at(callback_url(OURS, account.id), config)
    return tenants


def _policies(codes: tuple[str, ...]) -> Mapping[str, Policy]:
    """Least cost, the last in the alphabet first, and whoever succeeds most."""
    order = ("maya", "gcash") if codes == PAIR else codes
    careful = Policy(strategy=Strategy.SUCCESS_RATE, order=order, minimum_sample=3)
    choosy = Policy(strategy=Strategy.PRIORITY, order=order[::-1])
    return dict(zip(TENANTS, (Policy(), choosy, careful), strict=True))


def _own(account: Mapping[str, object], merchant: str) -> Mapping[str, object]:
    """The demo merchant's account, as this merchant's own."""
    return {
        name: value.replace("sim-demo", f"sim-{merchant}").replace("sim_demo", f"sim_{merchant}")
        if isinstance(value, str)
        else value
        for name, value in account.items()
    }


def _by_hand(manifest: Manifest, merchant: str) -> Mapping[str, object]:
    """Where money is brought to that no machine sees: any words will do, but for ADDRESSES."""
    needed = [one for one in msgspec.structs.fields(manifest.config) if one.required]
    config: dict[str, object] = {one.encode_name: f"of {merchant}" for one in needed}
    config |= ADDRESSES.get(manifest.profile.code, {})
    if merchant in CAREFUL and tuple(manifest.profile.currencies):
        config["four_eyes_above"] = dict.fromkeys(sorted(manifest.profile.currencies), "100.00")
    return config
