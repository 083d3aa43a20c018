"""What the writing of groups counts. Plain numbers: telemetry reads them when it is asked."""

from dataclasses import dataclass, field
from typing import Final

GROUP: Final = 64  # units in one transaction; more gains little and delays the first of them


@dataclass(slots=True)
class Counters:
    """Since start, except `waiting`. Written by the loop's thread and the writer's."""

    sizes: list[int] = field(default_factory=lambda: [0] * (GROUP + 1))  # groups, by their size
    replays: int = 0  # attempts after the first to write (a part of) a group
    reconnects: int = 0  # groups tried again because the connection was lost before COMMIT
    refused: int = 0  # units turned away because too many waited
    unknown: int = 0  # units whose outcome nobody knows: alert on any
    waiting: int = 0  # units waiting now

    @property
    def groups(self) -> int:
        return sum(self.sizes)

    @property
    def units(self) -> int:
        """Units written or refused by the database."""
        return sum(size * groups for size, groups in enumerate(self.sizes))
