"""What a run is, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from entrypoints.simulation.cast import PAIR
from entrypoints.simulation.chance import HEAVY, LIGHT

ORDERS: Final = 20  # payments of one run: enough to meet each other, few enough to be told
FAULTS: Final[Mapping[str, Mapping[str, float]]] = {"light": LIGHT, "heavy": HEAVY}


@dataclass(frozen=True, slots=True)
class Plan:
    """All that may differ between two runs: two runs of one plan are the same, byte for byte."""

    seed: int
    payments: tuple[int, ...] = tuple(range(ORDERS))
    rates: Mapping[str, float] = field(default_factory=lambda: LIGHT)
    muted: frozenset[str] = frozenset()  # faults that are not to strike: how a run is shrunk
    providers: tuple[str, ...] = PAIR  # of many, each run has a seeded few
    processes: int = 2
    crash_at: int = 0  # kill the first process at exactly this step; 0: as the seed has it
    gone: bool = False  # no merchant ever repeats a request
    sqlite: bool = False
    always: bool = True  # False: judge by the final books alone


@dataclass(frozen=True, slots=True)
class Result:
    """`broken` is empty when every law held. The first one is what broke; others may follow."""

    broken: tuple[str, ...]
    digest: str
    steps: int
    fired: tuple[str, ...]
    trace: tuple[str, ...]
    statuses: Mapping[str, int]
    refunds: Mapping[str, int]
    surpluses: int
    kills: int

    @property
    def law(self) -> str:
        return self.broken[0].partition(": ")[0] if self.broken else ""
