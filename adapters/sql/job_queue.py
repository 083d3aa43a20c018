"""The worker's side of the queue: claims over all tenants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import and_, bindparam, false, func, select, true, update

from adapters.sql import tables as t
from adapters.sql.rows.values import SECOND_US, time, us, words
from adapters.sql.writes import Reads, Row, Store
from domain.ids import JobId, TenantId
from domain.ports.jobs import Job, JobKind, JobQueue

KINDS: Final = words(JobKind)

# One predicate finds what waits and what a dead worker left: run_at is the lease's end too.
# The CTE is evaluated once; a sub-select behind IN may be run again and lock more rows.
_DUE: Final = (
    select(t.jobs.c.id, t.jobs.c.tenant_id)
    .where(t.DUE, t.jobs.c.run_at <= bindparam("now"))
    .order_by(t.jobs.c.run_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
CLAIM: Final = (
    update(t.jobs)
    .values(
        run_at=bindparam("until"),
        leased=true(),
        version=t.jobs.c.version + 1,
        tries=t.jobs.c.tries + 1,
    )
    .where(t.jobs.c.id == _DUE.c.id, t.jobs.c.tenant_id == _DUE.c.tenant_id)
    .returning(
        t.jobs.c.id,
        t.jobs.c.tenant_id,
        t.jobs.c.kind,
        t.jobs.c.run_at,
        t.jobs.c.about,
        t.jobs.c.tries,
        t.jobs.c.failures,
        t.jobs.c.version,
        t.jobs.c.last_error,
    )
)
HURRY: Final = (
    update(t.jobs)
    .values(run_at=bindparam("until"))
    .where(
        and_(
            t.jobs.c.id == bindparam("job_id"),
            t.jobs.c.tenant_id == bindparam("of_tenant"),
            t.DUE,
            t.jobs.c.leased == false(),
            t.jobs.c.run_at > bindparam("until"),
        )
    )
    .returning(t.jobs.c.id)
)
NEXT: Final = select(func.min(t.jobs.c.run_at)).where(t.DUE)

_about: Final = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class SqlJobQueue(JobQueue):
    """Several workers, in several processes, never claim the same job: on PostgreSQL they skip
    each other's locked rows, on SQLite one writes at a time."""

    store: Store
    reads: Reads

    async def claim(self, now: datetime, lease_s: int, limit: int) -> Sequence[Job]:
        moment = us(now)
        values = {"now": moment, "until": moment + lease_s * SECOND_US, "limit": limit}
        return [job_of(row) for row in await self.store.returning(CLAIM, values)]

    async def hurry(self, tenant_id: TenantId, job_id: JobId, run_at: datetime) -> None:
        values: Row = {"of_tenant": tenant_id, "job_id": job_id, "until": us(run_at)}
        await self.store.returning(HURRY, values)

    async def next_due(self) -> datetime | None:
        rows = await self.reads.platform_rows(NEXT, {})
        return time(rows[0][0]) if rows[0][0] is not None else None


def job_of(row: Sequence[Any]) -> Job:
    """From the columns that CLAIM returns."""
    job_id, tenant_id, kind, run_at, about, tries, failures, version, last_error = row
    return Job(
        id=job_id,
        tenant_id=tenant_id,
        kind=KINDS[kind],
        run_at=time(run_at),
        about=_about.decode(about),
        tries=tries,
        failures=failures,
        version=version,
        last_error=last_error,
    )
