"""Where merchants hear of events: endpoints that are away for hours, or forget to answer."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from domain.ids import TenantId
from domain.ports.post import NotPosted, Post, Posted
from entrypoints.simulation.laws import Laws
from entrypoints.simulation.stored import Storage
from entrypoints.simulation.world import World

POST: Final = ("post_lost", "post_answer_lost", "post_error")


@dataclass(slots=True)
class Listener:
    """One endpoint. `heard` has each event once, in the order in which it was heard first."""

    tenant_id: TenantId
    heard: dict[str, bytes] = field(default_factory=dict)
    copies: int = 0
    away: tuple[float, float] = (0.0, 0.0)  # from, to


class Listeners(Post):
    """Each tenant's endpoint has an address of its own."""

    def __init__(self, world: World, laws: Laws) -> None:
        self._world, self._laws = world, laws
        self.at: dict[str, Listener] = {}

    def open(self, name: str, tenant_id: TenantId) -> str:
        """The address of a tenant's endpoint."""
        url = f"https://{name}.example/events"
        self.at[url] = Listener(tenant_id)
        return url

    def weather(self) -> None:
        """An endpoint may be away for hours."""
        world = self._world
        for url, listener in self.at.items():
            if world.faults.pick(f"weather/{url}", "merchant_away"):
                begins_s = world.loop.time() + 3600 * world.chance(f"away/{url}")
                lasts_s = 12 * 3600 * world.chance(f"away/{url}") ** 2
                listener.away = begins_s, begins_s + lasts_s

    async def check(self, url: str) -> None:
        return None

    async def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, *, timeout_s: float
    ) -> Posted | NotPosted:
        """What is sent arrives although the sender may be dead by then."""
        world, listener = self._world, self.at[url]
        event_id = headers["webhook-id"]
        fault = world.faults.pick(f"post/{world.names(event_id)}", *POST)
        out_s = 0.01 + 0.2 * world.chance.luck(f"post/{url}")
        if fault == "post_lost" or listener.away[0] <= world.loop.time() < listener.away[1]:
            await world.sleep(out_s)
            return NotPosted("connection refused", 10)
        answer: asyncio.Future[Posted | NotPosted] = world.loop.create_future()
        world.later(out_s, self._arrive, listener, (event_id, body, fault), answer)
        silence = NotPosted("no answer in time", int(timeout_s * 1000))
        patience = world.loop.call_later(timeout_s, _answers, answer, silence)
        try:
            return await answer
        finally:
            patience.cancel()

    def _arrive(
        self,
        listener: Listener,
        what: tuple[str, bytes, str],
        answer: "asyncio.Future[Posted | NotPosted]",
    ) -> None:
        event_id, body, fault = what
        known = listener.heard.setdefault(event_id, body)
        listener.copies += 1
        self._laws.law(known == body, "the same event, the same bytes", event_id)
        if fault != "post_answer_lost":
            _answers(answer, Posted(500 if fault == "post_error" else 204, 30))

    def at_the_end(self, storage: Storage) -> None:
        """Every event of the feed was heard, and the feed has no gap."""
        for listener in self.at.values():
            law, numbers = self._laws.law, dict[int, str]()
            for event_id, body in listener.heard.items():
                told: Any = msgspec.json.decode(body)
                law(told["id"] == event_id, "the same event, the same bytes", event_id)
                law(told["number"] not in numbers, "a number is given once", event_id)
                numbers[told["number"]] = event_id
            stored = storage.feed(listener.tenant_id)
            expected = list(range(1, len(stored) + 1))
            law(sorted(stored) == expected, "the feed has no gap", f"{listener.tenant_id} {stored}")
            for number, event_id in stored.items():
                heard = numbers.get(number) == event_id
                law(heard, "every event is delivered", f"{event_id} number {number}")
            law(
                len(numbers) == len(stored),
                "nothing is told that is not stored",
                listener.tenant_id,
            )


def _answers(answer: "asyncio.Future[Posted | NotPosted]", what: Posted | NotPosted) -> None:
    if not answer.done():
        answer.set_result(what)
