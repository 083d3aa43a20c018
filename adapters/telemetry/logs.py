"""Structured logs: one JSON object a line, through structlog, with allow lists and a scrubber."""

import logging
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Protocol

import msgspec
import structlog

from adapters.telemetry.scrub import scrubbed
from adapters.telemetry.sink import Sink
from application.correlation import correlation_id
from domain.ports.clock import Clock

MOST_FRAMES: Final = 12  # of a traceback: where it happened, not the whole way there
LIBRARIES: Final = ("aiohttp", "asyncio", "asyncpg", "httpx", "litestar", "sqlalchemy", "uvicorn")

_encoder: Final = msgspec.json.Encoder(enc_hook=str)


class Request(Protocol):
    """What of a request stands in its line."""

    correlation_id: str
    status: int
    tenant_id: str | None
    key_id: str | None


class RequestLine(msgspec.Struct, rename="camel", omit_defaults=True):
    """The allow list of the access log: no query, no body, no address, no secret."""

    at: datetime
    level: str
    event: str
    method: str
    path: str
    route: str
    status: int
    ms: float
    correlation_id: str
    tenant: str | None = None
    key: str | None = None


class RequestLog:
    """The access log. Straight to the sink: at each request, structlog's pipeline would cost more
    than all the rest of the line."""

    def __init__(self, sink: Sink, clock: Clock) -> None:
        self._write, self._now = sink.write, clock.now
        self._encode = msgspec.json.Encoder().encode

    def __call__(
        self, exchange: Request, method: str, path: str, route: str, seconds: float
    ) -> None:
        status = exchange.status
        self._write(
            self._encode(
                RequestLine(
                    self._now(),
                    "error" if status >= 500 else "info",
                    "request",
                    method,
                    path if len(path) < 200 else path[:200],
                    route,
                    status,
                    round(seconds * 1000, 3),
                    exchange.correlation_id,
                    exchange.tenant_id,
                    exchange.key_id,
                )
            )
        )


class ErrorLog:
    """An error nobody foresaw: where it happened, without the values it happened with."""

    def __init__(self, log: Any) -> None:
        self._log = log

    def __call__(self, error: Exception, exchange: Request) -> None:
        self._log.error(
            "unforeseen",
            error=type(error).__name__,
            reason=str(error),
            where=frames(error.__traceback__),
            correlationId=exchange.correlation_id,
        )


def frames(at: TracebackType | None) -> list[str]:
    """The last frames, as module:line function; source lines and values stay out."""
    found = traceback.extract_tb(at)[-MOST_FRAMES:]
    return [f"{one.filename.rpartition('/')[2]}:{one.lineno} {one.name}" for one in found]


def configure(sink: Sink, clock: Clock, level: str = "INFO") -> Any:
    """Set structlog up for this process and return its logger; the standard library's loggers
    (of libraries) come through it as well, warnings and worse only."""
    number = logging.getLevelNamesMapping()[level]

    def finish(_: Any, method: str, event: MutableMapping[str, Any]) -> bytes:
        return _encoder.encode(line(clock.now(), method, event))

    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, finish],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _SinkLogger(sink),
        cache_logger_on_first_use=False,
    )
    log = structlog.get_logger()
    root = logging.getLogger()
    root.handlers = [_Bridge(log)]
    root.setLevel(logging.WARNING)
    for name in LIBRARIES:  # their debug lines hold headers and bodies
        logging.getLogger(name).setLevel(logging.WARNING)
    return log


def line(at: datetime, level: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a log line, texts scrubbed; the correlation id is added."""
    found: dict[str, Any] = {"at": at, "level": level}
    for name, value in event.items():
        found[name] = _clean(value)
    if "correlationId" not in found and (known := correlation_id()):
        found["correlationId"] = known
    return found


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return scrubbed(value)
    if value is None or isinstance(value, bool | int | float | datetime):
        return value
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value[:MOST_FRAMES]]
    return scrubbed(str(value))


class _SinkLogger:
    """structlog's innermost logger."""

    def __init__(self, sink: Sink) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = sink.write
        self.msg = self.log = self.exception = sink.write


class _Bridge(logging.Handler):
    """Lines of the standard library's loggers."""

    def __init__(self, log: Any) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"logger": record.name}
        if record.exc_info is not None and record.exc_info[1] is not None:
            fields["error"] = type(record.exc_info[1]).__name__
            fields["where"] = frames(record.exc_info[2])
        tell = self._log.error if record.levelno >= logging.ERROR else self._log.warning
        tell(record.getMessage(), **fields)
