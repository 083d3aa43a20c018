"""What surrounds a client while it is tried: a clock that is set by hand, a vault of glass, a
breaker that never opens, and a wire that can be meddled with."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.provider_kit.breaker import Breaker, Ticket
from adapters.provider_kit.remote import Remote
from adapters.provider_kit.simulated_transport import SimulatedTransport
from adapters.provider_kit.transport import NoAnswer, Request, Response, Transport
from domain.ports.clock import Clock
from domain.ports.vault import Vault

START: Final = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)


class HandClock(Clock):
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()

    def pass_(self, **time: float) -> None:
        self.at += timedelta(**time)


class GlassVault(Vault):
    """Seals nothing, but opens only in the context that it was closed in."""

    def seal(self, data: bytes, context: str) -> bytes:
        return context.encode() + b"\0" + data

    def open(self, sealed: bytes, context: str) -> bytes:
        closed_in, _, data = sealed.partition(b"\0")
        assert closed_in == context.encode()
        return data


class Patient(Breaker):
    """Never opens: the suite breaks a provider again and again."""

    def record(self, ticket: Ticket, *, fault: bool) -> None:
        super().record(ticket, fault=False)


Meddle = Callable[[Response], Response]  # may raise NoAnswer


class Wire:
    """The transport under the client. `before` and `after` strike the request of that number
    (0 is the next one); what was sent is remembered."""

    def __init__(self, remote: Remote) -> None:
        self.inner: Transport = SimulatedTransport([remote])
        self.sent: list[Request] = []
        self.waits: list[float] = []  # seconds that each of them was given
        self.before: dict[int, Exception | Response] = {}
        self.after: dict[int, Meddle] = {}

    def quiet(self) -> None:
        self.sent.clear()
        self.waits.clear()
        self.before.clear()
        self.after.clear()

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        number = len(self.sent)
        self.sent.append(request)
        self.waits.append(timeout_s)
        instead = self.before.get(number)
        if isinstance(instead, Response):
            return instead
        if instead is not None:
            raise instead
        answer = await self.inner.send(request, timeout_s=timeout_s)
        meddle = self.after.get(number)
        return meddle(answer) if meddle is not None else answer


def lost(response: Response) -> Response:
    raise NoAnswer("no answer in time", timed_out=True)
