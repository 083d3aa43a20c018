"""Carries the simulators' callbacks, and tries again as each company does.

This is a simulator: it calls this machine only, whatever address it was given, so a mistyped
callback URL can't send made-up payments to a stranger.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from random import Random
from typing import Final
from urllib.parse import urlsplit

from adapters.provider_kit.remote import Remote
from adapters.provider_kit.simulator import Outgoing
from adapters.provider_kit.transport import NoAnswer, NothingSent, Request, Response, Transport
from domain.ports.clock import Clock

TIMEOUT_S: Final = 10.0
AT_ONCE: Final = 32  # callbacks in flight; those about one charge keep their order
LISTED: Final = 200  # per company
LONGEST_WAIT_S: Final = 1.0  # a callback may become due by a clock that was set
JITTER: Final = 0.2


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try. `status` is HTTP's; None when nobody answered. `problem` is for people."""

    about: str
    url: str
    at: datetime
    status: int | None
    tries: int
    problem: str = ""


class Courier:
    """`also` names hosts besides this machine that may be called, as in a composed network."""

    def __init__(
        self,
        remotes: Iterable[Remote],
        transport: Transport,
        clock: Clock,
        random: Random,
        also: frozenset[str] = frozenset(),
    ) -> None:
        self._remotes = tuple(remotes)
        self._transport = transport
        self._clock = clock
        self._random = random
        self._also = also
        self._bell = asyncio.Event()
        self.delivered: dict[str, deque[Delivery]] = {
            remote.name: deque(maxlen=LISTED) for remote in self._remotes
        }

    def ring(self) -> None:
        """Something may be due."""
        self._bell.set()

    async def run(self) -> None:
        """Until canceled."""
        while True:
            self._bell.clear()
            await self.deliver_due()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._wait_s()):
                    await self._bell.wait()

    async def deliver_due(self) -> int:
        """Everything that is due now; how many were carried."""
        now = self._clock.now()
        lines: dict[tuple[str, str], list[Outgoing]] = {}
        for remote in self._remotes:
            for one in remote.take_due(now):
                lines.setdefault((remote.name, one.about), []).append(one)
        remotes = {remote.name: remote for remote in self._remotes}
        places = asyncio.Semaphore(AT_ONCE)

        async def carry(name: str, line: list[Outgoing]) -> None:
            async with places:
                for one in line:
                    await self._carry(remotes[name], one)

        await asyncio.gather(*(carry(name, line) for (name, _), line in lines.items()))
        return sum(map(len, lines.values()))

    async def _carry(self, remote: Remote, one: Outgoing) -> None:
        answer, problem = await self._call(one)
        tries = one.tries + 1
        now = self._clock.now()
        taken = answer is not None and remote.simulator.takes(answer)
        status = answer.status if answer is not None else None
        if status is not None and status < 300 and not taken:
            problem = "not the answer that the company waits for"
        self.delivered[remote.name].appendleft(
            Delivery(one.about, one.url, now, status, tries, problem)
        )
        if not taken and one.tries < len(remote.simulator.callback_retries_s):
            pause_s = remote.simulator.callback_retries_s[one.tries]
            pause_s *= self._random.uniform(1 - JITTER, 1 + JITTER)
            remote.again(one, now + timedelta(seconds=pause_s))

    async def _call(self, one: Outgoing) -> tuple[Response | None, str]:
        if not self._is_here(one.url):
            return None, "not called: a simulator calls this machine only"
        request = Request(one.method, one.url, one.headers, one.body)
        try:
            answer = await self._transport.send(request, timeout_s=TIMEOUT_S)
        except NothingSent:
            return None, "nobody listens there"
        except NoAnswer:
            return None, "no answer"
        return answer, ""

    def _is_here(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return False
        if parts.scheme not in ("http", "https"):
            return False
        if host in ("localhost", *self._also):
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False

    def _wait_s(self) -> float:
        due = [at for remote in self._remotes if (at := remote.next_due()) is not None]
        if not due:
            return LONGEST_WAIT_S
        return min(LONGEST_WAIT_S, max(0.01, (min(due) - self._clock.now()).total_seconds()))
