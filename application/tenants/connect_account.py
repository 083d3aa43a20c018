"""Use case: a tenant brings its own account at a provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.errors import Conflict, Invalid
from domain.fees.schedule import FeeSchedule
from domain.ids import TenantId
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.providers import Probes, Providers, Registers
from domain.ports.tenants import Tenants
from domain.tenants.tenant import ProviderAccount

PROBE_S: Final = 15.0
TAKEN: Final = "this tenant has an account at {} already"


@dataclass(frozen=True, slots=True)
class ConnectAccount:
    """Wrong credentials fail here, at the desk, and not at the first customer: they are tried at
    the provider, callbacks are registered there, and then all is sealed and stored.

    Raises NotFound for the tenant; Invalid naming the field of the configuration, for an unknown
    provider, or when the tenant has an account there already.
    """

    tenants: Tenants
    providers: Providers
    clock: Clock
    ids: Ids

    async def __call__(
        self,
        tenant_id: TenantId,
        provider: str,
        config: Mapping[str, Any],
        callbacks_at: str,
        fees: tuple[FeeSchedule, ...] = (),
    ) -> ProviderAccount:
        """`callbacks_at` is this installation's address, where the provider can reach it."""
        setup = await self.tenants.setup(tenant_id)
        if provider not in self.providers.profiles:
            known = ", ".join(sorted(self.providers.profiles))
            raise Invalid(f"unknown provider; choose one of: {known}", "provider")
        if setup.account(provider) is not None:
            raise Invalid(TAKEN.format(provider), "provider")
        account_id = self.ids.account_id()
        client = self.providers.configure(provider, config)
        if isinstance(client, Probes):
            await client.probe(timeout_s=PROBE_S)
        if isinstance(client, Registers):
            url = callback_url(callbacks_at, account_id)
            config = {**config, **await client.register(url, timeout_s=PROBE_S)}
            self.providers.configure(provider, config)
        account = ProviderAccount(
            id=account_id,
            tenant_id=tenant_id,
            provider=provider,
            sealed=self.providers.seal(account_id, provider, config),
            created_at=self.clock.now(),
            fees=fees,
        )
        try:
            await self.tenants.add_account(account)
        except Conflict as error:
            raise Invalid(TAKEN.format(provider), "provider") from error
        return account


def callback_url(callbacks_at: str, account_id: str) -> str:
    """Where a provider sends an account's callbacks."""
    return f"{callbacks_at.rstrip('/')}/api/payments/webhook/{account_id}"
