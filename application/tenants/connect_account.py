"""Use case: a tenant brings its own account at a provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.errors import Conflict, Invalid, NotFound
from domain.fees.schedule import FeeSchedule
from domain.ids import AccountId, TenantId
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.providers import Local, PaymentProvider, Probes, Providers, Registers
from domain.ports.tenants import Tenants
from domain.tenants.market import Market
from domain.tenants.tenant import ProviderAccount
from domain.values import replace

PROBE_S: Final = 15.0
TAKEN: Final = "this tenant has an account at {} already"
MOVED: Final = "this account is for {}; connect another one for {}"


@dataclass(frozen=True, slots=True)
class ConnectAccount:
    """Wrong credentials fail here, at the desk, and not at the first customer: they are tried at
    the provider, callbacks are registered there, and then all is sealed and stored.

    Raises NotFound for the tenant; Invalid naming the field of the configuration, for an unknown
    provider, or when the tenant has an account there already: one is enough, but at a provider
    whose accounts are for a country each it is one for each of them.
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
        market = _market(self.providers.configure(provider, config))
        if any(one.market in (None, market) for one in setup.at(provider)):
            where = f"{provider} for {market.described}" if market else provider
            raise Invalid(TAKEN.format(where), "provider")
        account_id = self.ids.account_id()
        account = ProviderAccount(
            id=account_id,
            tenant_id=tenant_id,
            provider=provider,
            sealed=await tried(self.providers, account_id, provider, config, callbacks_at),
            created_at=self.clock.now(),
            fees=fees,
            market=market,
        )
        try:
            await self.tenants.add_account(account)
        except Conflict as error:
            raise Invalid(TAKEN.format(provider), "provider") from error
        return account


@dataclass(frozen=True, slots=True)
class RenewAccount:
    """New credentials for an account: tried and registered like the first. Payments under way go
    on with the new ones. Raises NotFound, Invalid, StaleVersion."""

    tenants: Tenants
    providers: Providers

    async def __call__(
        self, account: ProviderAccount, config: Mapping[str, Any], callbacks_at: str
    ) -> ProviderAccount:
        market = _market(self.providers.configure(account.provider, config))
        if market != account.market:
            here, there = (
                one.described if one else "everywhere" for one in (account.market, market)
            )
            raise Invalid(MOVED.format(here, there), "config")
        sealed = await tried(self.providers, account.id, account.provider, config, callbacks_at)
        renewed = replace(account, sealed=sealed)
        await self.tenants.save_account(renewed)
        return replace(renewed, version=account.version + 1)


@dataclass(frozen=True, slots=True)
class ChangeAccount:
    """Some of an account's credentials or settings; the others stay. Raises NotFound, Unreadable,
    Invalid, StaleVersion."""

    tenants: Tenants
    providers: Providers
    renew: RenewAccount

    async def __call__(
        self,
        tenant_id: TenantId,
        account_id: AccountId,
        changes: Mapping[str, Any],
        callbacks_at: str,
    ) -> ProviderAccount:
        if not changes:
            raise Invalid("say what changes: credentials or settings", "config")
        account = await self.tenants.account(account_id)
        if account.tenant_id != tenant_id:
            raise NotFound(f"account {account_id}")
        config = {**self.providers.unseal(account), **changes}
        return await self.renew(account, config, callbacks_at)


def _market(client: PaymentProvider) -> Market | None:
    return client.market() if isinstance(client, Local) else None


async def tried(
    providers: Providers,
    account_id: str,
    provider: str,
    config: Mapping[str, Any],
    callbacks_at: str,
) -> bytes:
    """The credentials, sealed, once the provider has accepted them and knows our address."""
    client = providers.configure(provider, config)
    if isinstance(client, Probes):
        await client.probe(timeout_s=PROBE_S)
    if isinstance(client, Registers):
        url = callback_url(callbacks_at, account_id)
        config = {**config, **await client.register(url, timeout_s=PROBE_S)}
        providers.configure(provider, config)
    return providers.seal(account_id, provider, config)


def callback_url(callbacks_at: str, account_id: str) -> str:
    """Where a provider sends an account's callbacks."""
    return f"{callbacks_at.rstrip('/')}/api/payments/webhook/{account_id}"
