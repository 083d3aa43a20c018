"""The queue as people see it."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    Select,
    bindparam,
    delete,
    false,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from adapters.sql import tables as t
from adapters.sql.job_claims import KNOWN, MOVED
from adapters.sql.rows.job import JOB_COLUMNS, job_of
from adapters.sql.rows.values import us
from adapters.sql.writes import Reads, Record, Row, Store
from domain.errors import NotFound
from domain.ids import JobId, TenantId
from domain.ports.job_book import OPEN, JobBook, JobPage, KeptJob, Place
from domain.ports.jobs import JobKind, JobState

_jobs: Final = t.jobs.c
_MINE: Final = (_jobs.id == bindparam("job_id"), _jobs.tenant_id == bindparam("of_tenant"), KNOWN)
_DEAD: Final = _jobs.state == literal_column("'dead'")
_KEPT: Final = (*JOB_COLUMNS, _jobs.state, _jobs.leased)
GET: Final = select(*_KEPT).where(*_MINE)
RETRY: Final = (
    update(t.jobs)
    .values(
        state=literal_column("'ready'"),
        **MOVED,
        failures=0,
        crashes=0,
        version=_jobs.version + 1,
    )
    .where(*_MINE, or_(_DEAD, (_jobs.state == literal_column("'ready'")) & ~_jobs.leased))
    .returning(_jobs.id)
)
DROP: Final = delete(t.jobs).where(*_MINE, _DEAD).returning(_jobs.id)


@lru_cache(maxsize=len(JobState) * 8)
def listed(state: JobState, names: frozenset[str]) -> Select[Any]:
    """By the index of what is open or of what is over; `names` are the filters that are set."""
    is_open = state in OPEN
    at = _jobs.rank_at if is_open else _jobs.run_at
    order = (_jobs.tenant_id, at, _jobs.id)
    page = select(*_KEPT).where(KNOWN).limit(bindparam("limit"))
    if is_open:
        of_state = _jobs.leased if state is JobState.RUNNING else _jobs.leased == false()
        page = page.where(t.DUE, of_state).order_by(*order)
    else:
        page = page.where(t.OVER, _jobs.state == literal_column(f"'{state}'"))
        page = page.order_by(*(one.desc() for one in order))
    if "of_tenant" in names:
        page = page.where(_jobs.tenant_id == bindparam("of_tenant"))
    if "kind" in names:
        page = page.where(_jobs.kind == bindparam("kind"))
    if "after_at" in names:
        last = tuple_(*(bindparam(name) for name in ("after_tenant", "after_at", "after_id")))
        mine = tuple_(*order)
        page = page.where(mine > last if is_open else mine < last)
    return page


@dataclass(frozen=True, slots=True)
class SqlJobBook(JobBook):
    store: Store
    reads: Reads

    async def list(
        self,
        state: JobState,
        after: Place | None,
        limit: int,
        *,
        tenant_id: TenantId | None = None,
        kind: JobKind | None = None,
    ) -> JobPage:
        values: dict[str, Any] = {}
        if tenant_id is not None:
            values["of_tenant"] = tenant_id
        if kind is not None:
            values["kind"] = kind
        if after is not None:
            values |= {"after_tenant": after.tenant_id, "after_at": us(after.at)}
            values["after_id"] = after.id
        statement = listed(state, frozenset(values))
        rows = await self.reads.platform_rows(statement, {**values, "limit": limit + 1})
        return JobPage.of([kept_of(row) for row in rows], limit)

    async def get(self, tenant_id: TenantId, job_id: JobId) -> KeptJob:
        values: Row = {"of_tenant": tenant_id, "job_id": job_id}
        for row in await self.reads.platform_rows(GET, values):
            return kept_of(row)
        raise NotFound(f"job {job_id}")

    async def retry(self, tenant_id: TenantId, job_id: JobId, at: datetime) -> bool:
        values: Row = {"of_tenant": tenant_id, "job_id": job_id, "until": us(at)}
        return bool(await self.store.returning(RETRY, values))

    async def drop(self, tenant_id: TenantId, job_id: JobId) -> bool:
        values: Row = {"of_tenant": tenant_id, "job_id": job_id}
        return bool(await self.store.returning(DROP, values))


def kept_of(row: Record) -> KeptJob:
    state, leased = row[-2:]
    if state != t.JOB_STATES[0]:
        return KeptJob(job_of(row), JobState(state))
    return KeptJob(job_of(row), JobState.RUNNING if leased else JobState.WAITING)
