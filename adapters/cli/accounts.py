"""`cauri account`: connect, change and list a tenant's accounts at providers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import msgspec

from adapters.cli import show
from adapters.cli.fees import fee_of, price
from adapters.cli.here import Here
from adapters.cli.setup_words import account_words
from adapters.cli.which_tenant import WhichTenant
from application.tenants.connect_account import ChangeAccount, ConnectAccount, callback_url
from domain.errors import Invalid
from domain.ids import AccountId
from domain.ports.clock import Clock
from domain.ports.providers import Providers
from domain.ports.tenants import Tenants

MOST_CONFIG: Final = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class ConnectProviderAccount:
    connect: ConnectAccount
    providers: Providers
    which: WhichTenant
    here: Here

    async def __call__(
        self,
        *,
        tenant: str | None,
        provider: str,
        config: BinaryIO | None,
        settings: Sequence[str],
        fees: Sequence[str],
        callbacks_at: str | None,
        json: bool,
    ) -> int:
        tenant_id = await self.which(tenant)
        prices = tuple(fee_of(one) for one in fees)
        if len({one.currency for one in prices}) < len(prices):
            raise Invalid("give one price for each currency", "fee")
        whole = {**config_of(config), **settings_of(settings)}
        address = callbacks_at or self.here.public_url
        account = await self.connect(tenant_id, provider, whole, address, prices)
        url = callback_url(address, account.id)
        profile = self.providers.profiles[provider]
        if json:
            tried = {"credentialsTried": profile.probes}
            show.line({**account_words(account), "callbackUrl": url, **tried})
            return 0
        show.say(f"{account.id}  connected to {profile.title}")
        if not profile.probes and whole:
            show.say(f"Not tried: nothing at {profile.title} shows whether keys are right.")
            show.say("Make a small payment yourself before a customer does.")
        if profile.callbacks:
            show.say(f"Callbacks: {url}")
            show.say("Register this address at the provider, unless it says that it is known.")
        return 0


@dataclass(frozen=True, slots=True)
class ChangeProviderAccount:
    change: ChangeAccount
    providers: Providers
    which: WhichTenant
    here: Here

    async def __call__(
        self,
        *,
        account: str,
        config: BinaryIO | None,
        settings: Sequence[str],
        callbacks_at: str | None,
        tenant: str | None,
        json: bool,
    ) -> int:
        tenant_id = await self.which(tenant)
        changes = {**config_of(config), **settings_of(settings)}
        address = callbacks_at or self.here.public_url
        found = await self.change(tenant_id, AccountId(account), changes, address)
        if json:
            show.line(account_words(found))
            return 0
        title = self.providers.profiles[found.provider].title
        show.say(f"{found.id}  at {title} has them from now on: {', '.join(sorted(changes))}")
        return 0


@dataclass(frozen=True, slots=True)
class ListAccounts:
    tenants: Tenants
    which: WhichTenant
    here: Here
    clock: Clock

    async def __call__(self, *, tenant: str | None, json: bool) -> int:
        accounts = (await self.tenants.setup(await self.which(tenant))).accounts
        urls = {one.id: callback_url(self.here.public_url, one.id) for one in accounts}
        if json:
            words = [{**account_words(one), "callbackUrl": urls[one.id]} for one in accounts]
            show.line({"data": words, "nextCursor": None})
            return 0
        if not accounts:
            show.say("No account yet. Connect one: cauri account connect --provider CODE")
            return 0
        now = self.clock.now()
        show.table(
            ("Account", "Provider", "Market", "State", "Own prices", "Callbacks", "Connected"),
            [
                (
                    one.id,
                    one.provider,
                    one.market.described if one.market else "all it serves",
                    "active" if one.active else "switched off",
                    ", ".join(price(fee) for fee in one.fees) or "the provider's",
                    urls[one.id],
                    show.ago(one.created_at, now),
                )
                for one in accounts
            ],
        )
        return 0


def config_of(file: BinaryIO | None) -> dict[str, Any]:
    """The JSON object in a file. Raises Invalid, repeating nothing of it: it holds secrets."""
    if file is None:
        return {}
    raw = file.read(MOST_CONFIG + 1)
    if len(raw) > MOST_CONFIG:
        raise Invalid(f"must be at most {MOST_CONFIG // 1024} KB", "config")
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Invalid('must be a JSON object, for example {"secret_key": "…"}', "config") from None


def settings_of(given: Sequence[str]) -> dict[str, Any]:
    """["a=text", "b:=5"] as {"a": "text", "b": 5}. Raises Invalid, repeating no value."""
    found: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.strip(":"):
            raise Invalid("must be like name=text, or name:=5", "set")
        if not name.endswith(":"):
            found[name] = value
            continue
        try:
            found[name[:-1]] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            raise Invalid(f"{name[:-1]}: what stands after := must be JSON", "set") from None
    return found
