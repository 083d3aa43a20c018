"""The contract of Retention: what is old goes, what is needed stays, and tenants stay apart."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.errors import NotFound
from domain.ids import JobId
from domain.ports.jobs import JobState
from domain.ports.retention import Kept, Retention
from domain.ports.unit_of_work import StoredNotice
from tests.builders import (
    ACME,
    NOW,
    OTHER,
    a_job,
    a_key_record,
    a_notice,
    a_paid_payment,
    a_payment,
    a_refund,
    later,
)
from tests.storages import Storage

pytestmark = pytest.mark.anyio
OURS = (Kept.KEYS, Kept.NOTICE_BODIES, Kept.NOTICES, Kept.DONE_JOBS, Kept.DEAD_JOBS)


@pytest.fixture
def retention(storage: Storage) -> Retention:
    return storage.retention


async def keys(storage: Storage, *names: str) -> list[str]:
    async with storage.units(ACME) as unit:
        return [one for one in names if await unit.keys.with_key("initiate", one) is not None]


async def add_keys(storage: Storage, **resources: str) -> None:
    for number, (name, resource) in enumerate(resources.items()):
        async with storage.units(ACME) as unit:
            at = later(number)
            unit.keys.add(replace(a_key_record(name), resource_id=resource, created_at=at))
            await unit.commit()


async def test_old_keys_go_the_oldest_first(storage: Storage, retention: Retention) -> None:
    await add_keys(storage, a="pay_1", b="pay_2", c="pay_3", d="pay_4")
    assert await retention.forget(Kept.KEYS, ACME, later(3), 2) == 2
    assert await keys(storage, "a", "b", "c", "d") == ["c", "d"]
    assert await retention.forget(Kept.KEYS, ACME, later(3), 2) == 1
    assert await retention.forget(Kept.KEYS, ACME, later(3), 2) == 0
    assert await keys(storage, "c", "d") == ["d"], "created at that moment: not older"


async def test_keys_of_what_is_open_stay(storage: Storage, retention: Retention) -> None:
    """Whoever asks again must hear of the same payment, not make a second one."""
    pending, paid = a_payment(1), a_paid_payment(2)
    refund = a_refund(paid, 3)
    async with storage.units(ACME) as unit:
        unit.payments.add(pending)
        unit.payments.add(paid)
        await unit.commit()
    async with storage.units(ACME) as unit:
        unit.refunds.add(refund)
        await unit.commit()
    await add_keys(storage, pending=pending.id, paid=paid.id, refund=refund.id)
    assert await retention.forget(Kept.KEYS, ACME, later(99), 10) == 1
    assert await keys(storage, "pending", "paid", "refund") == ["pending", "refund"]


async def notice(storage: Storage, one: StoredNotice, state: str = "applied") -> None:
    async with storage.units(ACME) as unit:
        unit.inbox.add(one)
        await unit.commit()
    if state != "stored":
        async with storage.units(ACME) as unit:
            unit.inbox.mark(one, state)
            await unit.commit()


async def found(storage: Storage, one: StoredNotice) -> StoredNotice:
    async with storage.units(ACME) as unit:
        return await unit.inbox.get(one.account_id, one.id)


async def test_bodies_go_and_the_callback_is_still_known(
    storage: Storage, retention: Retention
) -> None:
    old, unread, new = a_notice("old"), a_notice("unread"), a_notice("new", received_at=later(9))
    await notice(storage, old)
    await notice(storage, unread, "stored")
    await notice(storage, new, "unmatched")
    assert await retention.forget(Kept.NOTICE_BODIES, ACME, later(5), 10) == 1
    stripped = await found(storage, old)
    assert (stripped.body, stripped.headers, stripped.state) == (b"", {}, "applied")
    assert (await found(storage, unread)).body == unread.body
    assert (await found(storage, new)).body == new.body
    assert await retention.forget(Kept.NOTICE_BODIES, ACME, later(5), 10) == 0


async def test_callbacks_go_only_after_their_bodies(storage: Storage, retention: Retention) -> None:
    await notice(storage, a_notice("old"))
    assert await retention.forget(Kept.NOTICES, ACME, later(5), 10) == 0
    await retention.forget(Kept.NOTICE_BODIES, ACME, later(5), 10)
    assert await retention.forget(Kept.NOTICES, ACME, NOW, 10) == 0
    assert await retention.forget(Kept.NOTICES, ACME, later(5), 10) == 1
    with pytest.raises(NotFound):
        await found(storage, a_notice("old"))


async def ended(storage: Storage, name: str, at: datetime, error: str | None = None) -> None:
    async with storage.units(ACME) as unit:
        unit.jobs.enqueue(a_job(name, run_at=at))
        await unit.commit()
    (job,) = await storage.queue.claim(at, 60, 1)
    async with storage.units(ACME) as unit:
        if error is None:
            unit.jobs.finish(job)
        else:
            unit.jobs.bury(job, error)
        await unit.commit()


@pytest.mark.parametrize(
    ("what", "state", "other"),
    [
        (Kept.DONE_JOBS, JobState.DONE, JobState.DEAD),
        (Kept.DEAD_JOBS, JobState.DEAD, JobState.DONE),
    ],
)
async def test_ended_jobs_go_by_their_state(
    storage: Storage, retention: Retention, what: Kept, state: JobState, other: JobState
) -> None:
    for number in range(3):
        await ended(storage, f"done:{number}", later(number * 100))
        await ended(storage, f"dead:{number}", later(number * 100), "x")
    async with storage.units(ACME) as unit:
        unit.jobs.enqueue(a_job("open", run_at=later(-9999)))
        await unit.commit()
    assert await retention.forget(what, ACME, later(165), 10) == 2
    page = await storage.book.list(state, None, 10)
    assert [one.job.id for one in page.jobs] == [f"{state}:2"]
    assert len((await storage.book.list(other, None, 10)).jobs) == 3
    assert (await storage.book.get(ACME, JobId("open"))).state is JobState.WAITING


@pytest.mark.parametrize("what", OURS)
async def test_a_tenants_rows_are_anothers_business(
    storage: Storage, retention: Retention, what: Kept
) -> None:
    await add_keys(storage, a="pay_1")
    await notice(storage, a_notice("old"))
    await ended(storage, "done", NOW)
    await ended(storage, "dead", NOW, "x")
    assert await retention.forget(what, OTHER, later(9999), 10) == 0
    if what is Kept.NOTICES:
        await retention.forget(Kept.NOTICE_BODIES, ACME, later(9999), 10)
    assert await retention.forget(what, ACME, later(9999), 10) > 0


async def test_tenants_are_listed_in_pages(storage: Storage, retention: Retention) -> None:
    first = await retention.tenants(None, 1)
    assert [*first, *await retention.tenants(first[0], 5)] == sorted([ACME, OTHER])
