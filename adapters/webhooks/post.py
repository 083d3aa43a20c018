"""A Post over aiohttp that can't be turned against our own network.

The address is decided once per call: looked up, checked whole (one bad address of several is
enough to refuse), and remembered as the only ones this call may open a socket to. The pool asks
the same memory for names and again for each socket, so neither a name that changes its answer nor
a host that needs no lookup gets around it.
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.webhooks.answer import retry_after_s, told
from adapters.webhooks.lookup import MOST, Lookup, SystemLookup
from adapters.webhooks.networks import Address, address, is_public
from adapters.webhooks.target import NOT_PUBLIC, Place, Target, target
from domain.errors import Invalid
from domain.ports.clock import Clock
from domain.ports.post import NotPosted, Post, Posted

LOOKUP_S: Final = 5.0
BODY_S: Final = 2.0  # for the rest of an answer whose status is known: it says nothing more
READ: Final = 65_536  # bytes of an answer's body, at most
KEPT: Final = 2048
IDLE_S: Final = 4.0  # shorter than common servers', so a kept connection is rarely a dead one
CONNECTIONS: Final = 256
CONNECTIONS_PER_HOST: Final = 16  # one endpoint that hangs can't take them all
OURS: Final = {
    "content-type": "application/json",
    "user-agent": "Cauri-Webhooks",
    "accept-encoding": "identity",
}
GONE: Final = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))

_PERMITTED: Final[ContextVar[Mapping[Address, str]]] = ContextVar("permitted")


class _Resolver(AbstractResolver):
    """Knows no name: it repeats the addresses that the call has checked."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=text,
                port=port,
                family=socket.AF_INET if known.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for known, text in _PERMITTED.get().items()
        ]

    async def close(self) -> None:
        """Nothing is open."""


def _checked_socket(info: aiohttp.AddrInfoType) -> socket.socket:
    """The last gate: no socket for an address that this call has not checked."""
    family, kind, proto, _, place = info
    if address(str(place[0])) not in _PERMITTED.get({}):
        raise PermissionError(errno.EACCES, "the address was not checked")
    return socket.socket(family, kind, proto)


@dataclass(slots=True)
class _Heard:
    """What came back so far."""

    status: int = 0  # none yet
    ms: int = 0
    retry_after_s: int | None = None
    body: bytearray = field(default_factory=bytearray)


class GuardedPost(Post):
    """Open it inside the loop that uses it; `close` gives sockets and threads back.

    `allowed` are the operator's exemptions. `tls` replaces the system's trust store (tests, a
    company's own authority); certificates and host names are always verified.
    """

    def __init__(
        self,
        clock: Clock,
        allowed: Iterable[Place] = (),
        *,
        lookup: Lookup | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if tls is not None and tls.verify_mode is not ssl.CERT_REQUIRED:
            raise ValueError("certificates are verified")
        self._clock, self._allowed, self._tls = clock, frozenset(allowed), tls
        self._lookup: Lookup = lookup or SystemLookup()
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
        self._lookup.close()

    async def check(self, url: str) -> None:
        """A name server that fails or is slow refuses nothing: each call looks again."""
        place = target(url, self._allowed)
        try:
            await self._permitted(place)
        except socket.gaierror as error:
            if error.errno in GONE:
                raise Invalid(
                    f"must have a host that exists; {place.host} does not", "url"
                ) from None
        except (OSError, TimeoutError):
            return

    async def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, *, timeout_s: float
    ) -> Posted | NotPosted:
        began, heard = self._clock.monotonic(), _Heard()
        token = _PERMITTED.set({})
        try:
            async with asyncio.timeout(max(timeout_s, 0)) as limit:
                place = target(url, self._allowed)
                _PERMITTED.set(await self._permitted(place))
                await self._exchange(place, headers, body, heard, began, limit)
        except Invalid as refused:
            return NotPosted(f"the address {refused}", self._ms(began), refused=True)
        except Exception as error:
            if not heard.status:
                return NotPosted(told(error), self._ms(began))
        finally:
            _PERMITTED.reset(token)
        return Posted(heard.status, heard.ms, bytes(heard.body[:KEPT]), heard.retry_after_s)

    async def _permitted(self, place: Target) -> Mapping[Address, str]:
        """Every address of the host. Raises Invalid when one may not be called; OSError and
        TimeoutError when they can't be found."""
        async with asyncio.timeout(LOOKUP_S):
            found: Sequence[str] = await self._lookup(place.host, place.port)
        permitted: dict[Address, str] = {}
        for text in found:
            known = address(text)
            if known is None or not (place.exempt or is_public(known)):
                raise Invalid(NOT_PUBLIC, "url")
            permitted[known] = text
        if not permitted:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        return dict(list(permitted.items())[:MOST])

    async def _exchange(
        self,
        place: Target,
        headers: Mapping[str, str],
        body: bytes,
        heard: _Heard,
        began: float,
        limit: asyncio.Timeout,
    ) -> None:
        session = self._session or self._open()
        async with session.post(
            place.url, data=body, headers={**OURS, **headers}, allow_redirects=False
        ) as answer:
            heard.ms = self._ms(began)
            asked = answer.headers.get("retry-after", "")
            heard.retry_after_s = retry_after_s(asked, self._clock.now())
            heard.status = answer.status
            rest = asyncio.get_running_loop().time() + BODY_S
            limit.reschedule(min(limit.when() or rest, rest))
            async for piece in answer.content.iter_any():
                heard.body += piece
                if len(heard.body) > READ:
                    answer.close()  # else the pool would wait for the rest of it
                    return

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=CONNECTIONS,
                limit_per_host=CONNECTIONS_PER_HOST,
                keepalive_timeout=IDLE_S,
                resolver=_Resolver(),
                use_dns_cache=False,
                socket_factory=_checked_socket,
                ssl=self._tls or True,
            ),
            timeout=aiohttp.ClientTimeout(total=None),  # the call has one deadline over all of it
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # nobody reads it, so it can't burst
            trust_env=False,
        )
        return self._session

    def _ms(self, began: float) -> int:
        return round((self._clock.monotonic() - began) * 1000)
