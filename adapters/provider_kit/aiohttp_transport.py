"""The real transport: one pooled aiohttp session for every provider of the process.

What separates NothingSent from NoAnswer is one instant: the pool handing over a connection. Before
it no byte of the request exists outside this process, whatever went wrong (DNS, refused, TLS, no
place in the pool, a header that can't be written); after it nobody can know. The pool notes it, so
no exception of the library needs a meaning of its own, and a new kind can't be misread.
"""

import ssl
from contextvars import ContextVar
from functools import lru_cache
from types import TracebackType
from typing import Final, Self

import aiohttp
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from yarl import URL

from adapters.provider_kit.transport import MOST_BODY, NoAnswer, NothingSent, Request, Response
from application.correlation import correlation_id

CONNECT_S: Final = 3.0  # pool, DNS, TCP and TLS together; a provider that needs more is down
IDLE_S: Final = 15.0  # shorter than any provider's own, so a kept connection is rarely a dead one
DNS_S: Final = 60  # a name is looked up once a minute, one lookup at a time
CONNECTIONS: Final = 256  # in all; more calls wait, at most CONNECT_S
CONNECTIONS_PER_HOST: Final = 64  # one slow company can't take them all
OURS: Final = {"user-agent": "Cauri", "accept-encoding": "identity"}
NO_ROUNDING_S: Final = 1e9  # aiohttp rounds deadlines above this up to whole seconds


class _Phase:
    """How far one call came."""

    __slots__ = ("connected",)

    def __init__(self) -> None:
        self.connected = False


class _SecondSending(Exception):
    """The library wanted to send again by itself."""


_PHASE: Final[ContextVar[_Phase]] = ContextVar("phase")


class _Pool(aiohttp.TCPConnector):
    """Notes in the call's phase that it has a connection, and gives each call only one: aiohttp
    sends GET, PUT and DELETE again by itself when a kept connection breaks."""

    async def connect(
        self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        phase = _PHASE.get()
        if phase.connected:
            raise _SecondSending
        connection = await super().connect(req, traces, timeout)
        phase.connected = True
        return connection


class AiohttpTransport:
    """A Transport. Open it inside the loop that uses it; `close` gives the sockets back.

    `tls` replaces the system's trust store (tests, a company's own authority); certificates and
    host names are always verified.
    """

    def __init__(self, *, connect_s: float = CONNECT_S, tls: ssl.SSLContext | None = None) -> None:
        if tls is not None and tls.verify_mode is not ssl.CERT_REQUIRED:
            raise ValueError("certificates are verified")
        self._connect_s = connect_s
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        """One request, one answer. Raises NothingSent or NoAnswer, nothing else."""
        if timeout_s <= 0:
            raise NothingSent("no time was left")
        session = self._session or self._open()
        phase = _Phase()
        token = _PHASE.set(phase)
        try:
            return await self._exchange(session, request, timeout_s)
        except NoAnswer:
            raise
        except Exception as error:
            if not phase.connected:
                raise NothingSent(_described(error, "no connection in time")) from None
            reason = _described(error, "no answer in time")
            raise NoAnswer(reason, timed_out=isinstance(error, TimeoutError)) from None
        finally:
            _PHASE.reset(token)

    async def _exchange(
        self, session: aiohttp.ClientSession, request: Request, timeout_s: float
    ) -> Response:
        async with session.request(
            request.method,
            URL(request.url),
            data=request.body or None,
            headers={**OURS, **_correlation(), **request.headers},
            allow_redirects=False,
            timeout=_deadlines(timeout_s, request.connect_s or self._connect_s),
        ) as answer:
            length = answer.content_length
            if length is None or length > MOST_BODY:
                body = await _bounded(answer, length or 0)
            else:
                body = await answer.read()
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Response(answer.status, headers, body)

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=_Pool(
                limit=CONNECTIONS,
                limit_per_host=CONNECTIONS_PER_HOST,
                keepalive_timeout=IDLE_S,
                ttl_dns_cache=DNS_S,
                ssl=self._tls or True,
            ),
            skip_auto_headers=("content-type",),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        return self._session


def _correlation() -> dict[str, str]:
    """The request or job on whose behalf the company is called, for both sides' logs."""
    known = correlation_id()
    plain = known.isascii() and known.isprintable()  # a header can hold it
    return {"X-Correlation-ID": known} if known and plain else {}


@lru_cache(maxsize=64)  # most calls have one of a few deadlines
def _deadlines(timeout_s: float, connect_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=timeout_s, connect=min(connect_s, timeout_s), ceil_threshold=NO_ROUNDING_S
    )


async def _bounded(answer: aiohttp.ClientResponse, announced: int) -> bytes:
    """A body of unknown length. Raises NoAnswer once it is more than anyone needs."""
    if announced > MOST_BODY:
        raise NoAnswer("the answer is too large")
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > MOST_BODY:
            raise NoAnswer("the answer is too large")
    return bytes(body)


def _described(error: Exception, late: str) -> str:
    """In words without a value of ours: a library's message may repeat a header."""
    if isinstance(error, TimeoutError):
        return late
    if isinstance(error, OSError) and error.errno and error.strerror:
        return f"{type(error).__name__}: {error.strerror}"[:200]
    return type(error).__name__
