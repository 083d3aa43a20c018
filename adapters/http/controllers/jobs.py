"""Background jobs: what waits, what was given up and why, and another try."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar.handlers import HTTPRouteHandler

from adapters.http import examples
from adapters.http.answers import Ready, encoded
from adapters.http.caller import Desk
from adapters.http.operation import Call, Operation
from adapters.http.wire.jobs import JobList, JobReply, JobsQuery
from adapters.http.wire.reading import Nothing, Query
from application.work.dead_letters import DropJob, RetryJob
from domain.errors import NotFound
from domain.ids import JobId
from domain.ports.job_book import JobBook
from domain.tenants.api_key import Scope

ONE: Final = "/api/jobs/{id:str}"
LONGEST_ID: Final = 500
LIST: Final = Operation(
    method="GET",
    path="/api/jobs",
    summary="List dead letters, or jobs in another state",
    scope=Scope.JOBS_READ,
    reads=Query(JobsQuery),
    replies=JobList,
    tag="Jobs",
    example={"data": [examples.JOB], "nextCursor": None},
)
SHOW: Final = Operation(
    method="GET",
    path=ONE,
    summary="Get a job",
    scope=Scope.JOBS_READ,
    reads=Nothing(),
    replies=JobReply,
    errors=("not_found",),
    tag="Jobs",
    example=examples.JOB,
)
RETRY: Final = Operation(
    method="POST",
    path=f"{ONE}/retry",
    summary="Have a job run now",
    scope=Scope.JOBS_WRITE,
    reads=Nothing(),
    replies=JobReply,
    errors=("not_found", "not_possible_now"),
    tag="Jobs",
    example={**examples.JOB, "state": "waiting", "failures": 0},
)
DROP: Final = Operation(
    method="DELETE",
    path=ONE,
    summary="Throw a dead letter away",
    scope=Scope.JOBS_WRITE,
    reads=Nothing(),
    replies=JobReply,
    errors=("not_found", "not_possible_now"),
    tag="Jobs",
    example=examples.JOB,
)


@dataclass(frozen=True, slots=True)
class JobController:
    book: JobBook
    retry_job: RetryJob
    drop_job: DropJob

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [
            LIST.served(desk, self.list),
            SHOW.served(desk, self.show),
            RETRY.served(desk, self.retry),
            DROP.served(desk, self.drop),
        ]

    async def list(self, call: Call, query: JobsQuery) -> Ready:
        """A dead letter is work that was tried often enough: `lastError` says why it failed."""
        tenant_id = call.caller.tenant_id
        page = await self.book.list(
            query.state, query.after(tenant_id), query.limit, tenant_id=tenant_id, kind=query.kind
        )
        return encoded(JobList.of(page))

    async def show(self, call: Call, _: None) -> Ready:
        """Done jobs are kept for a week, dead ones for half a year."""
        return encoded(JobReply.of(await self.book.get(call.caller.tenant_id, _job(call))))

    async def retry(self, call: Call, _: None) -> Ready:
        """A dead one, or one that waits, as if it had never failed."""
        return encoded(JobReply.of(await self.retry_job(call.caller.tenant_id, _job(call))))

    async def drop(self, call: Call, _: None) -> Ready:
        """It is answered once more, and then it is gone."""
        return encoded(JobReply.of(await self.drop_job(call.caller.tenant_id, _job(call))))


def _job(call: Call) -> JobId:
    """Raises NotFound for what can't be one."""
    text = call.text("id")
    if len(text) > LONGEST_ID or not text.isprintable():
        raise NotFound()
    return JobId(text)
