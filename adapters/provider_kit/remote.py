"""A company as the outside world meets it: its simulator, behind the faults in force."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from adapters.provider_kit.faults import Do, Faults, On
from adapters.provider_kit.simulator import Outgoing, Simulator
from adapters.provider_kit.transport import Request, Response

BROKEN: Final = Response(
    503,
    {"content-type": "text/html"},
    b"<html><head><title>503 Service Temporarily Unavailable</title></head></html>",
)
EMPTY: Final = Response(503)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What the caller sees: nothing at all (`refused`), silence that ends after `after_s`
    (`response` None), or an answer that comes after `after_s`."""

    response: Response | None
    after_s: float = 0.0
    refused: bool = False


class Remote:
    """Faults are put around the simulator, never inside: it stays honest to its own books."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.faults = Faults()
        self._late: list[Outgoing] = []  # struck already: they go out as they are

    @property
    def name(self) -> str:
        return self.simulator.name

    async def react(self, request: Request) -> Reaction:
        """The company, or the fault that struck, answers."""
        if self.faults.outage:
            return Reaction(None, refused=True)
        rule = self.faults.strike(self.simulator.operation(request))
        if rule is None:
            return Reaction(await self.simulator.handle(request))
        if rule.do is Do.TIMEOUT_BEFORE:
            return Reaction(None, rule.lasts_s)
        if rule.do is Do.ERROR_BEFORE:
            return Reaction(EMPTY)
        response = await self.simulator.handle(request)
        match rule.do:
            case Do.TIMEOUT_AFTER:
                return Reaction(None, rule.lasts_s)
            case Do.ERROR_AFTER:
                return Reaction(BROKEN)
        return Reaction(response, rule.lasts_s)

    def take_due(self, now: datetime) -> list[Outgoing]:
        """The callbacks that leave now, in this order. A company that is down sends none."""
        if self.faults.outage:
            return []
        late = [one for one in self._late if one.due_at <= now]
        self._late = [one for one in self._late if one.due_at > now]
        return late + self._treated(self.simulator.take_due(now), now)

    def next_due(self) -> datetime | None:
        """When the next callback is due; None when none is."""
        return min((one.due_at for one in (*self._late, *self.simulator.outgoing)), default=None)

    def again(self, outgoing: Outgoing, due_at: datetime) -> None:
        """Nobody took it: it leaves again then, whatever the script says."""
        self._late.append(replace(outgoing, due_at=due_at, tries=outgoing.tries + 1))

    def _treated(self, due: Sequence[Outgoing], now: datetime) -> list[Outgoing]:
        leaving: list[Outgoing] = []
        overtaken: list[Outgoing] = []
        for one in due:
            rule = self.faults.strike(On.CALLBACK, one.about)
            if rule is None:
                leaving.append(one)
            elif rule.do is Do.DUPLICATE:
                leaving += [one, one]
            elif rule.do is Do.FORGE:
                lie = self.simulator.wrong_amount(one)
                leaving += [replace(lie, headers=one.headers), one]
            elif rule.do is Do.WRONG_AMOUNT:
                leaving.append(self.simulator.wrong_amount(one))
            elif rule.do is Do.DELAY:
                self._late.append(replace(one, due_at=now + timedelta(seconds=rule.lasts_s)))
            elif rule.do is Do.REORDER and len(due) > 1:
                overtaken.insert(0, one)
            elif rule.do is Do.REORDER:  # it waits for one to overtake it
                self._late.append(replace(one, due_at=now + timedelta(seconds=rule.lasts_s)))
        return leaving + overtaken
