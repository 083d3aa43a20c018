"""A worker process whose jobs write down what they do: python -m tests.workers.process URL LOG.

Jobs say themselves what they are: quick, slow (their `seconds`), or poison, which kills it.
"""

import asyncio
import os
import signal
import sys

import uvloop

from adapters.bell.local import LocalBell
from adapters.sql.database import running_database
from adapters.system.chance import SystemChance
from adapters.system.clock import SystemClock
from application.work import run_jobs as run_jobs_module
from application.work.run_jobs import RunJobs
from application.work.terms import Terms
from domain.ports.jobs import Job, JobKind
from entrypoints.processes import stopping
from entrypoints.worker import Worker, troubled

LEASE_S = 2
SLOTS = 8
GRACE_S = 2.0
IMPATIENT = Terms(timeout_s=60.0, longest_s=1.0)


class Diary:
    """One line at a time, and no process tears another's."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, word: str, job: Job) -> None:
        os.write(self._file, f"{word} {job.id} {os.getpid()}\n".encode())


async def main(url: str, path: str) -> None:
    diary, clock = Diary(path), SystemClock()

    async def do(job: Job) -> None:
        diary.write("began", job)
        if job.about["do"] == "poison":
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.sleep(float(job.about.get("seconds", "0")))
        diary.write("ended", job)

    async def tick() -> None:
        return

    vars(run_jobs_module)["terms_of"] = lambda kind: IMPATIENT  # a test has no hour to wait
    async with running_database(url, clock) as database, stopping() as stop:
        queue, handlers = database.job_queue, dict.fromkeys(JobKind, do)
        run_jobs = RunJobs(
            queue,
            database.units,
            clock,
            handlers,
            troubled,
            chance=SystemChance(),
            lease_s=LEASE_S,
        )
        worker = Worker(run_jobs, queue, clock, SLOTS, 0.05, LocalBell(), tick, GRACE_S)
        await worker(stop)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
