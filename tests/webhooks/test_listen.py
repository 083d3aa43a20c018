"""`cauri listen` over a feed in memory, to a real server on this machine."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from standardwebhooks import Webhook

from adapters.cli.listen import Listen
from adapters.cli.which_tenant import WhichTenant
from adapters.crypto.digests import PepperedDigests
from adapters.memory.webhook_views import MemoryWebhookViews
from adapters.webhooks.post import GuardedPost
from adapters.webhooks.signing import StandardSigner
from adapters.webhooks.target import place
from domain.errors import Invalid, Unavailable
from domain.ids import TenantId
from domain.webhooks.told import NumberedEvent
from tests.application.world import a_world
from tests.builders import StillClock
from tests.webhooks.mailroom import Mailroom
from tests.webhooks.merchant import OK, Merchant, listening, saying

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Pages(MemoryWebhookViews):
    """The feed, and what happens at its end: `then` is done, one a look; after that, Ctrl-C."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    then: list[Any] = field(default_factory=list)

    async def events(self, tenant_id: TenantId, after: int, limit: int) -> Sequence[NumberedEvent]:
        if page := await MemoryWebhookViews.events(self, tenant_id, after, limit):
            return page
        if not self.then:
            self.stop.set()
        elif isinstance(doing := self.then.pop(0), Exception):
            raise doing
        else:
            await doing()
        return []


@dataclass
class Desk:
    """A developer's terminal."""

    mailroom: Mailroom
    pages: Pages
    listen: Listen

    async def happen(self, key: str) -> None:
        await self.mailroom.world.pay(key=key, reference=key)
        await self.mailroom.work()

    async def __call__(self, **options: Any) -> int:
        usual: dict[str, Any] = {
            "forward_to": None,
            "types": None,
            "after": None,
            "once": False,
            "tenant": None,
            "json": False,
        }
        self.pages.stop.clear()
        async with asyncio.timeout(20):
            return await self.listen(**(usual | options))


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("adapters.cli.listen.LOOK_S", 0)
    monkeypatch.setattr("adapters.cli.listen.TROUBLED_S", 0)
    world = await a_world()
    mailroom, pages = Mailroom(world), Pages(world.database)

    @asynccontextmanager
    async def stopping() -> AsyncIterator[asyncio.Event]:
        yield pages.stop

    listen = Listen(
        views=pages,
        signer=StandardSigner(),
        digests=PepperedDigests(bytes(32)),
        clock=StillClock(),
        which=WhichTenant(world.tenants),
        open_post=lambda url: GuardedPost(StillClock(), [place(url)]),
        stopping=stopping,
    )
    return Desk(mailroom, pages, listen)


def local(merchant: Merchant) -> str:
    return f"http://127.0.0.1:{merchant.port}/hooks"


async def test_what_happens_from_now_on_is_told(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    await desk.happen("before")
    desk.pages.then[:] = [lambda: desk.happen("k1"), lambda: desk.happen("k2")]
    assert await desk() == 0
    ready, *lines = capsys.readouterr().out.splitlines()
    assert ready.startswith("Ready! (from event 2 on")
    assert [line.split()[2:4] for line in lines] == [
        ["2", "payment.pending"],
        ["3", "payment.pending"],
    ]
    assert all(line.endswith("1500.00 PHP") for line in lines)
    assert all("pay_" in line for line in lines)


async def test_each_event_is_forwarded_once_and_verifies_under_the_printed_secret(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    await desk.happen("k1")
    async with listening(saying(OK)) as merchant:
        desk.pages.then[:] = [lambda: desk.happen("k2")]
        assert await desk(forward_to=local(merchant), after=0) == 0
    ready, *lines = capsys.readouterr().out.splitlines()
    secret = ready.partition("Your signing secret is ")[2].split()[0]
    assert [line.split()[:3] for line in lines[1::2]] == [["[200]", "POST", local(merchant)]] * 2
    assert len(merchant.heard) == 2
    at = desk.listen.clock.now()
    for heard in merchant.heard:
        head, _, body = heard.decode().partition("\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.lower().split("\r\n")[1:])
        event = json.loads(body)
        assert headers["webhook-id"] == event["id"].lower()
        assert Webhook(secret).sign(event["id"], at, body).lower() == headers["webhook-signature"]


async def test_the_secret_stays_the_same_and_is_another_for_another_tenant(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    told = set()
    async with listening(saying(OK)) as merchant:
        for _ in range(2):
            await desk(forward_to=local(merchant), once=True)
            told.add(capsys.readouterr().out)
    assert len(told) == 1
    digest = desk.listen.digests.digest
    assert digest(b"cauri listen ten_1") != digest(b"cauri listen ten_2")


async def test_a_server_that_is_down_is_told_and_the_next_event_still_comes(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    async with listening(saying(OK)) as merchant:
        pass
    for key in ("k1", "k2"):
        await desk.happen(key)
    assert await desk(forward_to=local(merchant), after=0, once=True) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.endswith("no connection: connection refused") for line in lines[1:]] == [
        False,
        True,
        False,
        True,
    ]


async def test_a_server_that_says_no_is_not_asked_again(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    await desk.happen("k1")
    async with listening(saying(b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n")) as merchant:
        await desk(forward_to=local(merchant), after=0, once=True)
    assert "  [500] POST" in capsys.readouterr().out
    assert len(merchant.heard) == 1


async def test_types_that_were_not_asked_for_are_passed_over(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    await desk.happen("k1")
    async with listening(saying(OK)) as merchant:
        await desk(forward_to=local(merchant), after=0, once=True, types="payment.failed")
        assert capsys.readouterr().out.count("\n") == 1
        await desk(forward_to=local(merchant), after=0, once=True, types="payment.pending")
    assert len(merchant.heard) == 1


async def test_the_end_is_not_held_up_by_a_server_that_hangs(desk: Desk) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        desk.pages.stop.set()
        await reader.read()

    await desk.happen("k1")
    async with listening(hang) as merchant:
        assert await desk(forward_to=local(merchant), after=0) == 0
    assert len(merchant.heard) == 1


async def test_a_database_that_is_away_is_waited_for(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.pages.then[:] = [Unavailable("the database is starting"), lambda: desk.happen("k1")]
    assert await desk() == 0
    told = capsys.readouterr()
    assert told.err == "cauri: the database is starting; trying again\n"
    assert "payment.pending" in told.out


async def test_programs_read_a_line_of_json_for_each_event(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    await desk.happen("k1")
    async with listening(saying(OK)) as merchant:
        await desk(forward_to=local(merchant), after=0, once=True, json=True)
    told = capsys.readouterr()
    assert "whsec_" in told.err
    (line,) = (json.loads(one) for one in told.out.splitlines())
    assert line["event"]["type"] == "payment.pending"
    assert line["forwarded"] == {"status": 200, "error": None, "ms": 0}


@pytest.mark.parametrize("url", ["ftp://localhost/", "localhost:3000", "http://u@localhost:1/"])
async def test_an_address_that_is_none_is_refused(desk: Desk, url: str) -> None:
    with pytest.raises(Invalid):
        await desk(forward_to=url)
