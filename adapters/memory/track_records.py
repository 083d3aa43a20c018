"""How accounts' attempts went, by hour, in a dict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.memory.database import MemoryDatabase
from adapters.memory.draft import NOTHING, Draft, Write
from domain.ids import AccountId
from domain.ports.track_records import Hour, TrackBoard, TrackRecords
from domain.values import replace


class MemoryTrackRecords(TrackRecords):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    async def slot(self, account_id: AccountId, slot: int) -> Hour | None:
        return self._draft.shelf.hours.get((account_id, slot))

    def put(self, hour: Hour) -> None:
        if hour.tenant_id != self._draft.shelf.tenant_id:
            raise ValueError(f"account {hour.account_id} is another tenant's")
        stored = replace(hour, version=hour.version + 1)
        key, expected = (hour.account_id, hour.slot), hour.version or NOTHING
        self._draft.collect(Write(self._draft.shelf.hours, key, stored, expected))


@dataclass(frozen=True, slots=True)
class MemoryTrackBoard(TrackBoard):
    database: MemoryDatabase

    async def changed(self, since: datetime, limit: int) -> Sequence[Hour]:
        shelves = self.database.shelves.values()
        hours = [one for shelf in shelves for one in shelf.hours.values()]
        found = [one for one in hours if one.changed_at >= since]
        return sorted(found, key=lambda one: one.changed_at)[:limit]
