"""The Providers port over the folders of this build."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from adapters.provider_kit.breaker import Breaker
from adapters.provider_kit.guard import guarded
from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.transport import Connecting, Transport
from domain.errors import Invalid
from domain.ids import AccountId
from domain.ports.clock import Clock
from domain.ports.providers import Callback, PaymentProvider, Providers
from domain.ports.vault import Vault
from domain.providers.deadlines import USUAL, Deadlines
from domain.providers.profile import Profile
from domain.tenants.tenant import ProviderAccount

NO_TIMEOUTS: Final[Mapping[str, Mapping[str, int]]] = {}
MOST_CLIENTS: Final = 1024  # kept ready; a client is cheap, opening its credentials is not


class KitProviders(Providers):
    """`here`: whether an account may point at this machine or its network, as simulators do.
    `timeouts`: the installation's, by provider ("" is every one) and operation, in seconds.
    Raises Invalid for a provider that this build does not have."""

    def __init__(
        self,
        manifests: Mapping[str, Manifest],
        transport: Transport,
        clock: Clock,
        vault: Vault,
        breaker: Breaker,
        *,
        here: bool = True,
        timeouts: Mapping[str, Mapping[str, int]] = NO_TIMEOUTS,
    ) -> None:
        self._manifests = manifests
        self._profiles = {code: one.described() for code, one in manifests.items()}
        if unknown := timeouts.keys() - {"", *manifests}:
            known = ", ".join(sorted(manifests))
            raise Invalid(f"{min(unknown)}: there is {known}", "timeout")
        self._deadlines = {
            code: one.deadlines.changed({**timeouts.get("", {}), **timeouts.get(code, {})})
            for code, one in self._profiles.items()
        }
        self._transport = transport
        self._clock = clock
        self._vault = vault
        self._breaker = breaker
        self._here = here
        self._clients: OrderedDict[tuple[str, int], tuple[bytes, PaymentProvider]] = OrderedDict()

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """Every provider of the build, by code."""
        return self._profiles

    def open(self, account: ProviderAccount) -> PaymentProvider:
        """A client with the account's credentials; cheap to call again."""
        key = (account.id, account.version)
        known = self._clients.get(key)
        if known is not None and known[0] == account.sealed:
            self._clients.move_to_end(key)
            return known[1]
        connect_s = self.deadlines(account).connect_s
        client = self._built(account.provider, self.unseal(account), connect_s)
        ready = guarded(client, self._breaker, account.id)
        self._breaker.belongs(account.id, account.provider, account.tenant_id)
        self._clients[key] = (account.sealed, ready)
        if len(self._clients) > MOST_CLIENTS:
            self._clients.popitem(last=False)
        return ready

    def deadlines(self, account: ProviderAccount) -> Deadlines:
        """The account's own, then the installation's, then the profile's."""
        usual = self._deadlines.get(account.provider, USUAL)
        return usual.changed(account.deadlines) if account.deadlines else usual

    def configure(self, provider: str, config: Mapping[str, Any]) -> PaymentProvider:
        """A client for credentials not stored yet. Raises Invalid naming the wrong field."""
        connect_s = self._deadlines.get(provider, USUAL).connect_s
        client = self._built(provider, config, connect_s)
        return guarded(client, Breaker(self._clock), AccountId(""))

    def seal(self, account_id: str, provider: str, config: Mapping[str, Any]) -> bytes:
        """The credentials as they are stored: sealed for this account only."""
        return self._vault.seal(msgspec.json.encode(config), f"{account_id}|{provider}")

    def sealed_with(self, account: ProviderAccount, more: Mapping[str, Any]) -> bytes:
        """The account's credentials with these in them; as they were when nothing is new."""
        config = self.unseal(account)
        changed = {**config, **more}
        if changed == config:
            return account.sealed
        self.configure(account.provider, changed)
        return self.seal(account.id, account.provider, changed)

    def unseal(self, account: ProviderAccount) -> Mapping[str, Any]:
        """The credentials and settings in clear. Raises Unreadable."""
        clear = self._vault.open(account.sealed, f"{account.id}|{account.provider}")
        return msgspec.json.decode(clear, type=dict[str, Any])

    def recognise(self, callback: Callback) -> str | None:
        """Which provider sent it; None when none fits, or more than one would."""
        names = [name for name, one in self._manifests.items() if _recognises(one, callback)]
        return names[0] if len(names) == 1 else None

    def _built(self, provider: str, config: Mapping[str, Any], connect_s: float) -> PaymentProvider:
        manifest = self._manifests.get(provider)
        if manifest is None:
            raise Invalid(f"one of: {', '.join(sorted(self._manifests))}", "provider")
        read = converted(config, manifest.config)
        if isinstance(address := getattr(read, "base_url", None), str):
            names = dict(zip(read.__struct_fields__, read.__struct_encode_fields__, strict=True))
            check_address(address, names.get("base_url", "base_url"), here=self._here)
        return manifest.build(read, Connecting(self._transport, connect_s), self._clock)


def _misfit(words: str, type_: type[msgspec.Struct]) -> str:
    """Of a field that lacks or is too many: what the account does take."""
    known = msgspec.structs.fields(type_)
    if "missing" in words:
        needed = ", ".join(one.encode_name for one in known if one.required)
        return f"is required; an account here needs {needed}"
    return f"is not a field here; there is {', '.join(one.encode_name for one in known)}"


def converted(config: Mapping[str, Any], type_: type[msgspec.Struct]) -> msgspec.Struct:
    """The configuration as its Struct. Raises Invalid naming the field, repeating no value."""
    try:
        return msgspec.convert(config, type_, strict=True)
    except msgspec.ValidationError as error:
        message = str(error)
    path = re.search(r" - at `\$\.?([^`]*)`$", message) or re.search(r"field `([^`]+)`$", message)
    words = message.partition(" - at `")[0]
    if words.startswith("Invalid enum value"):
        words = "is not one of the values it can have"
    elif " - at " not in message and words.startswith("Object "):
        words = _misfit(words, type_)
    first = words.partition(" ")[0]  # a Struct's own check begins with the field's name
    own = first if first in type_.__struct_encode_fields__ else ""
    raise Invalid(words, own or (path[1] if path else "") or "config")


def check_address(url: str, field: str, *, here: bool) -> None:
    """Raises Invalid unless a provider may live there: https, or this machine where permitted."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise Invalid("is not a URL", field) from None
    near = _is_near(host)
    if not host or parts.username is not None or parts.query or parts.fragment:
        raise Invalid("must be a plain URL such as https://api.example.com", field)
    if near and not here:
        raise Invalid("must not point into the installation's own network", field)
    if parts.scheme != "https" and not (near and parts.scheme == "http"):
        raise Invalid("must begin with https://", field)


def _is_near(host: str) -> bool:
    """This machine or its network, as far as the name shows."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        name = host.rstrip(".").lower()
        numeric = re.fullmatch(r"(.*\.)?(\d+|0x[0-9a-f]*)", name)  # 127.1, 0x7f.1: old IPv4 forms
        local = name.endswith((".localhost", ".local", ".internal"))
        return "." not in name or local or numeric is not None


def _recognises(manifest: Manifest, callback: Callback) -> bool:
    try:
        return manifest.recognises(callback)
    except Exception:
        return False  # what a folder can't read is not its own
