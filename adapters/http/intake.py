"""A request's body, bounded in size and time whatever the server permits."""

import asyncio
from typing import Final

from litestar.types import HTTPReceiveMessage, HTTPScope, Receive

from adapters.http.exchange import Exchange
from adapters.http.problems import Edged

MOST_BODY: Final = 256 * 1024  # bytes: ten times the largest honest request or callback
MOST_PROOF: Final = 2 * 1024 * 1024 + 16 * 1024  # bytes: with a picture in base64
PROOF: Final = "/proof"  # how the path of what takes pictures ends
FIRST_BYTE_S: Final = 5.0  # a client that sends headers has the body at hand
WHOLE_BODY_S: Final = 15.0  # 256 KB at 17 KB/s: slower than any phone network that can pay
BODILESS: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})


class Intake:
    """Wraps ASGI's `receive`. Raises Edged: payload_too_large, request_timeout."""

    __slots__ = ("_first_until", "_most", "_receive", "_size", "_whole_until")

    def __init__(self, receive: Receive, now: float, most: int) -> None:
        self._receive = receive
        self._most = most
        self._size = 0
        self._first_until = now + FIRST_BYTE_S
        self._whole_until = now + WHOLE_BODY_S

    async def __call__(self) -> HTTPReceiveMessage:
        until = self._whole_until if self._size else self._first_until
        try:
            async with asyncio.timeout_at(until):
                message = await self._receive()
        except TimeoutError:
            raise Edged("request_timeout") from None
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            if self._size > self._most:
                raise _too_large(self._most)
        return message  # type: ignore[return-value]  # websockets don't come through here


def guarded(scope: HTTPScope, exchange: Exchange, receive: Receive) -> Receive:
    """`receive` with the limits, where a body is announced.

    Raises Edged at once for a body that is not allowed or announces to be too large.
    """
    if not exchange.has_body:
        return receive
    if scope["method"] in BODILESS:
        raise Edged("body_not_allowed")
    most = MOST_PROOF if exchange.path.endswith(PROOF) else MOST_BODY
    if exchange.declared_size > most:
        raise _too_large(most)
    return Intake(receive, asyncio.get_running_loop().time(), most)


def _too_large(most: int) -> Edged:
    return Edged("payload_too_large", f"Send at most {most // 1024} KB.")


async def whole_body(receive: Receive) -> bytes:
    """All of it. Raises Edged when the client went away."""
    message = await receive()
    parts: list[bytes] = []
    while message["type"] == "http.request":
        body = message.get("body", b"")
        if not message.get("more_body", False):
            return b"".join((*parts, body)) if parts else body
        parts.append(body)
        message = await receive()
    raise Edged("bad_request", "The connection was closed before the body was complete.")
