"""uvicorn inside our own loop: bounded headers, bounded waits, and an end that loses nothing."""

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from adapters.http.intake import WHOLE_BODY_S

HEADERS_S: Final = 5.0  # from the first byte of a request, or the connection, to its last header
IDLE_S: Final = 30.0  # a kept-alive connection without a request
MOST_HEAD: Final = 32 * 1024  # bytes of request line and headers together
MOST_HEADERS: Final = 100
MOST_URL: Final = 8 * 1024
BACKLOG: Final = 1024
LAST_ANSWERS_S: Final = 30  # at the end: longer than the slowest provider call


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's, which waits for ever for headers, and for a body nobody reads any more; this
    one does not. httptools is the parser that refuses what proxies and servers read differently
    (Content-Length with Transfer-Encoding, bare line feeds)."""

    _clock: asyncio.TimerHandle | None = None
    _in_message = False  # between a request's last header and the end of its body
    _head = 0
    _refusal: bytes | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm(HEADERS_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._clock is None and not self._in_message:
            self._arm(HEADERS_S)
        super().data_received(data)
        if self._in_message or self._clock is None:
            return
        self._head += len(data)
        if self._head > MOST_HEAD and not self.transport.is_closing():
            self._refusal = b"431 Request Header Fields Too Large"
            self.send_400_response("The headers are too large.")

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MOST_URL:
            self._refusal = b"414 URI Too Long"
            raise ValueError("the address is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > MOST_HEADERS or len(name) + len(value) > MOST_HEAD:
            self._refusal = b"431 Request Header Fields Too Large"
            raise ValueError("the headers are too large")

    def on_headers_complete(self) -> None:
        self._disarm()
        self._in_message, self._head = True, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_message = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._in_message and not self.transport.is_closing():
            self._arm(WHOLE_BODY_S)  # answered early: the rest of the body must come soon

    def send_400_response(self, msg: str) -> None:
        line = self._refusal or b"400 Bad Request"
        text = msg.encode("ascii", "replace")
        self.transport.write(
            b"HTTP/1.1 %s\r\ncontent-type: text/plain; charset=utf-8\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (line, len(text), text)
        )
        self.transport.close()

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._clock = self.loop.call_later(seconds, self._late)

    def _disarm(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _late(self) -> None:
        self._clock = None
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._arm(HEADERS_S)  # pipelined behind an answer that is still being made
        elif not self.transport.is_closing():
            self.transport.close()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the entry point."""
        yield


async def serve(
    app: Any,
    host: str,
    port: int,
    *,
    started: Callable[[int], None] = lambda port: None,
    trusted_proxies: Sequence[str] = (),
) -> None:
    """Serve until cancelled; then requests under way are answered first (30 s at most).

    `started` is told the real port, as soon as connections are taken. Raises OSError when the
    address is in use. Only what `trusted_proxies` say about clients is believed.
    """
    with _bound(host, port) as listening:
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
            timeout_keep_alive=int(IDLE_S),
            timeout_graceful_shutdown=LAST_ANSWERS_S,
            backlog=BACKLOG,
        )
        server = _Server(config)
        started(listening.getsockname()[1])
        try:
            await server.serve(sockets=[listening])
        except asyncio.CancelledError:
            if server.started:
                await server.shutdown(sockets=[listening])
            raise


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=BACKLOG) as listening:
        listening.setblocking(False)
        yield listening
