"""How accounts' attempts went, by hour, as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.values import time, time_or_none, us, us_or_none
from adapters.sql.writes import GuardedUpdate, Insert, Reads, Row
from domain.errors import Conflict, DuplicateKey
from domain.ids import AccountId
from domain.ports.track_records import Hour, TrackBoard, TrackRecords

KNOWN: Final[dict[str, type[Conflict]]] = {"pk_account_hours": DuplicateKey}

_hours: Final = t.account_hours.c
_COLUMNS: Final = (
    _hours.account_id,
    _hours.tenant_id,
    _hours.provider,
    _hours.hour,
    _hours.finished,
    _hours.successes,
    _hours.answers,
    _hours.waited_ms,
    _hours.last_success_at,
    _hours.last_failure_at,
    _hours.changed_at,
    _hours.version,
)
SLOT: Final = select(*_COLUMNS).where(
    _hours.account_id == bindparam("account_id"),
    _hours.slot == bindparam("slot"),
    _hours.tenant_id == bindparam("tenant_id"),
)
CHANGED: Final = (
    select(*_COLUMNS)
    .where(_hours.changed_at >= bindparam("since"))
    .order_by(_hours.changed_at)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class SqlTrackRecords(TrackRecords):
    draft: Draft

    async def slot(self, account_id: AccountId, slot: int) -> Hour | None:
        rows = await self.draft.rows(SLOT, account_id=account_id, slot=slot)
        return _hour(rows[0]) if rows else None

    def put(self, hour: Hour) -> None:
        if hour.tenant_id != self.draft.tenant_id:
            raise ValueError(f"account {hour.account_id} is another tenant's")
        key: Row = {"account_id": hour.account_id, "slot": hour.slot}
        values: Row = {
            "provider": hour.provider,
            "hour": hour.number,
            "finished": hour.finished,
            "successes": hour.successes,
            "answers": hour.answers,
            "waited_ms": hour.waited_ms,
            "last_success_at": us_or_none(hour.last_success_at),
            "last_failure_at": us_or_none(hour.last_failure_at),
            "changed_at": us(hour.changed_at),
        }
        if hour.version:
            self.draft.collect(GuardedUpdate(t.account_hours, key, hour.version, values))
        else:
            self.draft.collect(Insert(t.account_hours, {**key, **values, "version": 1}, KNOWN))


@dataclass(frozen=True, slots=True)
class SqlTrackBoard(TrackBoard):
    reads: Reads

    async def changed(self, since: datetime, limit: int) -> Sequence[Hour]:
        rows = await self.reads.platform_rows(CHANGED, {"since": us(since), "limit": limit})
        return [_hour(row) for row in rows]


def _hour(row: Sequence[Any]) -> Hour:
    """From the columns of a look."""
    (
        account_id, tenant_id, provider, hour, finished, successes, answers, waited_ms,
        last_success_at, last_failure_at, changed_at, version,
    ) = row  # fmt: skip
    return Hour(
        account_id=account_id,
        tenant_id=tenant_id,
        provider=provider,
        number=hour,
        finished=finished,
        successes=successes,
        answers=answers,
        waited_ms=waited_ms,
        last_success_at=time_or_none(last_success_at),
        last_failure_at=time_or_none(last_failure_at),
        changed_at=time(changed_at),
        version=version,
    )
