"""Use cases: have a dead letter, or a job that waits, run now; or throw a dead letter away."""

from dataclasses import dataclass

from domain.errors import Refused
from domain.ids import JobId, TenantId
from domain.ports.bell import Bell
from domain.ports.clock import Clock
from domain.ports.job_book import JobBook, KeptJob


@dataclass(frozen=True, slots=True)
class RetryJob:
    """Raises NotFound, and Refused for one that runs or is done."""

    book: JobBook
    bell: Bell
    clock: Clock

    async def __call__(self, tenant_id: TenantId, job_id: JobId) -> KeptJob:
        """The job as it is then."""
        done = await self.book.retry(tenant_id, job_id, self.clock.now())
        kept = await self.book.get(tenant_id, job_id)
        if not done:
            raise Refused(f"it is {kept.state}: only what is dead or waits can be tried again")
        self.bell.ring()
        return kept


@dataclass(frozen=True, slots=True)
class DropJob:
    """Raises NotFound, and Refused for one that is not dead."""

    book: JobBook

    async def __call__(self, tenant_id: TenantId, job_id: JobId) -> KeptJob:
        """The job as it was."""
        kept = await self.book.get(tenant_id, job_id)
        if not await self.book.drop(tenant_id, job_id):
            raise Refused(f"it is {kept.state}: only a dead letter can be dropped")
        return kept
