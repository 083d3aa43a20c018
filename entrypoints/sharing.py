"""What a process learns of accounts' health is told to the others, and theirs learned: always a
little late, and never in a payment's way."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog
from dishka import Provider, Scope, provide

from adapters.provider_kit.breaker import Breaker
from adapters.provider_kit.shared_breaker import SharedBreaker
from adapters.sql.database import Database
from domain.errors import CommitUnknown, NotStored
from domain.ports.circuits import CircuitBoard
from domain.ports.clock import Clock
from domain.ports.health import AccountsHealth
from domain.ports.track_records import TrackBoard
from domain.ports.unit_of_work import Units

LOOK_S: Final = 1.0
RECORDS: Final = 5  # looks between two at the records
LOST_S: Final = 5.0  # a look that takes longer is given up; the next is a second later

log = structlog.get_logger("cauri.sharing")


@dataclass(frozen=True, slots=True)
class Sharing:
    breaker: SharedBreaker

    async def __call__(self, stop: asyncio.Event) -> None:
        """Until `stop` is set, and then once more, so that nothing counted is lost."""
        looks, well = 0, True
        while True:
            last = stop.is_set()
            told = await self._look(records=last or looks % RECORDS == 0)
            if well and told is not None:
                log.warning("sharing.lost", error=told)
            looks, well = looks + 1, told is None
            if last:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await stop.wait()

    async def _look(self, *, records: bool) -> str | None:
        """What went wrong; None when nothing did. Whatever it is, this process goes on alone."""
        try:
            async with asyncio.timeout(LOST_S):
                await self.breaker.look()
                if records:
                    await self.breaker.record_of.look()
        except (NotStored, CommitUnknown, TimeoutError) as error:
            return repr(error)[:300]
        except Exception as error:
            log.error("sharing.failed", error=repr(error)[:300])
            return None
        return None


class Shared(Provider):
    """What all processes know of accounts' health."""

    scope = Scope.APP
    sharing = provide(Sharing)

    @provide
    def circuits(self, database: Database) -> CircuitBoard:
        return database.circuit_board

    @provide
    def tracks(self, database: Database) -> TrackBoard:
        return database.track_board

    @provide
    def shared_breaker(
        self, clock: Clock, units: Units, circuits: CircuitBoard, tracks: TrackBoard
    ) -> SharedBreaker:
        return SharedBreaker(clock, units, circuits, tracks)

    @provide
    def breaker(self, shared: SharedBreaker) -> Breaker:
        return shared

    @provide
    def health(self, shared: SharedBreaker) -> AccountsHealth:
        return shared
