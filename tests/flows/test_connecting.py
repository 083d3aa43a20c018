"""A wrong key fails at the desk: nothing is stored, and the words say which field it is."""

from dataclasses import dataclass
from random import Random
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.manifest import Manifest
from application.tenants.connect_account import ConnectAccount
from domain.errors import Invalid
from domain.ports.providers import Probes
from tests.builders import OTHER, CountingIds, a_tenant
from tests.flows.conftest import HERE, Town, open_town
from tests.flows.test_every_provider import MANIFESTS, those

pytestmark = pytest.mark.anyio


@dataclass
class Desk:
    """Where a second tenant connects its first account."""

    town: Town
    connect: ConnectAccount

    @property
    def books(self) -> int:
        return sum(len(one.simulator.books()) for one in self.town.remotes.values())

    async def accounts(self) -> int:
        return len((await self.town.world.tenants.setup(OTHER)).accounts)


async def opened(town: Town) -> Desk:
    world = town.world
    await world.tenants.add(a_tenant(OTHER))
    connect = ConnectAccount(world.tenants, town.kit, world.clock, CountingIds(900))
    return Desk(town, connect)


def required(manifest: Manifest) -> list[str]:
    fields = msgspec.structs.fields(manifest.config)
    return [one.encode_name for one in fields if one.required and one.type is str]


def wrong(value: str, random: Random) -> str:
    """As long and of the same letters: a typing mistake, not another format."""
    letters = list(value)
    for at in range(len(letters) // 2, len(letters)):
        if letters[at].isalnum():
            letters[at] = random.choice(
                "abcdef" if letters[at] not in "0123456789" else "0123456789"
            )
    return "".join(letters)


@those("probe", able=Probes)
async def test_a_wrong_key_is_named_before_anything_is_stored(name: str) -> None:
    random = Random(name)
    async with open_town() as town:
        desk = await opened(town)
        credentials: dict[str, Any] = dict(town.remotes[name].simulator.credentials())
        tried = 0
        for field in required(MANIFESTS[name]):
            mistyped = wrong(str(credentials[field]), random)
            if mistyped == credentials[field]:
                continue
            with pytest.raises(Invalid) as caught:
                await desk.connect(OTHER, name, {**credentials, field: mistyped}, HERE)
            tried += 1
            assert caught.value.field
            assert str(caught.value)
            assert mistyped not in str(caught.value)
            assert await desk.accounts() == 0
        assert tried > 0
        assert desk.books == 0
        await desk.connect(OTHER, name, credentials, HERE)
        assert await desk.accounts() == 1
        assert desk.books == 0


@those("probe", able=Probes)
async def test_a_company_that_is_down_accepts_no_account(name: str) -> None:
    async with open_town() as town:
        desk = await opened(town)
        credentials = dict(town.remotes[name].simulator.credentials())
        town.faults(name, outage=True)
        with pytest.raises(Invalid):
            await desk.connect(OTHER, name, credentials, HERE)
        assert await desk.accounts() == 0


def test_who_cannot_try_keys_says_so_and_why() -> None:
    for manifest in MANIFESTS.values():
        tried = manifest.described().probes
        assert tried == ("probe" not in manifest.deviations)
