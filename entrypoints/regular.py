"""What workers need: chance, the bell, and what is done regularly."""

from collections.abc import AsyncIterator
from datetime import timedelta

import structlog
from dishka import Provider, Scope, provide, provide_all

from adapters.bell.choice import running_bell
from adapters.sql.database import Database
from adapters.system.chance import SystemChance
from application.audit.rounds import MakeRounds
from application.work.dead_letters import DropJob, RetryJob
from application.work.retain import Retain, Rule
from application.work.routines import Care, CatchUp, Routine, Routines, Timetable
from application.work.run_jobs import RunJobs
from domain.errors import Invalid
from domain.ports.bell import Bell
from domain.ports.chance import Chance
from domain.ports.clock import Clock
from domain.ports.job_book import JobBook
from domain.ports.jobs import JobQueue
from domain.ports.retention import Kept, Retention
from domain.ports.unit_of_work import Units
from entrypoints.settings import PREFIX, Settings
from entrypoints.worker import Worker

log = structlog.get_logger("cauri.worker")


class Regular(Provider):
    scope = Scope.APP

    @provide
    def chance(self) -> Chance:
        return SystemChance()

    @provide
    async def bell(self, settings: Settings) -> AsyncIterator[Bell]:
        def told(words: str) -> None:
            log.warning("worker.bell", told=words)

        try:
            async with running_bell(settings.bell_url, told) as bell:
                yield bell
        except Invalid as error:
            raise Invalid(f"{PREFIX}BELL_URL: {error}") from error

    people = provide_all(DropJob, RetryJob)

    @provide
    def book(self, database: Database) -> JobBook:
        return database.job_book

    @provide
    def retention(self, database: Database) -> Retention:
        return database.retention

    @provide
    def retain(self, retention: Retention, clock: Clock, settings: Settings) -> Retain:
        def told(what: Kept, many: int) -> None:
            log.info("worker.forgotten", what=what, rows=many)

        return Retain(retention, clock, rules(settings), told)

    @provide
    def routines(self, retain: Retain, rounds: MakeRounds, settings: Settings) -> Routines:
        """By name; a name says in the queue what a job is, so it never changes."""
        routines = {"retention": Routine(timedelta(hours=1), retain, CatchUp.ONCE)}
        if settings.audit_every:
            every = timedelta(seconds=settings.audit_every)
            routines["doctor"] = Routine(every, rounds.at, CatchUp.ONCE)
        return routines

    @provide
    def care(self, routines: Routines) -> Care:
        return Care(routines)

    @provide
    def timetable(
        self, routines: Routines, queue: JobQueue, units: Units, clock: Clock
    ) -> Timetable:
        return Timetable(routines, queue, units, clock)

    @provide
    def worker(
        self,
        run_jobs: RunJobs,
        queue: JobQueue,
        clock: Clock,
        bell: Bell,
        timetable: Timetable,
        settings: Settings,
    ) -> Worker:
        slots, poll_s = settings.worker_batch, settings.worker_poll_s
        return Worker(run_jobs, queue, clock, slots, poll_s, bell, timetable)


def rules(settings: Settings) -> list[Rule]:
    """How long what is kept."""
    days = {
        Kept.KEYS: settings.keep_keys_days,
        Kept.NOTICE_BODIES: settings.keep_callbacks_days,
        Kept.NOTICES: settings.keep_digests_days,
        Kept.DONE_JOBS: settings.keep_done_jobs_days,
        Kept.DEAD_JOBS: settings.keep_dead_jobs_days,
        Kept.TRIES: settings.keep_deliveries_days,
        Kept.DELIVERIES: settings.keep_deliveries_days,
        Kept.FAILED_DELIVERIES: settings.keep_events_days,
        Kept.EVENT_BODIES: settings.keep_events_days,
    }
    return [Rule(what, timedelta(days=many)) for what, many in days.items()]
