"""The real transport against real sockets: what was certainly not sent, and what nobody knows."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.provider_kit.aiohttp_transport import AiohttpTransport
from adapters.provider_kit.transport import MOST_BODY, Connecting, NoAnswer, NothingSent, Request
from application.correlation import CORRELATION

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kind: yes\r\n\r\n{}"
Respond = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Remote:
    """A server that does what one function says, and remembers what reached it."""

    url: str = ""
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0


@asynccontextmanager
async def serving(respond: Respond, tls: ssl.SSLContext | None = None) -> AsyncIterator[Remote]:
    remote = Remote()
    busy: set[asyncio.Task[None] | None] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        remote.connections += 1
        busy.add(asyncio.current_task())
        try:
            while not writer.is_closing():
                remote.heard.append(await one_request(reader))
                await respond(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    remote.url = f"http{'s' if tls else ''}://127.0.0.1:{port}/charge"
    try:
        yield remote
    finally:
        server.close()
        for task in busy:
            if task is not None:
                task.cancel()
        await asyncio.sleep(0.01)


async def one_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    return head + await reader.readexactly(int(length[1]) if length else 0)


def saying(answer: bytes, *, then_close: bool = False) -> Respond:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        if then_close:
            writer.close()

    return respond


async def hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as opened:
        yield opened


def post(url: str) -> Request:
    return Request("POST", url, {"authorization": "Basic c2stc2VjcmV0", "x-n": "1"}, b'{"a":1}')


async def test_an_answer_arrives_whole(transport: AiohttpTransport) -> None:
    async with serving(saying(OK)) as remote:
        answer = await transport.send(post(remote.url), timeout_s=2)
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (200, b"{}", "yes")
    head, _, body = remote.heard[0].partition(b"\r\n\r\n")
    assert body == b'{"a":1}'
    assert b"accept-encoding: identity" in head.lower()
    assert b"Basic c2stc2VjcmV0" in head


async def test_each_call_names_the_request_on_whose_behalf_it_is(
    transport: AiohttpTransport,
) -> None:
    async with serving(saying(OK)) as remote:
        for known in ("order-1", "order-2", "", "ünprintable"):
            token = CORRELATION.set(known)
            await transport.send(post(remote.url), timeout_s=2)
            CORRELATION.reset(token)
    told = [re.search(rb"(?i)x-correlation-id: (.*?)\r\n", one) for one in remote.heard]
    assert [one and one[1] for one in told] == [b"order-1", b"order-2", None, None]


async def test_a_connection_is_kept_for_the_next_call(transport: AiohttpTransport) -> None:
    async with serving(saying(OK)) as remote:
        for _ in range(5):
            await transport.send(post(remote.url), timeout_s=2)
    assert (remote.connections, len(remote.heard)) == (1, 5)


async def test_a_refused_port_was_sent_nothing(transport: AiohttpTransport) -> None:
    async with serving(saying(OK)) as remote:
        url = remote.url
    with pytest.raises(NothingSent):
        await transport.send(post(url), timeout_s=2)


async def test_an_unknown_name_was_sent_nothing(transport: AiohttpTransport) -> None:
    with pytest.raises(NothingSent):
        await transport.send(post("http://no-such-company.invalid/charge"), timeout_s=2)


async def test_no_time_left_was_sent_nothing(transport: AiohttpTransport) -> None:
    async with serving(saying(OK)) as remote:
        with pytest.raises(NothingSent):
            await transport.send(post(remote.url), timeout_s=0)
    assert remote.heard == []


@pytest.mark.parametrize("url", ["nonsense", "ftp://company/charge", "http://", "http://[::1"])
async def test_an_address_that_is_none_was_sent_nothing(
    transport: AiohttpTransport, url: str
) -> None:
    with pytest.raises(NothingSent):
        await transport.send(post(url), timeout_s=2)


async def test_a_header_that_cannot_be_written_is_not_repeated(transport: AiohttpTransport) -> None:
    async with serving(saying(OK)) as remote:
        request = Request("POST", remote.url, {"authorization": "sk-live\r\nx: y"})
        with pytest.raises((NothingSent, NoAnswer)) as caught:
            await transport.send(request, timeout_s=2)
    assert "sk-live" not in str(caught.value)
    assert remote.heard == []


@contextmanager
def deaf() -> Iterator[str]:
    """The address of a server that accepts nobody: its queue is full, and Linux drops the next."""
    with socket.socket() as server, ExitStack() as waiting:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for one in [waiting.enter_context(socket.socket()) for _ in range(4)]:
            one.setblocking(False)
            one.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


async def test_a_connection_that_never_opens_was_sent_nothing() -> None:
    async with AiohttpTransport(connect_s=0.2) as transport:
        with deaf() as url, pytest.raises(NothingSent, match="no connection in time"):
            await transport.send(post(url), timeout_s=2)


async def test_a_provider_may_be_given_less_time_to_connect() -> None:
    async with AiohttpTransport(connect_s=60) as transport:
        impatient = Connecting(transport, 0.2)
        with deaf() as url, pytest.raises(NothingSent, match="no connection in time"):
            await asyncio.wait_for(impatient.send(post(url), timeout_s=60), 5)


async def test_no_place_in_the_pool_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.provider_kit.aiohttp_transport.CONNECTIONS_PER_HOST", 1)
    async with AiohttpTransport(connect_s=0.2) as transport, serving(hanging) as remote:
        first = asyncio.create_task(transport.send(post(remote.url), timeout_s=1))
        await asyncio.sleep(0.05)
        with pytest.raises(NothingSent, match="no connection in time"):
            await transport.send(post(remote.url), timeout_s=0.9)
        with pytest.raises(NoAnswer):
            await first
    assert len(remote.heard) == 1


async def test_a_server_that_hangs_gives_no_answer_in_time(transport: AiohttpTransport) -> None:
    async with serving(hanging) as remote:
        with pytest.raises(NoAnswer) as caught:
            await transport.send(post(remote.url), timeout_s=0.2)
    assert caught.value.timed_out
    assert len(remote.heard) == 1


async def test_a_server_that_drips_is_cut_at_the_deadline(transport: AiohttpTransport) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(drip) as remote:
        began = asyncio.get_running_loop().time()
        with pytest.raises(NoAnswer) as caught:
            await transport.send(post(remote.url), timeout_s=0.3)
        assert asyncio.get_running_loop().time() - began < 1
    assert caught.value.timed_out


@pytest.mark.parametrize("size", [0, 1, 10, 30, len(OK) - 2, len(OK) - 1])
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
async def test_a_server_that_cuts_gives_no_answer_and_is_asked_once(
    transport: AiohttpTransport, size: int, method: str
) -> None:
    async with serving(saying(OK[:size], then_close=True)) as remote:
        with pytest.raises(NoAnswer) as caught:
            await transport.send(Request(method, remote.url), timeout_s=2)
    assert not caught.value.timed_out
    assert len(remote.heard) == 1


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE"])
async def test_a_kept_connection_that_breaks_is_not_sent_on_again(
    transport: AiohttpTransport, method: str
) -> None:
    answers = iter([OK])

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (answer := next(answers, None)) is None:
            writer.transport.abort()
        else:
            writer.write(answer)

    async with serving(once) as remote:
        await transport.send(Request(method, remote.url), timeout_s=2)
        with pytest.raises(NoAnswer):
            await transport.send(Request(method, remote.url), timeout_s=2)
    assert (len(remote.heard), remote.connections) == (2, 1)


@pytest.mark.parametrize(
    "answer",
    [
        b"\x00\xff\xfe garbage \r\n\r\n",
        b"HTTP/9.9 banana\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_garbage_is_no_answer(transport: AiohttpTransport, answer: bytes) -> None:
    async with serving(saying(answer, then_close=True)) as remote:
        with pytest.raises(NoAnswer):
            await transport.send(post(remote.url), timeout_s=2)


async def test_more_than_was_announced_is_left_alone(transport: AiohttpTransport) -> None:
    async with serving(saying(OK + b"HTTP/1.1 200 OK\r\n", then_close=True)) as remote:
        answer = await transport.send(post(remote.url), timeout_s=2)
        assert answer.body == b"{}"


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_huge_answer_is_not_read(transport: AiohttpTransport, chunked: bool) -> None:
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

    async with serving(flood) as remote:
        with pytest.raises(NoAnswer, match="too large"):
            await transport.send(post(remote.url), timeout_s=5)
    assert written < 16 * MOST_BODY


async def test_an_answer_of_the_greatest_size_is_read(transport: AiohttpTransport) -> None:
    body = b"y" * MOST_BODY
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {MOST_BODY}\r\n\r\n".encode()
    async with serving(saying(head + body)) as remote:
        assert (await transport.send(post(remote.url), timeout_s=5)).body == body


async def test_a_redirect_is_an_answer_and_not_followed(transport: AiohttpTransport) -> None:
    async with serving(saying(OK)) as other:
        moved = f"HTTP/1.1 307 Moved\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n"
        async with serving(saying(moved.encode())) as remote:
            answer = await transport.send(post(remote.url), timeout_s=2)
    assert (answer.status, other.heard) == (307, [])


async def test_a_cookie_is_not_kept(transport: AiohttpTransport) -> None:
    marked = OK.replace(b"X-Kind: yes", b"Set-Cookie: s=1; Path=/")
    async with serving(saying(marked)) as remote:
        for _ in range(2):
            await transport.send(post(remote.url), timeout_s=2)
    assert b"cookie" not in remote.heard[1].lower()


async def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(saying(OK)) as remote, serving(saying(OK)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        async with AiohttpTransport() as transport:
            await transport.send(post(remote.url), timeout_s=2)
    assert (len(remote.heard), len(proxy.heard)) == (1, 0)


async def test_a_canceled_call_stays_canceled(transport: AiohttpTransport) -> None:
    async with serving(hanging) as remote:
        call = asyncio.create_task(transport.send(post(remote.url), timeout_s=5))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate that nobody vouches for, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "company")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return path


async def test_a_certificate_nobody_vouches_for_is_refused(
    certificate: Path, transport: AiohttpTransport
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    async with serving(saying(OK), tls) as remote:
        with pytest.raises(NothingSent):
            await transport.send(post(remote.url), timeout_s=2)
    assert remote.heard == []


async def test_an_authority_of_its_own_is_trusted_when_given(certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with AiohttpTransport(tls=trusting) as transport, serving(saying(OK), tls) as remote:
        assert (await transport.send(post(remote.url), timeout_s=2)).status == 200
        wrong_name = post(remote.url.replace("127.0.0.1", "localhost"))
        with pytest.raises(NothingSent):
            await transport.send(wrong_name, timeout_s=2)


def test_verification_cannot_be_switched_off() -> None:
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    with pytest.raises(ValueError, match="verified"):
        AiohttpTransport(tls=careless)
