"""What the repositories of one unit of work share."""

from collections.abc import Sequence

from sqlalchemy.sql.base import Executable

from adapters.sql.writes import Reads, Record, Value, Write, WriteSet, checked


class Draft:
    """One tenant's committed rows, and the writes collected so far.

    Raises ValueError for a tenant id that is not 1 to 64 letters, digits or underscores.
    """

    __slots__ = ("_over", "_reads", "_writes", "rings", "tenant_id")

    def __init__(self, tenant_id: str, reads: Reads) -> None:
        self.tenant_id, self._reads = checked(tenant_id), reads
        self._writes: list[Write] = []
        self._over = False
        self.rings = False  # whether there will be urgent work

    async def rows(self, statement: Executable, **values: Value) -> Sequence[Record]:
        """What was committed before this read began, and nothing of this unit."""
        return await self._reads.rows(self.tenant_id, statement, values)

    def collect(self, *writes: Write) -> None:
        """Nothing is sent yet, and no read of this unit sees it."""
        if self._over:
            raise RuntimeError("this unit is over; open another")
        self._writes.extend(writes)

    def drop(self) -> None:
        """The unit is over; what was collected and not finished is forgotten."""
        self._over, self._writes = True, []

    def finish(self) -> WriteSet:
        """What was collected, once; empty if the unit was over already."""
        unit, self._over, self._writes = WriteSet(self.tenant_id, self._writes), True, []
        return unit
