"""The worker's side of the queue: claims over all tenants."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, false, func, literal_column, select, update

from adapters.sql import tables as t
from adapters.sql.job_claims import CLAIM, FAIR, FURTHEST_US, KNOWN, MOVED, TENANTS
from adapters.sql.rows.job import job_of
from adapters.sql.rows.values import SECOND_US, time, us
from adapters.sql.writes import Reads, Row, Store
from domain.ids import JobId, TenantId
from domain.ports.jobs import PLATFORM, Job, JobQueue, QueueDepth

MOST_COUNTED: Final = 100_000

_jobs: Final = t.jobs.c
_MINE: Final = (_jobs.id == bindparam("job_id"), _jobs.tenant_id == bindparam("of_tenant"), t.DUE)
EXTEND: Final = (
    update(t.jobs)
    .values(**MOVED, crashes=_jobs.crashes + bindparam("crashes"))
    .where(*_MINE, _jobs.leased, _jobs.version == bindparam("held"))
    .returning(_jobs.id)
)
HURRY: Final = (
    update(t.jobs)
    .values(**MOVED)
    .where(*_MINE, _jobs.leased == false(), _jobs.run_at > bindparam("until"))
    .returning(_jobs.id)
)
# What is due first stands behind others by FURTHEST at most, so it is found near the first rank.
_FIRST: Final = select(func.min(_jobs.rank_at)).where(t.DUE).scalar_subquery()
NEXT: Final = select(func.min(_jobs.run_at)).where(t.DUE, _jobs.rank_at <= _FIRST + FURTHEST_US)
LAST: Final = select(func.max(_jobs.id)).where(
    _jobs.id >= bindparam("prefix"),
    _jobs.id < bindparam("end"),
    _jobs.tenant_id == bindparam("of_tenant"),
)
_UNTOUCHED: Final = (
    select(_jobs.run_at)
    .where(
        t.DUE,
        KNOWN,
        _jobs.rank_at <= bindparam("horizon"),
        _jobs.run_at <= bindparam("now"),
        _jobs.leased == false(),
    )
    .order_by(_jobs.rank_at)
    .limit(MOST_COUNTED)
    .subquery("untouched")
)
_DEAD: Final = (
    select(_jobs.run_at)
    .where(t.OVER, _jobs.state == literal_column("'dead'"))
    .limit(MOST_COUNTED)
    .subquery("dead")
)
DEPTH: Final = select(
    select(func.count()).select_from(_UNTOUCHED).scalar_subquery(),
    select(func.min(_UNTOUCHED.c.run_at)).scalar_subquery(),
    select(func.count()).select_from(_DEAD).scalar_subquery(),
)


@dataclass(slots=True)
class SqlJobQueue(JobQueue):
    """Several workers, in several processes, never claim the same job: on PostgreSQL they skip
    each other's locked rows, on SQLite one writes at a time."""

    store: Store
    reads: Reads
    _served: str = field(default="", init=False)  # the tenant where the last fair claim ended

    async def claim(
        self,
        now: datetime,
        lease_s: int,
        limit: int,
        *,
        fair: bool = False,
        but: Collection[TenantId] = (),
    ) -> Sequence[Job]:
        moment = us(now)
        values: Row = {
            "now": moment,
            "horizon": moment + FURTHEST_US,
            "until": moment + lease_s * SECOND_US,
            "limit": limit,
        }
        if not fair and not but:
            return [job_of(row) for row in await self.store.returning(CLAIM, values)]
        none = f",{','.join(but)},"
        rows = await self.store.returning(FAIR, {**values, "served": self._served, "but": none})
        if rows:
            *_, taken, last_taken, walked, last_walked = rows[0]
            ended = last_taken if taken >= limit else last_walked if walked >= TENANTS else ""
            self._served = ended
        return [job_of(row) for row in rows]

    async def extend(self, job: Job, until: datetime, *, alone: bool = False) -> bool:
        values: Row = {
            "job_id": job.id,
            "of_tenant": job.tenant_id,
            "held": job.version,
            "until": us(until),
            "crashes": int(alone),
        }
        return bool(await self.store.returning(EXTEND, values))

    async def hurry(self, tenant_id: TenantId, job_id: JobId, run_at: datetime) -> None:
        values: Row = {"of_tenant": tenant_id, "job_id": job_id, "until": us(run_at)}
        await self.store.returning(HURRY, values)

    async def next_due(self) -> datetime | None:
        rows = await self.reads.platform_rows(NEXT, {})
        return time(rows[0][0]) if rows[0][0] is not None else None

    async def last_of(self, prefix: str) -> JobId | None:
        end = f"{prefix[:-1]};"  # the sign after the colon
        values: Row = {"prefix": prefix, "end": end, "of_tenant": PLATFORM}
        rows = await self.reads.platform_rows(LAST, values)
        return rows[0][0] if rows[0][0] is not None else None

    async def depth(self, now: datetime) -> QueueDepth:
        moment = us(now)
        values: Row = {"now": moment, "horizon": moment + FURTHEST_US}
        ((due, oldest, dead),) = await self.reads.platform_rows(DEPTH, values)
        waits_s = (moment - oldest) / SECOND_US if oldest is not None else 0.0
        return QueueDepth(due=due, dead=dead, oldest_due_s=waits_s)
