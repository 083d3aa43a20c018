"""The queue as people see it."""

from dataclasses import dataclass
from datetime import datetime

from adapters.memory.database import MemoryDatabase
from domain.errors import NotFound
from domain.ids import JobId, TenantId
from domain.ports.job_book import OPEN, JobBook, JobPage, KeptJob, Place
from domain.ports.jobs import JobKind, JobState
from domain.values import replace


@dataclass(frozen=True, slots=True)
class MemoryJobBook(JobBook):
    database: MemoryDatabase

    async def list(
        self,
        state: JobState,
        after: Place | None,
        limit: int,
        *,
        tenant_id: TenantId | None = None,
        kind: JobKind | None = None,
    ) -> JobPage:
        found = [
            KeptJob(job, state)
            for shelf in self.database.shelves.values()
            for job in shelf.jobs.values()
            if shelf.job_states[job.id] is state
            if tenant_id in (None, job.tenant_id) and kind in (None, job.kind)
        ]
        back = state not in OPEN
        found.sort(key=lambda one: _key(one.place), reverse=back)
        if after is not None:
            last = _key(after)
            found = [one for one in found if _key(one.place) != last]
            found = [one for one in found if (_key(one.place) < last) is back]
        return JobPage.of(found, limit)

    async def get(self, tenant_id: TenantId, job_id: JobId) -> KeptJob:
        shelf = self.database.shelf(tenant_id)
        if job_id not in shelf.jobs:
            raise NotFound(f"job {job_id}")
        return KeptJob(shelf.jobs[job_id], shelf.job_states[job_id])

    async def retry(self, tenant_id: TenantId, job_id: JobId, at: datetime) -> bool:
        shelf = self.database.shelf(tenant_id)
        if shelf.job_states.get(job_id) not in (JobState.DEAD, JobState.WAITING):
            return False
        job = shelf.jobs[job_id]
        again = replace(job, run_at=at, failures=0, crashes=0, version=job.version + 1)
        shelf.jobs[job_id], shelf.job_states[job_id] = again, JobState.WAITING
        self.database.queue(shelf, again)
        return True

    async def drop(self, tenant_id: TenantId, job_id: JobId) -> bool:
        shelf = self.database.shelf(tenant_id)
        if shelf.job_states.get(job_id) is not JobState.DEAD:
            return False
        del shelf.jobs[job_id], shelf.job_states[job_id]
        return True


def _key(place: Place) -> tuple[str, datetime, str]:
    return place.tenant_id, place.at, place.id
