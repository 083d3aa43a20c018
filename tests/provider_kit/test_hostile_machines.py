"""A machine that means harm, or is broken, in a company's place: over real sockets, for every
provider and each of its questions.

The company acts as it would; then the hostile machine answers instead of it. What nobody can read
is Unknown, whatever its bytes are; it takes no more memory than any answer, and no more time than
the call was given.
"""

import asyncio
import gzip
import ssl
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from adapters.provider_kit.aiohttp_transport import AiohttpTransport
from adapters.provider_kit.conformance.refunds import paid
from adapters.provider_kit.transport import MOST_BODY, Request, Response, Transport
from domain.payments.outcome import NotSent, Unknown
from domain.ports.providers import Prepared, Prepares, Refunds
from tests.contracts.provider_worlds import MANIFESTS, REMOTES, Shop, lookup, open_shop
from tests.contracts.test_transport import (
    OK,
    Respond,
    certificate,
    hanging,
    saying,
    serving,
)

__all__ = ["certificate"]

pytestmark = pytest.mark.anyio

PATIENCE_S: Final = 0.4  # of a caller, where the machine takes its time
ENOUGH_S: Final = 20.0
HUGE: Final = 100 * 1_048_576
BOMB: Final = b" " * HUGE


def http(body: bytes, status: int = 200, **headers: str) -> bytes:
    told = {"content_type": "application/json", "content_length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body


PAGE: Final = b"<!doctype html><title>Bad gateway</title>" + b"<p>nginx</p>" * 200
GZIP: Final = gzip.compress(BOMB, 9, mtime=0)
ANSWERS: Final[Mapping[str, bytes]] = {
    "nothing": http(b""),
    "a page, 200": http(PAGE, content_type="text/html"),
    "a page, 500": http(PAGE, 500, content_type="text/html"),
    "a page, 502": http(PAGE, 502, content_type="text/html"),
    "half of JSON": http(b'{"data":{"id":"x","attr'),
    "less than announced": http(b'{"status":"SUCCESS"', content_length="4000"),
    "a list": http(b'[{"status":"SUCCESS"}]'),
    "a number": http(b"12"),
    "a deep list": http(b"[" * 200_000),
    "a huge number": http(b'{"status":1e999999,"amount":' + b"9" * 5000 + b"}"),
    "no number": http(b'{"status":"SUCCESS","amount":NaN}'),
    "a key twice": http(b'{"status":"SUCCESS","status":"FAILED"}'),
    "not UTF-8": http(b'{"status":"\xff\xfe\xc0\xaf"}'),
    "another type": http(b'{"status":"SUCCESS"}', content_type="image/png"),
    "a bomb of gzip": http(GZIP, content_encoding="gzip"),
    "a bomb in a bomb": http(gzip.compress(GZIP, 9, mtime=0), content_encoding="gzip, gzip"),
    "a bomb of deflate": http(zlib.compress(BOMB, 9), content_encoding="deflate"),
    "what calls itself br": http(zlib.compress(BOMB, 9), content_encoding="br"),
    "what calls itself zstd": http(GZIP, content_encoding="zstd"),
    "a megabyte of list": http(b"[" + b"0," * 500_000 + b"0]"),
    "a head without end": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 2_000_000,
    "headers without end": b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 200_000,
}
del BOMB


def flooding(*, chunked: bool) -> Respond:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kind = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % HUGE
        writer.write(b"HTTP/1.1 200 OK\r\n" + kind + b"\r\n\r\n")
        piece = b"x" * 65_536
        for _ in range(HUGE // len(piece)):
            writer.write(b"10000\r\n" + piece + b"\r\n" if chunked else piece)
            await writer.drain()

    return flood


def dripping(head: bytes, drop: bytes) -> Respond:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.02)

    return drip


SLOW: Final[Mapping[str, Respond]] = {
    "silence": hanging,
    "a body by drops": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
    "chunks by drops": dripping(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"
    ),
    "headers by drops": dripping(b"HTTP/1.1 200 OK\r\n", b"x"),
    "promises only": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@dataclass
class Diverted(Transport):
    """From the `struck`th request on, the machine at `url` answers. The company is asked all the
    same, unless it is `robbed` of the request."""

    company: Transport
    real: Transport
    url: str
    struck: int
    robbed: bool = False
    sent: int = 0

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        self.sent += 1
        if self.sent <= self.struck:
            return await self.company.send(request, timeout_s=timeout_s)
        if not self.robbed:
            await self.company.send(request, timeout_s=timeout_s)
        return await self.real.send(replace(request, url=self.url), timeout_s=timeout_s)


Strike = Callable[[int], None]  # from that request on, counted from the next
Asks = Callable[[Shop, Strike, float], Awaitable[object]]


async def charge(shop: Shop, strike: Strike, timeout_s: float) -> object:
    await shop.begin(shop.charge())
    steps = len(shop.wire.sent)
    shop.restart()
    wanted = shop.charge()
    before = len(shop.wire.sent)
    if isinstance(shop.client, Prepares):
        prepared = await shop.client.prepare(wanted, timeout_s=timeout_s)
        assert isinstance(prepared, Prepared)
        wanted = replace(wanted, provider_reference=prepared.provider_reference)
    strike(steps - 1 - (len(shop.wire.sent) - before))
    return await shop.client.charge(wanted, timeout_s=timeout_s)


async def query(shop: Shop, strike: Strike, timeout_s: float) -> object:
    made = await shop.pay()
    strike(0)
    return await shop.client.find(lookup(made), timeout_s=timeout_s)


async def refund(shop: Shop, strike: Strike, timeout_s: float) -> object:
    first = shop.order(await paid(shop))
    await shop.client.refund(first, timeout_s=timeout_s)
    steps = len(shop.wire.sent)
    order = shop.order(await paid(shop))
    strike(steps - 1)
    return await shop.client.refund(order, timeout_s=timeout_s)


async def refund_query(shop: Shop, strike: Strike, timeout_s: float) -> object:
    order = shop.order(await paid(shop))
    await shop.client.refund(order, timeout_s=timeout_s)
    strike(0)
    return await shop.client.find_refund(order, timeout_s=timeout_s)


OF_ALL: Final[tuple[Asks, ...]] = (charge, query)
OF_REFUNDS: Final[tuple[Asks, ...]] = (refund, refund_query)
ASKED: Final = [
    *product(REMOTES, OF_ALL),
    *product([one for one in REMOTES if issubclass(MANIFESTS[one].client, Refunds)], OF_REFUNDS),
]


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as opened:
        yield opened


@asynccontextmanager
async def struck(
    name: str, url: str, real: Transport, *, robbed: bool
) -> AsyncIterator[tuple[Shop, Strike]]:
    async with open_shop(MANIFESTS[name]) as shop:

        def strike(step: int) -> None:
            shop.wire.inner = Diverted(shop.wire.inner, real, url, step, robbed)

        yield shop, strike


async def told(
    url: str, real: Transport, timeout_s: float = ENOUGH_S, *, robbed: bool = False
) -> dict[str, object]:
    """What each provider says to each question, all of them at once."""

    async def one(name: str, ask: Asks) -> tuple[str, object]:
        async with struck(name, url, real, robbed=robbed) as (shop, strike):
            return f"{name}, {ask.__name__}", await ask(shop, strike, timeout_s)

    return dict(await asyncio.gather(*(one(name, ask) for name, ask in ASKED)))


def believed(outcomes: Mapping[str, object], *kinds: type) -> dict[str, object]:
    """Who was taken in. A provider that can't be asked sends nothing, and says so: Unknown."""
    assert len(outcomes) == len(ASKED)
    return {who: said for who, said in outcomes.items() if not isinstance(said, kinds)}


@pytest.mark.parametrize("kind", ANSWERS)
async def test_what_nobody_can_read_is_unknown(transport: AiohttpTransport, kind: str) -> None:
    async with serving(saying(ANSWERS[kind], then_close=True)) as machine:
        outcomes = await told(machine.url, transport)
    assert believed(outcomes, Unknown) == {}
    assert len(machine.heard) >= len(ASKED) - 2  # two can't be asked


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_flood_is_unknown(transport: AiohttpTransport, chunked: bool) -> None:
    async with serving(flooding(chunked=chunked)) as machine:
        assert believed(await told(machine.url, transport), Unknown) == {}


@pytest.mark.parametrize("kind", SLOW)
async def test_who_takes_his_time_is_cut_at_the_deadline(
    transport: AiohttpTransport, kind: str
) -> None:
    loop = asyncio.get_running_loop()
    async with serving(SLOW[kind]) as machine:
        began = loop.time()
        outcomes = await told(machine.url, transport, PATIENCE_S)
        assert loop.time() - began < 10 * PATIENCE_S  # forty at once, and other work beside them
    assert believed(outcomes, Unknown) == {}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nobody_is_sent_elsewhere(transport: AiohttpTransport, status: int) -> None:
    async with serving(saying(OK)) as stranger:
        away = saying(http(b"", status, location=stranger.url), then_close=True)
        async with serving(away) as machine:
            assert believed(await told(machine.url, transport), Unknown) == {}
    assert stranger.heard == []


async def test_a_certificate_nobody_vouches_for_is_told_nothing(
    certificate: Path, transport: AiohttpTransport
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    async with serving(saying(OK), tls) as machine:
        outcomes = await told(machine.url, transport, robbed=True)
    assert machine.heard == []
    asked = {who: said for who, said in outcomes.items() if "query" in who}
    sent = {who: said for who, said in outcomes.items() if who not in asked}
    assert [who for who, said in asked.items() if not isinstance(said, Unknown)] == []
    assert [who for who, said in sent.items() if not isinstance(said, NotSent)] == []


@pytest.mark.parametrize(
    "kind", ["a bomb of gzip", "a bomb in a bomb", "a megabyte of list", "headers without end"]
)
async def test_an_answer_takes_no_more_memory_than_any(
    transport: AiohttpTransport, kind: str
) -> None:
    await _bounded(saying(ANSWERS[kind], then_close=True), transport)


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_flood_takes_no_more_memory_than_any(
    transport: AiohttpTransport, chunked: bool
) -> None:
    await _bounded(flooding(chunked=chunked), transport)


async def _bounded(respond: Respond, transport: AiohttpTransport) -> None:
    """One call, its machine included: an answer, its text, and what was read of it."""
    async with (
        serving(respond) as machine,
        struck("maya", machine.url, transport, robbed=True) as (
            shop,
            strike,
        ),
    ):
        made = await shop.pay()
        strike(0)
        tracemalloc.start()
        try:
            answer = await shop.client.find(lookup(made), timeout_s=ENOUGH_S)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert isinstance(answer, Unknown)
    assert peak < 12 * MOST_BODY
