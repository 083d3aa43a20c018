"""Background jobs as people see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from adapters.http.wire.requests import MOST_A_PAGE, PAGE
from domain.ids import TenantId
from domain.ports.job_book import JobPage, KeptJob, Place
from domain.ports.jobs import JobKind, JobState, Priority

LONGEST_CURSOR = 1000


class JobsQuery(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """Dead letters, unless another state is named."""

    state: JobState = JobState.DEAD
    kind: JobKind | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_A_PAGE)] = PAGE
    cursor: (
        Annotated[
            str, Meta(max_length=LONGEST_CURSOR, description="The nextCursor of the page before.")
        ]
        | None
    ) = None

    def after(self, tenant_id: TenantId) -> Place | None:
        """Raises Invalid, also for another tenant's place."""
        if self.cursor is None:
            return None
        place = Place.of_cursor(self.cursor)
        return Place(tenant_id, place.at, place.id)


class JobReply(Struct, rename="camel"):
    """One piece of background work."""

    id: str
    kind: JobKind
    state: JobState
    priority: Priority
    run_at: Annotated[
        datetime,
        Meta(description="When it is due; while it runs, until when; then, about when it ended."),
    ]
    about: Annotated[Mapping[str, str], Meta(description="Ids of what it works on.")]
    tries: int
    failures: Annotated[int, Meta(description="Tries that raised an error.")]
    crashes: Annotated[int, Meta(description="Workers in a row that died while they had it.")]
    last_error: str | None

    @classmethod
    def of(cls, kept: KeptJob) -> "JobReply":
        job = kept.job
        return cls(
            job.id,
            job.kind,
            kept.state,
            job.standing,
            job.run_at,
            job.about,
            job.tries,
            job.failures,
            job.crashes,
            job.last_error,
        )


class JobList(Struct, rename="camel"):
    """What ended, the newest first; what waits or runs, in the order of the queue."""

    data: list[JobReply]
    next_cursor: str | None

    @classmethod
    def of(cls, page: JobPage) -> "JobList":
        cursor = page.next_after.cursor if page.next_after is not None else None
        return cls([JobReply.of(one) for one in page.jobs], cursor)
