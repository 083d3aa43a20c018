"""What the tests of provider folders share: a clock that is set by hand, and wires that keep what
went over them. A folder's own `scene.py` puts its client and simulator among them."""

from datetime import datetime, timedelta

import msgspec

from adapters.provider_kit.transport import Request, Response, Transport
from domain.ports.clock import Clock


class StillClock(Clock):
    """Moves when a test says so."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def pass_(self, **time: float) -> None:
        """By `seconds`, `minutes`, `hours`, `days`."""
        self.at += timedelta(**time)


class Recorded(Transport):
    """Answers what it is told, in order, and keeps what it was asked and how long it had."""

    def __init__(self, *answers: Response | Exception | tuple[int, object]) -> None:
        self.asked: list[Request] = []
        self.given_s: list[float] = []
        self._answers = list(answers)

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        """Raises what it was told to raise."""
        self.asked.append(request)
        self.given_s.append(timeout_s)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answered(*answer) if isinstance(answer, tuple) else answer


class Tapped(Transport):
    """Lets everything through, and keeps it."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.asked: list[Request] = []

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        self.asked.append(request)
        return await self.inner.send(request, timeout_s=timeout_s)


def answered(status: int, body: object) -> Response:
    """In JSON."""
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))
