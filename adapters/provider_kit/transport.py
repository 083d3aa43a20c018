"""The small port under every provider client: one request out, one answer or a named silence.

Simulators plug in here without sockets; `aiohttp_transport` is the real one. A transport never
retries and never follows a redirect: a hidden second sending would break the outcome classes.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from domain.values import replace

MOST_BODY: Final = 1_048_576  # bytes of an answer that are read; no provider's is near that


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """Header names are as the provider writes them; `url` is absolute. Its repr shows neither
    headers, body nor query: they hold credentials. Connecting may take `connect_s` seconds of its
    time."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    connect_s: float | None = None  # None: the transport's own

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url.partition('?')[0]})"


@dataclass(frozen=True, slots=True)
class Response:
    """Header names are lower case. `body` is complete and at most MOST_BODY bytes."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


class NothingSent(Exception):
    """No byte of the request can have reached the provider (DNS, connect, TLS, pool, breaker)."""


class NoAnswer(Exception):
    """It may have arrived, and no usable answer came back."""

    def __init__(self, reason: str, *, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.timed_out = timed_out


class Transport(Protocol):
    @abstractmethod
    async def send(self, request: Request, *, timeout_s: float) -> Response:
        """Raises NothingSent or NoAnswer, nothing else."""


@dataclass(frozen=True, slots=True)
class Connecting(Transport):
    """A transport whose requests connect within `connect_s`, or were not sent."""

    inner: Transport
    connect_s: float

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        """Raises NothingSent or NoAnswer, nothing else."""
        return await self.inner.send(
            replace(request, connect_s=self.connect_s), timeout_s=timeout_s
        )
