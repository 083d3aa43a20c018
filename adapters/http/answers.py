"""An answer that is bytes already: no serialisation, no copies, two messages."""

from typing import Any, Final

import msgspec
from litestar.types import Receive, Scope, Send

JSON: Final = (b"content-type", b"application/json")
PROBLEM: Final = (b"content-type", b"application/problem+json")

Headers = tuple[tuple[bytes, bytes], ...]

_encode: Final = msgspec.json.Encoder().encode


class Ready:
    """An ASGI application that answers one request."""

    __slots__ = ("body", "headers", "kind", "status")

    def __init__(
        self,
        body: bytes,
        status: int = 200,
        kind: tuple[bytes, bytes] = JSON,
        headers: Headers = (),
    ) -> None:
        self.body = body
        self.status = status
        self.kind = kind
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = self.body
        length = (b"content-length", b"%d" % len(body))
        await send(
            {
                "type": "http.response.start",
                "status": self.status,
                "headers": [self.kind, length, *self.headers],
            }
        )
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def to_asgi_response(self, **_: Any) -> "Ready":
        """What Litestar asks of the answer of an exception handler."""
        return self


def encoded(reply: msgspec.Struct, status: int = 200) -> Ready:
    """The reply as JSON."""
    return Ready(_encode(reply), status)
