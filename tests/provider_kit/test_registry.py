"""Accounts are opened with sealed credentials; wrong ones are named by their field."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from adapters.provider_kit import registry
from adapters.provider_kit.breaker import Breaker
from adapters.provider_kit.http import Credentials
from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.registry import KitProviders
from adapters.provider_kit.simulated_transport import SimulatedTransport
from domain.errors import Invalid
from domain.ids import AccountId, TenantId
from domain.ports.providers import Callback
from domain.providers.profile import Kind, Profile
from domain.tenants.tenant import ProviderAccount
from tests.contracts.provider_worlds import START, GlassVault, HandClock
from tests.provider_kit.test_guard import Scripted


class Keys(Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    secret_key: str
    base_url: str = "https://api.example.com"

    def __post_init__(self) -> None:
        if self.secret_key == "swapped":
            raise ValueError("secretKey must be the other one")


def manifest(code: str, recognises: Callable[[Callback], bool] = lambda one: False) -> Manifest:
    return Manifest(
        profile=Profile(
            code=code,
            title=code,
            kind=Kind.WALLET,
            currencies=frozenset(),
            countries=frozenset(),
        ),
        client=Scripted,
        config=Keys,
        build=lambda config, transport, clock: Scripted(says=config.secret_key),
        source="a test",
        recognises=recognises,
    )


def providers(*manifests: Manifest, here: bool = True) -> KitProviders:
    clock = HandClock()
    named = {one.profile.code: one for one in manifests or (manifest("acme"),)}
    vault = GlassVault()
    return KitProviders(named, SimulatedTransport([]), clock, vault, Breaker(clock), here=here)


def account(kit: KitProviders, number: int = 1, key: str = "sk-1", version: int = 0) -> Any:
    name = AccountId(f"acc_{number}")
    return ProviderAccount(
        id=name,
        tenant_id=TenantId("ten_1"),
        provider="acme",
        sealed=kit.seal(name, "acme", {"secretKey": key}),
        created_at=START,
        version=version,
    )


def key_of(client: Any) -> str:
    key: str = client.client.says
    return key


def test_an_account_is_opened_once_until_it_changes() -> None:
    kit = providers()
    first = kit.open(account(kit))
    assert kit.open(account(kit)) is first
    assert key_of(kit.open(account(kit, key="sk-2", version=1))) == "sk-2"
    assert key_of(kit.open(account(kit, key="sk-3"))) == "sk-3"
    assert kit.open(account(kit, number=2)) is not first


def test_only_so_many_clients_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MOST_CLIENTS", 2)
    kit = providers()
    first = kit.open(account(kit, 1))
    kit.open(account(kit, 2))
    assert kit.open(account(kit, 1)) is first
    kit.open(account(kit, 3))
    assert kit.open(account(kit, 1)) is first
    kit.open(account(kit, 4))
    kit.open(account(kit, 5))
    assert kit.open(account(kit, 1)) is not first


def test_credentials_are_sealed_for_one_account_of_one_provider() -> None:
    kit = providers()
    mine = account(kit)
    assert kit.unseal(mine) == {"secretKey": "sk-1"}
    for stolen in (replace(mine, id=AccountId("acc_2")), replace(mine, provider="other")):
        with pytest.raises(AssertionError):
            kit.unseal(stolen)


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({}, "secretKey"),
        ({"secretKey": 5}, "secretKey"),
        ({"secretKey": "sk", "colour": 1}, "colour"),
        ({"secretKey": "swapped"}, "secretKey"),
        ({"secretKey": "sk", "baseUrl": "canary"}, "baseUrl"),
        ({"secretKey": "sk", "baseUrl": "http://api.example.com"}, "baseUrl"),
        ({"secretKey": "sk", "baseUrl": "ftp://127.0.0.1"}, "baseUrl"),
        ({"secretKey": "sk", "baseUrl": "https://u:p@api.example.com"}, "baseUrl"),
        ({"secretKey": "sk", "baseUrl": "https://api.example.com/?a=b"}, "baseUrl"),
        ({"secretKey": "sk", "baseUrl": "https://[::1"}, "baseUrl"),
        ({"secretKey": "sk", "baseUrl": "https://a.example:99999"}, "baseUrl"),
    ],
)
def test_wrong_credentials_are_named_by_their_field(config: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        providers().configure("acme", config)
    assert caught.value.field == field
    assert "canary" not in str(caught.value)


NEAR = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    "10.1.2.3",
    "192.168.0.1",
    "169.254.169.254",
    "[::ffff:127.0.0.1]",
    "[fd00::1]",
    "0.0.0.0",  # noqa: S104
    "2130706433",
    "127.1",
    "0x7f.1",
    "simulator",
    "vault.internal",
]


@pytest.mark.parametrize("host", NEAR)
def test_an_account_points_into_our_own_network_only_where_that_is_meant(host: str) -> None:
    config = {"secretKey": "sk", "baseUrl": f"http://{host}:8800/acme"}
    providers().configure("acme", config)
    with pytest.raises(Invalid, match="own network"):
        providers(here=False).configure("acme", config)


def test_a_provider_nobody_built_is_invalid_and_the_others_are_listed() -> None:
    with pytest.raises(Invalid, match="acme") as caught:
        providers().configure("nobody", {})
    assert caught.value.field == "provider"


def test_a_callback_is_recognised_only_when_one_provider_claims_it() -> None:
    mine = manifest("acme", lambda one: b"acme" in one.body)
    broken = manifest("broken", lambda one: one.headers["x"] == "broken")
    greedy = manifest("greedy", lambda one: b"both" in one.body)
    kit = providers(mine, broken, greedy)
    assert kit.recognise(Callback(b"acme")) == "acme"
    assert kit.recognise(Callback(b"", {"x": "broken"})) == "broken"
    assert kit.recognise(Callback(b"acme and both")) is None
    assert kit.recognise(Callback(b"")) is None


def test_a_profile_says_what_its_client_can() -> None:
    profile = providers().profiles["acme"]
    assert (profile.callbacks, profile.refunds, profile.cancels) == (True, False, False)
    assert msgspec.to_builtins(profile.kind) == "wallet"


def timed(timeouts: dict[str, dict[str, int]]) -> KitProviders:
    named = {code: manifest(code) for code in ("acme", "other")}
    clock = HandClock()
    wire = SimulatedTransport([])
    return KitProviders(named, wire, clock, GlassVault(), Breaker(clock), timeouts=timeouts)


def test_deadlines_are_the_accounts_then_the_installations_then_the_profiles() -> None:
    kit = timed({"": {"charge": 12, "query": 4}, "acme": {"query": 6}})
    mine = replace(account(kit), deadlines={"charge": 9})
    found = kit.deadlines(mine)
    assert (found.charge_s, found.query_s) == (9, 6)
    assert found.refund_s == kit.profiles["acme"].deadlines.refund_s
    other = kit.deadlines(replace(mine, provider="other", deadlines={}))
    assert (other.charge_s, other.query_s) == (12, 4)


def test_a_timeout_for_nobody_is_refused_with_who_there_is() -> None:
    with pytest.raises(Invalid, match="nobody: there is acme, other"):
        timed({"nobody": {"charge": 5}})


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    public_key: str
    secret_key: str
    return_url: str = ""


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({}, "publicKey", "is required; an account here needs publicKey, secretKey"),
        (
            {"publicKey": "p", "secretKey": "s", "colour": "blue"},
            "colour",
            "is not a field here; there is publicKey, secretKey, returnUrl",
        ),
    ],
)
def test_who_connects_is_told_what_the_account_takes(
    given: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        registry.converted(given, Named)
    assert (refused.value.field, str(refused.value)) == (field, words)
