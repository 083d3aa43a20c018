"""Several worker processes on one database: killed, paused, told to stop, poisoned."""

import asyncio
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.sql.database import Database, running_database
from adapters.system.clock import SystemClock
from domain.ids import JobId, TenantId
from domain.ports.jobs import Job, JobKind, JobState
from entrypoints.worker import MOST
from tests.builders import ACME, OTHER
from tests.workers.process import LEASE_S, SLOTS

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PATIENCE_S = 40.0


@dataclass
class Crew:
    """Processes that work, and what they wrote."""

    url: str
    log: Path
    database: Database
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.workers.process", self.url, str(self.log)]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    async def enqueue(self, *names: str, do: str = "quick", seconds: float = 0) -> None:
        now = SystemClock().now()
        for name in names:
            tenant_id = owner(name)
            about = {"do": do, "seconds": f"{seconds}"}
            job = Job(
                id=JobId(name),
                tenant_id=tenant_id,
                kind=JobKind.READ_NOTICE,
                run_at=now,
                about=about,
            )
            async with self.database.units(tenant_id) as unit:
                unit.jobs.enqueue(job)
                await unit.commit()

    def lines(self, word: str) -> Counter[str]:
        """How often each job is written down so."""
        text = self.log.read_text() if self.log.exists() else ""
        return Counter(line.split()[1] for line in text.splitlines() if line.startswith(word))

    async def until(self, many: int, word: str = "ended") -> None:
        """Until so many different jobs are written down so."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.lines(word)) < many:  # noqa: ASYNC110 - other processes
                await asyncio.sleep(0.02)

    async def until_over(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while await self.database.job_queue.next_due() is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def states(self) -> Counter[JobState]:
        found: Counter[JobState] = Counter()
        for state in JobState:
            found[state] += len((await self.database.job_book.list(state, None, 1000)).jobs)
        return found


@pytest.fixture
async def crew(shared_url: str, tmp_path: Path) -> AsyncIterator[Crew]:
    async with running_database(shared_url, SystemClock()) as database:
        made = Crew(shared_url, tmp_path / "diary", database)
        yield made
        for process in made.processes:
            process.kill()
            process.wait()


def owner(name: str) -> TenantId:
    return (ACME, OTHER)[sum(map(ord, name)) % 2]


def names(many: int) -> list[str]:
    return [f"job:{number:03d}" for number in range(many)]


async def test_processes_share_the_work_and_do_each_job_once(crew: Crew) -> None:
    await crew.enqueue(*names(200), do="slow", seconds=0.15)  # the last to start finds some too
    for _ in range(3):
        crew.start()
    await crew.until(200)
    assert set(crew.lines("began").values()) == {1}
    writers = {line.split()[2] for line in crew.log.read_text().splitlines()}
    assert len(writers) > 1, "one of them did all the work"


async def test_of_a_killed_process_another_takes_over_when_the_lease_ends(crew: Crew) -> None:
    await crew.enqueue(*names(40), do="slow", seconds=0.3)
    first = crew.start()
    await crew.until(SLOTS)
    first.kill()
    first.wait()
    crew.start()
    began = time.monotonic()
    await crew.until(40)
    await crew.until_over()
    assert time.monotonic() - began < LEASE_S + 40 / SLOTS * 0.3 + 6
    again = [name for name, many in crew.lines("began").items() if many > 1]
    assert len(again) <= MOST * SLOTS, "only what ran, or was being stored, is run again"
    assert (await crew.states())[JobState.DONE] == 40


async def test_a_paused_process_finishes_nothing_that_is_anothers(crew: Crew) -> None:
    """SIGSTOP beyond the lease, SIGCONT: the fence, and the beat, stop what it was at."""
    await crew.enqueue(*names(3), do="slow", seconds=3.0)
    first = crew.start()
    await crew.until(3, "began")
    first.send_signal(signal.SIGSTOP)
    crew.start()
    await crew.until(3)
    await crew.until_over()
    first.send_signal(signal.SIGCONT)
    await crew.enqueue("after")
    await crew.until(4)
    await crew.until_over()
    kept = [await crew.database.job_book.get(owner(n), JobId(n)) for n in names(3)]
    assert {(one.state, one.job.tries) for one in kept} == {(JobState.DONE, 2)}


async def test_told_to_stop_it_gives_back_what_does_not_end_and_exits_with_0(crew: Crew) -> None:
    await crew.enqueue("endless", do="slow", seconds=600)
    await crew.enqueue("short", do="slow", seconds=0.2)
    first = crew.start()
    await crew.until(2, "began")
    first.terminate()
    assert await asyncio.to_thread(first.wait, 10) == 0
    assert crew.lines("ended") == {"short": 1}
    job = await crew.database.job_book.get(owner("endless"), JobId("endless"))
    assert job.state is JobState.WAITING
    assert job.job.run_at <= SystemClock().now(), "nobody waits for a lease"
    assert (job.job.failures, job.job.crashes) == (0, 0)


async def test_a_poison_kills_some_processes_and_none_of_its_neighbours(crew: Crew) -> None:
    await crew.enqueue("poison", do="poison")
    await crew.enqueue(*names(20), do="slow", seconds=0.05)
    deaths = 0
    async with asyncio.timeout(90):
        process = crew.start()
        while (await crew.states())[JobState.DEAD] == 0:
            if process.poll() is not None:
                deaths += 1
                process = crew.start()
            await asyncio.sleep(0.05)
    await crew.until(20)
    await crew.until_over()
    assert deaths == 5
    states = await crew.states()
    assert (states[JobState.DEAD], states[JobState.DONE]) == (1, 20)
