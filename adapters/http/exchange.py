"""One request and its answer: the facts the edge needs, gathered in a single pass over headers."""

import re
from collections.abc import Callable
from typing import Any, Final, cast

from litestar.types import Scope

SCOPE_KEY: Final = "cauri"
CORRELATION_ID: Final = re.compile(rb"[A-Za-z0-9._~:/+=@-]{1,128}")
TRACEPARENT: Final = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")
NO_TRACE: Final = b"0" * 32

_KEPT: Final = frozenset(
    {
        b"authorization",
        b"x-api-key",
        b"x-correlation-id",
        b"traceparent",
        b"idempotency-key",
        b"content-type",
        b"content-length",
        b"content-encoding",
        b"transfer-encoding",
    }
)


class Exchange:
    """Lives as long as its request. What the guard learns is written here, for log and metrics."""

    __slots__ = (
        "answer_headers",
        "correlation_id",
        "headers",
        "key_id",
        "path",
        "started",
        "status",
        "tenant_id",
    )

    def __init__(self, scope: Scope, started: float, new_id: Callable[[], str]) -> None:
        self.headers = {name: value for name, value in scope["headers"] if name in _KEPT}
        self.started = started
        self.path: str = scope["path"]
        self.status = 0
        self.tenant_id: str | None = None
        self.key_id: str | None = None
        self.answer_headers: tuple[tuple[bytes, bytes], ...] = ()  # added to whatever is answered
        self.correlation_id = _correlation(self.headers) or new_id()

    @property
    def has_body(self) -> bool:
        """Whether the request announces a body; "0" announces none."""
        headers = self.headers
        length = headers.get(b"content-length")
        return b"transfer-encoding" in headers or (length is not None and length != b"0")

    @property
    def declared_size(self) -> int:
        """The body's announced size in bytes; 0 when none is announced."""
        text = self.headers.get(b"content-length", b"0")
        return int(text) if text.isdigit() and len(text) < 19 else 0


def exchange_of(scope: Scope) -> Exchange:
    """The exchange that the edge attached."""
    return cast("Exchange", cast("dict[str, Any]", scope)[SCOPE_KEY])


def _correlation(headers: dict[bytes, bytes]) -> str | None:
    """What the client calls this work: X-Correlation-ID, else the trace id of traceparent."""
    given = headers.get(b"x-correlation-id")
    if given is not None and CORRELATION_ID.fullmatch(given):
        return given.decode()
    parent = headers.get(b"traceparent")
    if parent is not None and (found := TRACEPARENT.fullmatch(parent)) and found[1] != NO_TRACE:
        return found[1].decode()
    return None
