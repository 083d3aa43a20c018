"""An account's callbacks are registered at its provider, as often as one likes."""

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.transport import Request, Response, Transport
from application.tenants.connect_account import callback_url
from application.tenants.register_callbacks import RegisterCallbacks
from domain.errors import Invalid, NotFound
from domain.ids import AccountId
from domain.ports.callback_addresses import ListsCallbacks
from domain.ports.clock import Clock
from domain.ports.providers import Registers
from domain.tenants.tenant import ProviderAccount
from tests.builders import ACME, OTHER
from tests.flows.conftest import HERE, Town, open_town
from tests.flows.test_every_provider import MANIFESTS, those

pytestmark = pytest.mark.anyio
ELSEWHERE = "https://pay.example.com/api/payments/webhook/acc_x"


@dataclass
class Wire(Transport):
    """Remembers what went to a company."""

    inner: Transport
    sent: list[Request]

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        self.sent.append(request)
        return await self.inner.send(request, timeout_s=timeout_s)


def registering(town: Town) -> RegisterCallbacks:
    return RegisterCallbacks(town.world.tenants, town.kit)


async def account_at(town: Town, name: str) -> ProviderAccount:
    setup = await town.world.tenants.setup(ACME)
    return setup.at(name)[0]


@those(able=Registers)
async def test_registering_again_changes_nothing(name: str) -> None:
    async with open_town() as town:
        account = await account_at(town, name)
        own = callback_url(HERE, account.id)
        first = await registering(town)(ACME, account.id, HERE)
        again = await registering(town)(ACME, account.id, HERE)
        assert (first.url, again.url) == (own, own)
        assert again.before == again.after == first.after
        assert again.account == first.account == await account_at(town, name)


@those(able=ListsCallbacks)
async def test_what_went_elsewhere_is_moved_and_told(name: str) -> None:
    async with open_town() as town:
        account = await account_at(town, name)
        away = await registering(town)(ACME, account.id, HERE, ELSEWHERE)
        assert {one.url for one in away.after or ()} == {ELSEWHERE}
        back = await registering(town)(ACME, account.id, HERE)
        assert {one.url for one in back.before or ()} == {ELSEWHERE}
        assert {one.url for one in back.after or ()} == {callback_url(HERE, account.id)}


@those(able=Registers)
async def test_what_the_provider_gives_for_it_is_sealed_with_the_rest(name: str) -> None:
    async with open_town() as town:
        account = await account_at(town, name)
        before: dict[str, Any] = dict(town.kit.unseal(account))
        await registering(town)(ACME, account.id, HERE, ELSEWHERE)
        stored = await account_at(town, name)
        after: dict[str, Any] = dict(town.kit.unseal(stored))
        fields = msgspec.structs.fields(MANIFESTS[name].config)
        required = [one.encode_name for one in fields if one.required]
        assert [after[key] for key in required] == [before[key] for key in required]
        assert (stored == account) == (before == after)
        assert isinstance(town.kit.open(stored), Registers)


@those(able=ListsCallbacks)
async def test_a_company_that_is_away_says_so_and_the_account_stays(name: str) -> None:
    async with open_town() as town:
        account = await account_at(town, name)
        town.faults(name, outage=True)
        with pytest.raises(Invalid):
            await registering(town)(ACME, account.id, HERE, ELSEWHERE)
        assert await account_at(town, name) == account


async def test_a_provider_without_such_an_api_says_where_to_enter_it() -> None:
    name = next(one for one, it in MANIFESTS.items() if not issubclass(it.client, Registers))
    async with open_town() as town:
        account = await account_at(town, name)
        with pytest.raises(Invalid, match=f"/api/payments/webhook/{account.id}"):
            await registering(town)(ACME, account.id, HERE)


@pytest.mark.parametrize(
    "url", ["", "pay.example.com/x", "ftp://x/y", "https://", "https://u@x/y", "https://x:y/z"]
)
async def test_an_address_that_nobody_can_call_is_refused_before_anything_is_sent(url: str) -> None:
    sent: list[Request] = []

    def watched(inner: Transport, clock: Clock) -> Transport:
        return Wire(inner, sent)

    async with open_town(watched) as town:
        sent.clear()
        account = await account_at(town, "maya")
        with pytest.raises(Invalid) as wrong:
            await registering(town)(ACME, account.id, HERE, url)
        assert wrong.value.field == "url"
        assert not sent


async def test_another_tenants_account_is_not_found() -> None:
    async with open_town() as town:
        account = await account_at(town, "maya")
        with pytest.raises(NotFound):
            await registering(town)(OTHER, account.id, HERE)
        with pytest.raises(NotFound):
            await registering(town)(ACME, AccountId("acc_nobody"), HERE)
