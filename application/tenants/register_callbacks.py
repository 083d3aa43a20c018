"""Use case: have an account's provider call us, and say where it calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from application.tenants.connect_account import callback_url
from domain.errors import Invalid, NotFound
from domain.ids import AccountId, TenantId
from domain.ports.callback_addresses import CallbackAddress, ListsCallbacks
from domain.ports.providers import PaymentProvider, Providers, Registers
from domain.ports.tenants import Tenants
from domain.tenants.tenant import ProviderAccount
from domain.values import replace

PATIENCE_S: Final = 15.0
BY_HAND: Final = "{} takes no address over its API: enter {} where its dashboard asks for it"
Addresses = Sequence[CallbackAddress]


@dataclass(frozen=True, slots=True)
class Registered:
    """`before` and `after` are what the provider told; None where it can't be asked."""

    account: ProviderAccount
    url: str
    before: Addresses | None
    after: Addresses | None


@dataclass(frozen=True, slots=True)
class RegisterCallbacks:
    """What is missing is registered, what is right stays; once more changes nothing. What the
    provider gives for it (a signing secret) is sealed with the account's credentials.

    Raises NotFound, StaleVersion; Invalid with the provider's words, for a URL that is none, or
    when the provider's addresses are entered by hand.
    """

    tenants: Tenants
    providers: Providers

    async def __call__(
        self,
        tenant_id: TenantId,
        account_id: AccountId,
        callbacks_at: str,
        url: str | None = None,
    ) -> Registered:
        """`callbacks_at` is this installation's address as providers reach it; `url` instead of
        the account's own address below it."""
        account = await self.tenants.account(account_id)
        if account.tenant_id != tenant_id:
            raise NotFound(f"account {account_id}")
        address = checked(url) if url is not None else callback_url(callbacks_at, account_id)
        client = self.providers.open(account)
        if not isinstance(client, Registers):
            title = self.providers.profiles[account.provider].title
            raise Invalid(BY_HAND.format(title, address), "account")
        before = await _listed(client)
        added = await client.register(address, timeout_s=PATIENCE_S)
        sealed = self.providers.sealed_with(account, added)
        if sealed != account.sealed:
            account = replace(account, sealed=sealed)
            await self.tenants.save_account(account)
            account = replace(account, version=account.version + 1)
        return Registered(account, address, before, await _listed(client))


async def _listed(client: PaymentProvider) -> Addresses | None:
    if not isinstance(client, ListsCallbacks):
        return None
    return await client.callback_addresses(timeout_s=PATIENCE_S)


def checked(url: str) -> str:
    """Raises Invalid for what no provider could call."""
    wrong = Invalid("must be like https://pay.example.com/api/payments/webhook/acc_…", "url")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if not host or parts.scheme not in ("http", "https") or parts.fragment or parts.username:
        raise wrong
    return url
