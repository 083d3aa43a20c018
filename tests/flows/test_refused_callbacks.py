"""Forged callbacks at every provider's door, through HTTP: refused, counted with the reason, and
the genuine one that comes after them is believed as if they had never been."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from adapters.provider_kit.simulator import Outgoing
from domain.errors import Unavailable
from domain.ids import TenantId
from domain.payments.status import PaymentStatus
from domain.ports.providers import Callbacks
from domain.ports.unit_of_work import UnitOfWork
from tests.flows.conftest import Town, account_of, open_town
from tests.flows.test_every_provider import MANIFESTS, WAITS, those, told
from tests.http.site import Site, a_site

pytestmark = pytest.mark.anyio

DOOR = "/api/payments/webhook"


def signed(name: str) -> bool:
    return MANIFESTS[name].profile.promises.signed_callbacks


def places(length: int, most: int = 24) -> Iterator[int]:
    """The beginning, the end, and evenly between."""
    step = max(1, length // most)
    yield from {0, length - 1, *range(0, length, step)}


def flips(one: Outgoing) -> Iterator[Outgoing]:
    """A bit in each region of what is signed, and of what signs it."""
    for at in places(len(one.body)):
        changed = one.body[:at] + bytes([one.body[at] ^ 4]) + one.body[at + 1 :]
        yield replace(one, body=changed)
    for name, value in one.headers.items():
        for at in places(len(value)):
            flipped = chr(ord(value[at]) ^ 1)
            if flipped.isascii() and flipped.isprintable():
                lie = value[:at] + flipped + value[at + 1 :]
                yield replace(one, headers={**one.headers, name: lie})


async def sent(site: Site, one: Outgoing, account: str | None) -> int:
    headers = {"content-type": "application/json"}
    headers |= {name.lower(): value for name, value in one.headers.items()}
    path = DOOR if account is None else f"{DOOR}/{account}"
    answer = await site.client.request(one.method, path, content=one.body, headers=headers)
    return answer.status_code


def counted(site: Site, metric: str, **labels: str) -> float:
    """The sum over all series that have these labels."""
    return sum(
        sample.value
        for family in site.metrics.registry.collect()
        for sample in family.samples
        if sample.name == metric and labels.items() <= sample.labels.items()
    )


def refusals(site: Site, **labels: str) -> float:
    return counted(site, "cauri_callbacks_refused_total", **labels)


async def owed(town: Town, name: str) -> tuple[Any, list[Outgoing]]:
    """A payment that its payer has approved, and what the company is about to send."""
    payment = await town.world.pay(**told(WAITS, MANIFESTS[name]))
    with suppress(LookupError):
        town.act(payment)
    due: list[Outgoing] = []
    for _ in range(6):
        due += town.remotes[name].take_due(town.world.clock.now())
        if due:
            break
        town.world.clock.advance(60)
    return payment, due


@those(able=Callbacks)
async def test_what_is_forged_is_refused_and_counted_and_the_genuine_one_is_taken(
    name: str,
) -> None:
    async with open_town() as town, a_site(world=town.world, limited=False) as site:
        payment, due = await owed(town, name)
        genuine, account = due[-1], account_of(name)
        took = refused = 0
        for lie in (*flips(genuine), replace(genuine, body=genuine.body[:-2])):
            status = await sent(site, lie, account)
            assert status in (200, 400, 401, 422)
            refused += status != 200
            took += status == 200
        assert refusals(site, provider=name) == refused
        assert counted(site, "cauri_callbacks_total", provider=name, result="refused") == refused
        assert refused > 0
        if signed(name):
            assert (await town.world.payment(payment.id)).status is PaymentStatus.PENDING
        assert await sent(site, genuine, account) == 200
        await town.pass_(1)
        for seconds in (5, 60, 600):
            await town.pass_(seconds)
        ended = await town.world.payment(payment.id)
        assert ended.status is PaymentStatus.SUCCEEDED
        assert town.kept_minor() == MANIFESTS[name].sample.minors[0]


NONSENSE: Mapping[str, bytes] = {
    "nothing": b"",
    "not JSON": b"<xml/>",
    "a list": b"[]",
    "too deep": b"[" * 50_000,
    "not UTF-8": b"\xff\xfe\x00",
}


@those(able=Callbacks)
async def test_nonsense_and_strangers_are_refused_and_counted(name: str) -> None:
    async with open_town() as town, a_site(world=town.world, limited=False) as site:
        _, due = await owed(town, name)
        genuine = due[-1]
        for body in NONSENSE.values():
            assert await sent(site, replace(genuine, body=body), account_of(name)) in (
                400,
                401,
                422,
            )
        assert refusals(site, provider=name) == len(NONSENSE)
        assert await sent(site, replace(genuine, body=b"[]", headers={}), None) == 401
        assert refusals(site, provider="unknown", reason="forged") == 1
        assert await sent(site, genuine, "acc_nobody") == 404
        assert refusals(site, provider="unknown", reason="no_account") == 1


@those(able=Callbacks)
async def test_a_callback_for_one_company_is_not_believed_at_anothers_address(name: str) -> None:
    others = [
        one
        for one, manifest in MANIFESTS.items()
        if one != name and issubclass(manifest.client, Callbacks)
    ]
    async with open_town() as town, a_site(world=town.world, limited=False) as site:
        payment, due = await owed(town, name)
        for other in others:
            status = await sent(site, due[-1], account_of(other))
            assert status in (400, 401, 422) or not signed(other)
            assert refusals(site, provider=other) == (status != 200)
        await town.pass_(1)
        stored = await town.world.payment(payment.id)
        assert {one.provider for one in stored.attempts} == {name}


@those("stale_callbacks", able=Callbacks)
async def test_a_recording_that_is_played_later_is_refused_as_stale(name: str) -> None:
    async with open_town() as town, a_site(world=town.world, limited=False) as site:
        _, due = await owed(town, name)
        town.world.clock.advance(2 * 86_400)
        assert await sent(site, due[-1], account_of(name)) == 401
        assert refusals(site, provider=name, reason="stale") == 1


def gone(tenant_id: TenantId) -> UnitOfWork:
    """A database that is not there."""
    raise Unavailable


async def test_what_is_our_fault_is_not_called_a_refusal() -> None:
    """The company hears 503 and sends it again."""
    async with open_town() as town:
        town.world.receive = replace(town.world.receive, units=gone)
        async with a_site(world=town.world) as site:
            await _failed(town, site)


async def _failed(town: Town, site: Site) -> None:
    _, due = await owed(town, "maya")
    status = await sent(site, due[-1], account_of("maya"))
    assert status >= 500
    assert refusals(site) == 0
    assert counted(site, "cauri_callbacks_total", result="failed") == 1
