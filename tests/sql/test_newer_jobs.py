"""Old and new code run side by side: what a newer version enqueued is left to it."""

import sqlite3

import asyncpg
import pytest

from adapters.sql.database import Database
from domain.errors import NotFound
from domain.ids import JobId
from domain.ports.jobs import JobState
from tests.builders import ACME, NOW, a_job
from tests.sql.conftest import Place

pytestmark = pytest.mark.anyio
NEWER = "UPDATE jobs SET kind = 'not_invented_yet' WHERE id = 'newer'"


async def with_a_newer_job(place: Place, database: Database) -> None:
    for name in ("newer", "ours"):
        async with database.units(ACME) as unit:
            unit.jobs.enqueue(a_job(name))
            await unit.commit()
    if database.path is not None:
        with sqlite3.connect(database.path) as connection:
            connection.execute(NEWER)
        connection.close()
        return
    owner = await asyncpg.connect(place.owner)
    await owner.execute(NEWER)
    await owner.close()


@pytest.mark.parametrize("fair", [False, True])
async def test_a_kind_of_a_newer_version_is_not_claimed(
    place: Place, database: Database, fair: bool
) -> None:
    await with_a_newer_job(place, database)
    claimed = await database.job_queue.claim(NOW, 60, 10, fair=fair)
    assert [job.id for job in claimed] == ["ours"]
    assert await database.job_queue.claim(NOW, 60, 10, fair=fair) == []
    assert await database.job_queue.next_due() == NOW, "and somebody is told that it waits"


async def test_a_kind_of_a_newer_version_is_not_shown(place: Place, database: Database) -> None:
    await with_a_newer_job(place, database)
    page = await database.job_book.list(JobState.WAITING, None, 10)
    assert [one.job.id for one in page.jobs] == ["ours"]
    with pytest.raises(NotFound):
        await database.job_book.get(ACME, JobId("newer"))
    assert (await database.job_queue.depth(NOW)).due == 1
