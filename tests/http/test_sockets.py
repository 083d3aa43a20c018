"""The embedded server against clients that are slow, huge, or say two things at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.http import intake, server
from tests.http.site import Site

pytestmark = pytest.mark.anyio
GET = b"GET /api/health/live HTTP/1.1\r\nHost: site\r\n"


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[int]:
    ports: list[int] = []
    ready = asyncio.Event()

    def started(port: int) -> None:
        ports.append(port)
        ready.set()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(server.serve(app, "127.0.0.1", 0, started=started))
        await ready.wait()
        yield ports[0]
        task.cancel()


async def spoken(port: int, *parts: bytes, pause_s: float = 0.02, wait_s: float = 3.0) -> bytes:
    """All that comes back until the server hangs up; raises TimeoutError when it does not."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_s)
        async with asyncio.timeout(wait_s):
            return await reader.read()
    except (ConnectionError, RuntimeError):  # uvloop says the second of a closed transport
        return b"(reset)"
    finally:
        writer.close()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def hung_up(answer: bytes, expected: int) -> bool:
    """The connection ended, with that status where the network let it through: who still sends
    when the other side closes may get a reset instead of what was said before."""
    return answer in (b"", b"(reset)") or status(answer) == expected


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEADERS_S", 0.3)
    monkeypatch.setattr(server, "IDLE_S", 1)
    monkeypatch.setattr(server, "WHOLE_BODY_S", 0.5)
    monkeypatch.setattr(intake, "FIRST_BYTE_S", 0.3)
    monkeypatch.setattr(intake, "WHOLE_BODY_S", 0.5)


def posted(site: Site, length: str, more: str = "") -> bytes:
    return (
        "POST /api/payments/initiate HTTP/1.1\r\nHost: site\r\n"
        f"Authorization: Bearer {site.key}\r\nIdempotency-Key: k1\r\n"
        f"Content-Type: application/json\r\n{length}\r\n{more}\r\n"
    ).encode()


@pytest.mark.usefixtures("impatient")
async def test_slow_headers_are_cut_off(site: Site) -> None:
    async with listening(site.app) as port:
        assert await spoken(port) == b"", "a connection that says nothing"
        assert await spoken(port, GET) == b"", "headers that stop"
        dripped = [bytes([one]) for one in b"GET /api/health/live HTTP/1.1\r\nX: " + b"y" * 100]
        assert await spoken(port, *dripped, pause_s=0.03) in (b"", b"(reset)"), "a slow drip"
        second = await spoken(port, GET + b"\r\n", b"GET /api", wait_s=2)
        assert second.count(b"HTTP/1.1 200") == 1, "the second request of a connection as well"


@pytest.mark.usefixtures("impatient")
async def test_line_ends_between_requests_keep_no_connection(site: Site) -> None:
    async with listening(site.app) as port:
        drips = [b"\r\n"] * 40
        answer = await spoken(port, GET + b"\r\n", *drips, pause_s=0.03)
        assert answer.count(b"HTTP/1.1") in (0, 1)


@pytest.mark.usefixtures("impatient")
async def test_a_body_that_stops_or_drips_is_answered_408_and_cut_off(site: Site) -> None:
    async with listening(site.app) as port:
        never = await spoken(port, posted(site, "Content-Length: 100"))
        assert status(never) == 408
        assert b"request_timeout" in never
        assert b"connection: close" in never
        half = await spoken(port, posted(site, "Content-Length: 100"), b'{"amount":')
        assert status(half) == 408
        drips = [b"x"] * 40
        slow = await spoken(port, posted(site, "Content-Length: 100"), *drips, pause_s=0.03)
        assert hung_up(slow, 408)
    assert not site.world.companies.maya.books


@pytest.mark.usefixtures("impatient")
async def test_a_body_nobody_reads_may_not_drip_either(site: Site) -> None:
    head = b"POST /nowhere HTTP/1.1\r\nHost: site\r\nContent-Length: 100\r\n\r\n"
    async with listening(site.app) as port:
        answer = await spoken(port, head, *[b"x"] * 40, pause_s=0.03)
        assert hung_up(answer, 404)


async def test_an_oversized_body_is_refused_declared_or_chunked(site: Site) -> None:
    async with listening(site.app) as port:
        declared = await spoken(port, posted(site, "Content-Length: 262145"))
        assert status(declared) == 413
        chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
        chunked = await spoken(port, posted(site, "Transfer-Encoding: chunked"), *[chunk] * 5)
        assert hung_up(chunked, 413)
        endless = await spoken(port, posted(site, "Content-Length: 99999999999999999999"))
        assert status(endless) in (400, 413)


async def test_a_chunked_body_is_as_good_as_any(site: Site) -> None:
    body = b'{"amount": "10.00", "currency": "PHP", "reference": "r"}'
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:20], body[20:])]
    close = "Connection: close\r\n"
    async with listening(site.app) as port:
        head = posted(site, "Transfer-Encoding: chunked", close)
        assert status(await spoken(port, head, *chunks, b"0\r\n\r\n")) == 201


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Content-Length: +4\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length : 4\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"X: a\x00b\r\n",
        b" folded: x\r\n",
    ],
)
async def test_what_servers_read_differently_is_answered_once_and_hung_up(
    site: Site, head: bytes
) -> None:
    smuggled = b"0\r\n\r\n" + GET + b"\r\n"
    request = b"POST /api/payments/webhook HTTP/1.1\r\nHost: site\r\n" + head + b"\r\n" + smuggled
    async with listening(site.app) as port:
        answer = await spoken(port, request)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert status(answer) == 400
    assert b"HEALTHY" not in answer


async def test_bare_line_feeds_are_refused(site: Site) -> None:
    async with listening(site.app) as port:
        answer = await spoken(port, (GET + b"\r\n").replace(b"\r\n", b"\n"))
    assert status(answer) == 400


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (GET + b"X: " + b"y" * 70_000, 431),
        (GET + b"X: " + b"y" * 40_000 + b"\r\n\r\n", 431),
        (GET + b"".join(b"X%d: y\r\n" % n for n in range(101)) + b"\r\n", 431),
        (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: site\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", 400),
        (b"NONSENSE\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00", 400),
    ],
)
async def test_huge_or_broken_heads_are_refused(site: Site, request_: bytes, expected: int) -> None:
    async with listening(site.app) as port:
        answer = await spoken(port, request_)
    assert hung_up(answer, expected)


async def test_a_request_under_way_is_answered_before_the_server_ends(site: Site) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def wait(charge: Any) -> None:
        asked.set()
        await may_answer.wait()

    site.world.companies.maya.before_answer = wait
    body = b'{"amount": "10.00", "currency": "PHP", "reference": "r", "method": "maya"}'
    request = posted(site, f"Content-Length: {len(body)}") + body
    async with listening(site.app) as port:
        answer = asyncio.ensure_future(spoken(port, request))
        await asked.wait()
        asyncio.get_running_loop().call_later(0.3, may_answer.set)
    assert status(await answer) == 201


async def test_an_address_in_use_is_told(site: Site) -> None:
    async with listening(site.app) as port:
        with pytest.raises(OSError, match="in use"):
            await server.serve(site.app, "127.0.0.1", port)
