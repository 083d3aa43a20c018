"""The outermost layer: what every request gets, in one pass and one wrapper around `send`.

Correlation, access log, metrics, security headers, body limits, and shedding when too much is
under way. It is plain ASGI around Litestar, so unknown paths and errors go through it as well.
"""

import re
from collections.abc import Callable
from itertools import count
from typing import Any, Final, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from adapters.http.exchange import SCOPE_KEY, Exchange
from adapters.http.instruments import Watch
from adapters.http.intake import guarded
from adapters.http.problems import Edged, answer
from application.correlation import CORRELATION
from domain.ports.clock import Clock
from domain.ports.ids import Ids

MOST_AT_ONCE: Final = 1024  # requests under way: twice what must be served without an error
EXEMPT: Final = frozenset({"/api/health/live"})  # a busy process is alive
UNKNOWN_ROUTE: Final = "(none)"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Header = tuple[bytes, bytes]
NO_SNIFF: Final[Header] = (b"x-content-type-options", b"nosniff")
NO_REFERRER: Final[Header] = (b"referrer-policy", b"no-referrer")
NO_STORE: Final[Header] = (b"cache-control", b"no-store")
PAGE_POLICY: Final[Header] = (
    b"content-security-policy",
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
)
HSTS: Final[Header] = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")

TOKEN_PATH: Final = re.compile(r"^(/pay/)[^/]+")


class Edge:
    """`https`: this installation is only reached through TLS, so browsers may insist on it."""

    def __init__(
        self,
        app: ASGIApp,
        clock: Clock,
        ids: Ids,
        watch: Watch,
        *,
        https: bool = False,
        most_at_once: int = MOST_AT_ONCE,
    ) -> None:
        self._app = app
        self._monotonic = clock.monotonic
        born, numbers = f"req_{ids.event_id()[4:]}.", count(1)
        self._new_id: Callable[[], str] = lambda: born + str(next(numbers))
        self._watch = watch
        self._constant: tuple[Header, ...] = (NO_SNIFF, *((HSTS,) if https else ()))
        self._most = most_at_once
        self.under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        method: str = scope["method"]
        if method == "HEAD":  # as GET, without the body
            scope = cast("HTTPScope", {**scope, "method": "GET"})
        exchange = Exchange(scope, self._monotonic(), self._new_id)
        cast("dict[str, Any]", scope)[SCOPE_KEY] = exchange
        CORRELATION.set(exchange.correlation_id)
        sending = self._sending(exchange, send, headless=method == "HEAD")
        self.under_way += 1
        try:
            if self.under_way > self._most and exchange.path not in EXEMPT:
                raise Edged("overloaded")
            await self._app(scope, guarded(scope, exchange, receive), sending)
        except Edged as refusal:
            await answer(refusal, exchange)(scope, receive, sending)
        finally:
            self.under_way -= 1
            self._told(scope, exchange, method)

    def _sending(self, exchange: Exchange, send: Send, *, headless: bool) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                message["headers"] = self._dressed(message["headers"], exchange)
            elif headless and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        return sending

    def _dressed(self, headers: Any, exchange: Exchange) -> list[Header]:
        dressed: list[Header] = [*headers, *self._constant, *exchange.answer_headers]
        dressed.append((b"x-correlation-id", exchange.correlation_id.encode()))
        page = cached = policed = False
        for name, value in headers:
            if name == b"content-type":
                page = value.startswith(b"text/html")
            elif name == b"cache-control":
                cached = True
            elif name == b"content-security-policy":
                policed = True
        if not cached:
            dressed.append(NO_STORE)
        if page:
            dressed.append(NO_REFERRER)
            if not policed:
                dressed.append(PAGE_POLICY)
        return dressed

    def _told(self, scope: HTTPScope, exchange: Exchange, method: str) -> None:
        watch = self._watch
        seconds = self._monotonic() - exchange.started
        route: str = scope.get("path_template", UNKNOWN_ROUTE)
        method = method if method in METHODS else "OTHER"  # clients don't choose label values
        if watch.metrics is not None:
            watch.metrics.request(route, method, exchange.status, seconds)
        if watch.log is not None:
            watch.log(exchange, method, redacted(exchange.path), route, seconds)


def redacted(path: str) -> str:
    """The path as it may be logged: a payment link's token opens the link."""
    return TOKEN_PATH.sub(r"\1(token)", path) if path.startswith("/pay/") else path
