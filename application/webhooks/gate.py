"""How many calls to one endpoint are under way at a time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.ids import EndpointId

CALLS: Final = 4  # at one endpoint, from this process
LANES: Final = 4096  # endpoints remembered; idle ones are forgotten first
SLOWEST: Final = timedelta(milliseconds=250)  # between two turns: a look costs little
QUICKEST: Final = timedelta(milliseconds=5)
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Lane:
    running: int = 0
    pace: timedelta = QUICKEST  # in which turns come free, by the last call
    turn: datetime = LONG_AGO  # the last one given out
    paused_until: datetime = LONG_AGO


@dataclass(slots=True)
class Gate:
    """A slow endpoint fills its lane and no worker's slots: whoever finds it full is told when to
    come again, each a little later than the last. What is forgotten with the process is only who
    waits for whom."""

    lanes: dict[EndpointId, Lane] = field(default_factory=dict)

    def enter(self, endpoint_id: EndpointId, now: datetime) -> datetime | None:
        """None: go on, and leave() afterwards. Else when to come again."""
        lane = self._lane(endpoint_id, now)
        if now >= lane.paused_until and lane.running < CALLS:
            lane.running += 1
            return None
        lane.turn = max(lane.turn, lane.paused_until, now) + lane.pace
        return lane.turn

    def leave(self, endpoint_id: EndpointId, ms: int) -> None:
        """The call is over, after so many milliseconds."""
        lane = self.lanes[endpoint_id]
        lane.running -= 1
        lane.pace = min(max(timedelta(milliseconds=ms) / CALLS, QUICKEST), SLOWEST)

    def pause(self, endpoint_id: EndpointId, until: datetime) -> None:
        """It asked for patience."""
        if (lane := self.lanes.get(endpoint_id)) is not None:
            lane.paused_until = max(lane.paused_until, until)

    def _lane(self, endpoint_id: EndpointId, now: datetime) -> Lane:
        if (lane := self.lanes.get(endpoint_id)) is None:
            if len(self.lanes) >= LANES:
                self.lanes = {name: one for name, one in self.lanes.items() if _busy(one, now)}
            lane = self.lanes[endpoint_id] = Lane()
        return lane


def _busy(lane: Lane, now: datetime) -> bool:
    return lane.running > 0 or max(lane.turn, lane.paused_until) > now
