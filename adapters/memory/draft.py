"""What a unit has collected, and how a commit checks and applies it."""

from enum import Enum, auto
from typing import Any, Final, Generic, TypeVar

from adapters.memory.database import MemoryDatabase, Shelf
from domain.errors import DuplicateKey, Rejected, StaleVersion


class Expected(Enum):
    """What must be under a key, when it is not a certain version."""

    NOTHING = auto()
    ANYTHING = auto()


NOTHING: Final = Expected.NOTHING
ANYTHING: Final = Expected.ANYTHING

V = TypeVar("V")


class Write(Generic[V]):
    """A value to be put under a key of a table. Kinds of values with indexes extend it."""

    __slots__ = ("expected", "key", "table", "value")

    def __init__(self, table: dict[Any, V], key: Any, value: V, expected: int | Expected) -> None:
        self.table, self.key, self.value, self.expected = table, key, value, expected

    def check(self) -> None:
        """Raises DuplicateKey, StaleVersion, or what else forbids the value."""
        expected = self.expected
        if expected is NOTHING:
            if self.key in self.table:
                raise DuplicateKey(f"{self.key} is in use")
        elif expected is not ANYTHING:
            found: Any = self.table.get(self.key)
            if found is None or found.version != expected:
                raise StaleVersion(f"{self.key} was changed by somebody else, or is not here")

    def apply(self) -> None:
        """After every write of the unit was checked."""
        self.table[self.key] = self.value


class Draft:
    """One tenant's committed rows, and the writes collected so far."""

    __slots__ = ("database", "over", "rings", "shelf", "writes")

    def __init__(self, database: MemoryDatabase, shelf: Shelf) -> None:
        self.database, self.shelf = database, shelf
        self.writes: list[Write[Any]] = []
        self.over = False
        self.rings = False  # whether there will be urgent work

    def collect(self, write: Write[Any]) -> None:
        if self.over:
            raise RuntimeError("this unit is over; open another")
        self.writes.append(write)

    def finish(self) -> list[Write[Any]]:
        """What was collected, once; empty if the unit was over already."""
        writes, self.over, self.writes = self.writes, True, []
        return writes


def store(writes: list[Write[Any]]) -> None:
    """All of it, or an error and nothing."""
    seen = set()
    for write in writes:
        write.check()
        row = (id(write.table), write.key)
        if row in seen:
            if write.expected is NOTHING:
                raise DuplicateKey(f"{write.key} is added twice")
            raise Rejected(f"{write.key} is named twice in one unit")
        seen.add(row)
    for write in writes:
        write.apply()
