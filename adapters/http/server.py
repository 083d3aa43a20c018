"""uvicorn inside our own loop: bounded headers, bounded waits, and an end that loses nothing."""

import asyncio
import gc
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
TOO_LARGE: Final = b"431 Request Header Fields Too Large"
TOO_LONG: Final = b"414 URI Too Long"
YOUNG: Final = (20_000, 20, 50)  # a payment makes hundreds of values, and hardly a cycle
LAST_ANSWERS_S: Final = 30  # at the end: longer than the slowest provider call


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's, which waits for ever for headers, and for a body nobody reads any more; this
    one does not. httptools is the parser that refuses what proxies and servers read differently
    (Content-Length with Transfer-Encoding, bare line feeds)."""

    _clock: asyncio.TimerHandle | None = None
    _in_message = False  # between a request's last header and the end of its body
    _heads = 0  # requests whose headers are complete
    _waiting = 0  # bytes of headers that are not
    _chunk = 0  # bytes that came together

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm(HEADERS_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        before, self._chunk = self._heads, len(data)
        super().data_received(data)
        if self._in_message or self._heads != before or self.transport.is_closing():
            return
        if self._clock is None:
            self._arm(HEADERS_S)
        self._waiting += len(data)
        if self._waiting > MOST_HEAD:
            self._refuse(TOO_LARGE)

    def on_headers_complete(self) -> None:
        self._disarm()
        self._heads += 1
        if len(self.headers) > MOST_HEADERS or self._head_size() > MOST_HEAD:
            self._refuse(TOO_LARGE)
        elif len(self.url) > MOST_URL:
            self._refuse(TOO_LONG)
        else:
            self._in_message, self._waiting = True, 0
            super().on_headers_complete()
            return
        raise ValueError("refused")  # ends the parsing of this connection

    def on_message_complete(self) -> None:
        self._in_message = False
        self._disarm()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._in_message and not self.transport.is_closing():
            self._arm(WHOLE_BODY_S)  # answered early: the rest of the body must come soon

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():  # else it was refused, and more precisely
            super().send_400_response(msg)

    def _head_size(self) -> int:
        """Bytes; what came in one small piece need not be counted."""
        if self._chunk <= MOST_HEAD:
            return 0
        return sum(len(name) + len(value) for name, value in self.headers) + len(self.url)

    def _refuse(self, line: bytes) -> None:
        """Answer with a bare status line and hang up."""
        self.transport.write(
            b"HTTP/1.1 %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % line
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
        gc.freeze()  # a full collection would look at all that was imported, for 0.1 s
        gc.set_threshold(*YOUNG)
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
