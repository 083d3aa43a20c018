"""The real client against real TLS servers that misbehave: one bounded answer, never an exception.

Fault rows 36 and 37: it hangs, drips, redirects, floods, resets; its names are slow.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.webhooks.lookup import Lookup
from adapters.webhooks.post import BODY_S, KEPT, READ, GuardedPost
from adapters.webhooks.target import places
from domain.ports.post import NotPosted, Posted
from tests.builders import NOW, StillClock
from tests.webhooks.merchant import (
    HOST,
    OK,
    Merchant,
    Names,
    Respond,
    certified,
    hanging,
    listening,
    saying,
)

pytestmark = pytest.mark.anyio

BODY = b'{"id":"evt_1"}'
SIGNED = {"webhook-id": "evt_1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certified(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    return server


@asynccontextmanager
async def posting(
    merchant: Merchant, certificate: Path | None, lookup: Lookup | None = None
) -> AsyncIterator[GuardedPost]:
    allowed = places(f"{HOST}:{merchant.port}")
    names = lookup or Names([["127.0.0.1"]])
    trusting = ssl.create_default_context(cafile=certificate) if certificate else None
    async with GuardedPost(StillClock(NOW), allowed, lookup=names, tls=trusting) as post:
        yield post


async def answer_of(
    respond: Respond, tls: ssl.SSLContext, certificate: Path, timeout_s: float = 5
) -> Posted | NotPosted:
    async with listening(respond, tls) as merchant, posting(merchant, certificate) as post:
        return await post(merchant.url, SIGNED, BODY, timeout_s=timeout_s)


async def test_an_event_arrives_as_it_was_signed(tls: ssl.SSLContext, certificate: Path) -> None:
    names_told: list[str | None] = []
    tls.sni_callback = lambda connection, name, context: names_told.append(name)
    async with listening(saying(OK), tls) as merchant, posting(merchant, certificate) as post:
        answer = await post(merchant.url, SIGNED, BODY, timeout_s=5)
    assert answer == Posted(200, 0, b"ok")
    head, _, body = merchant.heard[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    assert (lines[0], body) == ("POST /hooks?from=cauri HTTP/1.1", BODY)
    assert headers == {
        **SIGNED,
        "host": f"{HOST}:{merchant.port}",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "user-agent": "cauri-webhooks",
        "accept-encoding": "identity",
        "accept": "*/*",
    }
    assert names_told == [HOST]


async def test_the_next_event_uses_the_same_connection(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    async with listening(saying(OK), tls) as merchant, posting(merchant, certificate) as post:
        for _ in range(3):
            assert isinstance(await post(merchant.url, SIGNED, BODY, timeout_s=5), Posted)
    assert (len(merchant.heard), merchant.connections) == (3, 1)


@pytest.mark.parametrize("status", [200, 204, 301, 307, 400, 401, 404, 410, 429, 500, 503])
async def test_whatever_it_answers_is_told(
    status: int, tls: ssl.SSLContext, certificate: Path
) -> None:
    said = f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()
    assert await answer_of(saying(said), tls, certificate) == Posted(status, 0)


async def test_a_redirect_is_not_followed(tls: ssl.SSLContext, certificate: Path) -> None:
    async with listening(saying(OK)) as inside:
        moved = f"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:{inside.port}/\r\n"
        said = f"{moved}Content-Length: 0\r\n\r\n".encode()
        assert await answer_of(saying(said), tls, certificate) == Posted(307, 0)
    assert inside.connections == 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("Sat, 07 Feb 2026 10:00:00 GMT", 120),
        ("Sat, 07 Feb 2026 09:00:00 GMT", 0),
        ("99999999999999999999", 30 * 86_400),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("12.5", None),
        ("١٢", None),
    ],
)
async def test_how_long_it_asks_us_to_wait_is_told(
    header: str, seconds: int | None, tls: ssl.SSLContext, certificate: Path
) -> None:
    said = f"HTTP/1.1 429 X\r\nRetry-After: {header}\r\nContent-Length: 0\r\n\r\n".encode()
    answer = await answer_of(saying(said), tls, certificate)
    assert answer == Posted(429, 0, retry_after_s=seconds)


async def test_one_that_hangs_is_left_at_the_deadline(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    answer = await answer_of(hanging, tls, certificate, timeout_s=0.2)
    assert answer == NotPosted("no answer in time", 0)


async def drip_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def test_headers_that_drip_are_no_answer(tls: ssl.SSLContext, certificate: Path) -> None:
    began = asyncio.get_running_loop().time()
    answer = await answer_of(drip_headers, tls, certificate, timeout_s=0.3)
    assert answer == NotPosted("no answer in time", 0)
    assert asyncio.get_running_loop().time() - began < 2


@pytest.mark.parametrize("timeout_s", [0.3, 30.0])
async def test_a_body_that_drips_does_not_hide_the_status_nor_hold_us(
    timeout_s: float, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.webhooks.post.BODY_S", min(BODY_S, 0.3))

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    began = asyncio.get_running_loop().time()
    answer = await answer_of(drip, tls, certificate, timeout_s=timeout_s)
    assert isinstance(answer, Posted)
    assert (answer.status, answer.answer[:1]) == (200, b"x")
    assert asyncio.get_running_loop().time() - began < 2


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_huge_answer_is_neither_read_nor_kept(
    chunked: bool, tls: ssl.SSLContext, certificate: Path
) -> None:
    written = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        kind = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 104857600"
        writer.write(b"HTTP/1.1 200 OK\r\n" + kind + b"\r\n\r\n")
        piece = b"x" * 65_536
        for _ in range(1600):
            writer.write(b"10000\r\n" + piece + b"\r\n" if chunked else piece)
            await writer.drain()
            written += len(piece)

    assert await answer_of(flood, tls, certificate) == Posted(200, 0, b"x" * KEPT)
    assert written < 100 * READ


async def test_a_compressed_answer_is_not_opened(tls: ssl.SSLContext, certificate: Path) -> None:
    bomb = b"\x1f\x8b" + bytes(5000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    answer = await answer_of(saying(head + bomb), tls, certificate)
    assert answer == Posted(200, 0, bomb[:KEPT])


@pytest.mark.parametrize("size", [0, 1, 10, len(OK) - 4])
async def test_one_that_cuts_gave_no_answer(
    size: int, tls: ssl.SSLContext, certificate: Path
) -> None:
    answer = await answer_of(saying(OK[:size], then_close=True), tls, certificate)
    assert answer == NotPosted("the connection was closed before an answer", 0)


async def test_one_that_cuts_its_body_has_answered(tls: ssl.SSLContext, certificate: Path) -> None:
    answer = await answer_of(saying(OK[:-1], then_close=True), tls, certificate)
    assert isinstance(answer, Posted)
    assert answer.status == 200


async def test_a_reset_gave_no_answer(tls: ssl.SSLContext, certificate: Path) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    answer = await answer_of(reset, tls, certificate)
    assert isinstance(answer, NotPosted)
    assert answer.reason.startswith("the connection was")
    assert not answer.refused


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_garbage_is_no_answer(garbage: bytes, tls: ssl.SSLContext, certificate: Path) -> None:
    answer = await answer_of(saying(garbage, then_close=True), tls, certificate)
    assert answer == NotPosted("the answer is not HTTP", 0)


async def test_a_certificate_nobody_vouches_for_is_told(tls: ssl.SSLContext) -> None:
    async with listening(saying(OK), tls) as merchant, posting(merchant, None) as post:
        answer = await post(merchant.url, SIGNED, BODY, timeout_s=5)
    assert isinstance(answer, NotPosted)
    assert answer.reason.startswith("the certificate can't be trusted: self")
    assert merchant.heard == []


async def test_a_certificate_of_another_host_is_told(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    trusting = ssl.create_default_context(cafile=certificate)
    async with listening(saying(OK), tls) as merchant:
        allowed = places(f"other.example:{merchant.port}")
        names = Names([["127.0.0.1"]])
        async with GuardedPost(StillClock(NOW), allowed, lookup=names, tls=trusting) as post:
            url = merchant.url.replace(HOST, "other.example")
            answer = await post(url, SIGNED, BODY, timeout_s=5)
    assert isinstance(answer, NotPosted)
    assert answer.reason.startswith("the certificate can't be trusted: ")
    assert merchant.heard == []


async def test_a_server_without_tls_is_told(certificate: Path) -> None:
    async with listening(saying(OK)) as merchant, posting(merchant, certificate) as post:
        answer = await post(merchant.url, SIGNED, BODY, timeout_s=2)
    assert isinstance(answer, NotPosted)
    assert merchant.heard == []


async def test_a_closed_port_is_told(certificate: Path) -> None:
    async with listening(saying(OK)) as merchant:
        pass
    async with posting(merchant, certificate) as post:
        answer = await post(merchant.url, SIGNED, BODY, timeout_s=2)
    assert answer == NotPosted("no connection: connection refused", 0)


async def test_the_environment_names_no_proxy(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(saying(OK)) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert isinstance(await answer_of(saying(OK), tls, certificate), Posted)
    assert proxy.connections == 0


async def test_a_cookie_is_not_kept(tls: ssl.SSLContext, certificate: Path) -> None:
    marked = OK.replace(b"Content", b"Set-Cookie: s=1; Path=/\r\nContent")
    async with listening(saying(marked), tls) as merchant, posting(merchant, certificate) as post:
        for _ in range(2):
            await post(merchant.url, SIGNED, BODY, timeout_s=5)
    assert b"cookie" not in merchant.heard[1].lower()


class SlowNames(Names):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__([["127.0.0.1"]])
        self.go = asyncio.Event()

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        await self.go.wait()
        return await super().__call__(host, port)


async def test_a_slow_name_server_ends_at_the_deadline(certificate: Path) -> None:
    async with (
        listening(saying(OK)) as merchant,
        posting(merchant, certificate, SlowNames()) as post,
    ):
        answer = await post(merchant.url, SIGNED, BODY, timeout_s=0.2)
    assert answer == NotPosted("no answer in time", 0)


async def test_one_that_hangs_does_not_hold_up_others(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.webhooks.post.CONNECTIONS_PER_HOST", 2)
    trusting = ssl.create_default_context(cafile=certificate)
    async with listening(hanging, tls) as bad, listening(saying(OK), tls) as good:
        allowed = places(f"{HOST}:{bad.port},{HOST}:{good.port}")
        names = Names([["127.0.0.1"]])
        async with GuardedPost(StillClock(NOW), allowed, lookup=names, tls=trusting) as post:
            stuck = [
                asyncio.create_task(post(bad.url, SIGNED, BODY, timeout_s=1)) for _ in range(4)
            ]
            answer = await post(good.url, SIGNED, BODY, timeout_s=1)
            assert not any(one.done() for one in stuck)
            assert isinstance(answer, Posted)
            assert {type(await one) for one in stuck} == {NotPosted}
    assert bad.connections == 2


async def test_a_canceled_call_stays_canceled(tls: ssl.SSLContext, certificate: Path) -> None:
    async with listening(hanging, tls) as merchant, posting(merchant, certificate) as post:
        call = asyncio.create_task(post(merchant.url, SIGNED, BODY, timeout_s=5))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


def test_verification_cannot_be_switched_off() -> None:
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    with pytest.raises(ValueError, match="verified"):
        GuardedPost(StillClock(NOW), tls=careless)
