"""Use case: remember the method a customer prefers (S1.10)."""

from dataclasses import dataclass

from domain.errors import Invalid
from domain.ids import TenantId
from domain.ports.clock import Clock
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units


@dataclass(frozen=True, slots=True)
class ChooseDefaultMethod:
    """Raises Invalid when the tenant has no account at that provider."""

    units: Units
    tenants: Tenants
    clock: Clock

    async def __call__(self, tenant_id: TenantId, customer_id: str, method: str) -> None:
        setup = await self.tenants.setup(tenant_id)
        if not setup.at(method):
            known = sorted({account.provider for account in setup.accounts})
            raise Invalid(f"choose one of: {', '.join(known) or 'none is connected'}", "method")
        async with self.units(tenant_id) as unit:
            unit.defaults.put(customer_id, method, self.clock.now())
            await unit.commit()
