"""The platform and both companies in one process: time, faults and payers are the test's."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import msgspec
import pytest

from adapters.crypto.vault import SealedVault
from adapters.provider_kit.breaker import Breaker
from adapters.provider_kit.faults import script
from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.registry import KitProviders
from adapters.provider_kit.remote import Remote
from adapters.provider_kit.simulated_transport import SimulatedTransport
from adapters.provider_kit.simulator import Action, Booked
from adapters.provider_kit.simulator import World as Surroundings
from adapters.provider_kit.transport import Transport
from adapters.providers import discover
from application.tenants.connect_account import callback_url, tried
from domain.ids import AccountId
from domain.payments.payment import Payment
from domain.ports.clock import Clock
from domain.ports.providers import Callback
from domain.tenants.tenant import ProviderAccount
from tests.application.world import World, a_world
from tests.builders import ACME, NOW, a_tenant
from tests.storages import open_storage

HERE = "http://cauri.example"


@dataclass
class Town:
    """`world` is the platform; `remotes` are the companies behind their faults, and `kit` is how
    the platform reaches them."""

    world: World
    remotes: dict[str, Remote]
    kit: KitProviders
    forged: int = 0

    def faults(self, provider: str, **said: Any) -> None:
        """As `PUT /_control/{provider}/faults` takes them; nothing ends them."""
        self.remotes[provider].faults.put(script(msgspec.json.encode(said)))

    def act(self, payment: Payment, action: Action = Action.APPROVE, number: int = -1) -> None:
        attempt = payment.attempts[number]
        self.remotes[attempt.provider].simulator.act(attempt.id, action)

    def books(self) -> list[Booked]:
        return [one for remote in self.remotes.values() for one in remote.simulator.books()]

    def kept_minor(self) -> int:
        """What the companies hold of the payers' money, net of what they gave back."""
        taken = [one for one in self.books() if one.status == "succeeded"]
        return sum(one.amount_minor - one.refunded_minor for one in taken)

    async def pass_(self, seconds: float = 0) -> None:
        """Time passes; callbacks arrive; the worker works until nothing is due."""
        self.world.clock.advance(seconds)
        for _ in range(20):
            carried = await self._carry()
            claimed = await self.world.run_jobs(50)
            if not carried and not claimed:
                return
        raise AssertionError("it spins")

    async def _carry(self) -> int:
        carried = 0
        for remote in self.remotes.values():
            for one in remote.take_due(self.world.clock.now()):
                carried += 1
                account = AccountId(one.url.rpartition("/")[2])
                headers = {name.lower(): value for name, value in one.headers.items()}
                try:
                    await self.world.receive(Callback(one.body, headers), account)
                except Exception:
                    self.forged += 1
        return carried


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with open_town() as opened:
        yield opened


Wrap = Callable[[Transport, Clock], Transport]
NO_TIMEOUTS: dict[str, dict[str, int]] = {}
NO_SETTINGS: dict[str, str] = {}


@asynccontextmanager
async def open_town(
    wrap: Wrap = lambda wire, clock: wire,
    timeouts: Mapping[str, Mapping[str, int]] = NO_TIMEOUTS,
    settings: Mapping[str, str] = NO_SETTINGS,
) -> AsyncIterator[Town]:
    """`wrap` goes around what the companies are reached by; `timeouts` are the installation's, and
    `settings` name how accounts are set, by provider, where it is not as usual."""
    manifests = {
        name: one.under(settings[name]) if name in settings else one
        for name, one in discover().items()
    }
    async with open_storage(None) as storage:
        await storage.tenants.add(a_tenant(ACME))
        remotes: dict[str, Remote] = {}
        for name, manifest in manifests.items():
            if manifest.simulator is not None:
                around = Surroundings(
                    storage.clock, Random(name), f"http://{name}.localhost/{name}"
                )
                remotes[name] = Remote(manifest.simulator(around))
        kit = KitProviders(
            manifests,
            wrap(SimulatedTransport(remotes.values()), storage.clock),
            storage.clock,
            SealedVault([bytes(32)]),
            Breaker(storage.clock),
            timeouts=timeouts,
        )
        accounts = [
            await _account(kit, manifest, remotes.get(name))
            for name, manifest in manifests.items()
            if name in remotes or not needs_words(manifest)
        ]
        yield Town(await a_world(storage, kit, accounts), remotes, kit)


def needs_words(manifest: Manifest) -> bool:
    """Whether a merchant must say something, which only a simulator knows to make up."""
    return any(one.required for one in msgspec.structs.fields(manifest.config))


def account_of(name: str) -> AccountId:
    """Of that provider; as an id may be written in an address."""
    return AccountId(f"acc_{name.replace('_', '')}")


async def _account(kit: KitProviders, manifest: Manifest, remote: Remote | None) -> ProviderAccount:
    name = manifest.profile.code
    account_id = account_of(name)
    config = dict(manifest.account(remote.simulator)) if remote is not None else {}
    if remote is not None:
        remote.simulator.call_at(callback_url(HERE, account_id), config)
    assert callback_url(HERE, account_id).endswith(account_id)
    return ProviderAccount(
        id=account_id,
        tenant_id=ACME,
        provider=name,
        sealed=await tried(kit, account_id, name, config, HERE),
        created_at=NOW,
    )
