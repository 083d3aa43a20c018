"""`cauri jobs`: background work, and what became of it."""

from dataclasses import dataclass
from typing import Any, Final

from adapters.cli import show
from adapters.cli.failures import DONE
from adapters.cli.which_tenant import WhichTenant
from application.work.dead_letters import DropJob, RetryJob
from domain.errors import Invalid
from domain.ids import JobId, TenantId
from domain.ports.clock import Clock
from domain.ports.job_book import JobBook, JobPage, KeptJob, Place
from domain.ports.jobs import PLATFORM, JobKind, JobState

SHOWN: Final = 60  # characters of an error in a list


@dataclass(frozen=True, slots=True)
class ListJobs:
    book: JobBook
    which: WhichTenant
    clock: Clock

    async def __call__(
        self,
        *,
        tenant: str | None,
        everybody: bool,
        state: str,
        kind: str | None,
        limit: int,
        after: str | None,
        json: bool,
    ) -> int:
        if everybody and tenant is not None:
            raise Invalid("name a tenant or say --all, not both", "tenant")
        tenant_id = None if everybody else await of_whom(self.which, tenant)
        page = await self.book.list(
            JobState(state),
            _after(after, tenant_id),
            limit,
            tenant_id=tenant_id,
            kind=JobKind(kind) if kind is not None else None,
        )
        if json:
            cursor = page.next_after.cursor if page.next_after is not None else None
            show.line({"data": [job_words(one) for one in page.jobs], "nextCursor": cursor})
        elif not page.jobs:
            show.say(f"No job is {state}.")
        else:
            self._table(page)
        return DONE

    def _table(self, page: JobPage) -> None:
        now = self.clock.now()
        show.table(
            ("Job", "Tenant", "Kind", "When", "Tries", "Failures", "Last error"),
            [
                (
                    one.job.id,
                    one.job.tenant_id,
                    one.job.kind,
                    show.ago(one.job.run_at, now),
                    str(one.job.tries),
                    str(one.job.failures),
                    (one.job.last_error or "")[:SHOWN],
                )
                for one in page.jobs
            ],
            right=("Tries", "Failures"),
        )
        if page.next_after is not None:
            show.say(f"More: --after {page.next_after.cursor}")


@dataclass(frozen=True, slots=True)
class ShowJob:
    book: JobBook
    which: WhichTenant
    clock: Clock

    async def __call__(self, *, job: str, tenant: str | None, json: bool) -> int:
        kept = await self.book.get(await of_whom(self.which, tenant), JobId(job))
        if json:
            show.line(job_words(kept))
            return DONE
        one, now = kept.job, self.clock.now()
        show.fields(
            [
                ("Job", one.id),
                ("Kind", f"{one.kind}, {one.standing}"),
                ("State", kept.state),
                (WHEN[kept.state], show.moment(one.run_at, now)),
                ("About", ", ".join(f"{name} {value}" for name, value in one.about.items())),
                ("Tries", f"{one.tries}, of which {one.failures} failed"),
                ("Crashes", f"{one.crashes} workers died of it" if one.crashes else None),
                ("Last error", one.last_error),
                ("Next", NEXT.get(kept.state, "").format(one.id)),
            ]
        )
        return DONE


@dataclass(frozen=True, slots=True)
class Retry:
    retry: RetryJob
    which: WhichTenant

    async def __call__(self, *, job: str, tenant: str | None, json: bool) -> int:
        kept = await self.retry(await of_whom(self.which, tenant), JobId(job))
        if json:
            show.line(job_words(kept))
        else:
            show.say(f"{kept.job.id} is due now; see: cauri jobs show '{kept.job.id}'")
        return DONE


@dataclass(frozen=True, slots=True)
class Drop:
    drop: DropJob
    which: WhichTenant

    async def __call__(self, *, job: str, tenant: str | None, json: bool) -> int:
        kept = await self.drop(await of_whom(self.which, tenant), JobId(job))
        if json:
            show.line(job_words(kept))
        else:
            show.say(f"{kept.job.id} is gone.")
        return DONE


WHEN: Final = {
    JobState.WAITING: "Due",
    JobState.RUNNING: "Leased until",
    JobState.DONE: "Ended about",
    JobState.DEAD: "Given up about",
}
NEXT: Final = {JobState.DEAD: "once its cause is gone: cauri jobs retry '{}'"}


async def of_whom(which: WhichTenant, tenant: str | None) -> TenantId:
    return PLATFORM if tenant == PLATFORM else await which(tenant)


def job_words(kept: KeptJob) -> dict[str, Any]:
    """In the API's words; a test holds them to what HTTP answers."""
    job = kept.job
    return {
        "id": job.id,
        "kind": job.kind,
        "state": kept.state,
        "priority": job.standing,
        "runAt": job.run_at,
        "about": dict(job.about),
        "tries": job.tries,
        "failures": job.failures,
        "crashes": job.crashes,
        "lastError": job.last_error,
    }


def _after(cursor: str | None, tenant_id: TenantId | None) -> Place | None:
    if cursor is None:
        return None
    place = Place.of_cursor(cursor)
    return place if tenant_id is None else Place(tenant_id, place.at, place.id)
