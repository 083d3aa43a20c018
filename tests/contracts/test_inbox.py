"""The contract of Inbox: a callback is kept once, and marked by one worker."""

import asyncio
from dataclasses import replace

import pytest

from domain.errors import DuplicateKey, NotFound, StaleVersion
from domain.ports.unit_of_work import StoredNotice
from tests.builders import ACME, OTHER, a_job, a_notice, account_id, later
from tests.storages import Storage

pytestmark = pytest.mark.anyio


async def added(storage: Storage, notice: StoredNotice) -> None:
    async with storage.units(ACME) as unit:
        unit.inbox.add(notice)
        await unit.commit()


async def marked(storage: Storage, notice: StoredNotice, state: str) -> None:
    async with storage.units(ACME) as unit:
        unit.inbox.mark(notice, state)
        await unit.commit()


async def found(storage: Storage, notice: StoredNotice) -> StoredNotice:
    async with storage.units(ACME) as unit:
        return await unit.inbox.get(notice.account_id, notice.id)


@pytest.mark.parametrize(
    "notice",
    [
        a_notice(),
        a_notice("evt/ü %_'", body=b"", headers={}, trusted=False, received_at=later(0.000001)),
        a_notice(body=bytes(range(256)), headers={"x": 'Zoë \\ "'}),
    ],
    ids=["usual", "empty", "binary"],
)
async def test_a_callback_is_read_back_with_every_field(
    storage: Storage, notice: StoredNotice
) -> None:
    await added(storage, notice)
    assert await found(storage, notice) == notice


async def test_a_callback_that_never_came_is_not_found(storage: Storage) -> None:
    with pytest.raises(NotFound):
        await found(storage, a_notice())


async def test_a_repeat_is_a_duplicate(storage: Storage) -> None:
    await added(storage, a_notice())
    with pytest.raises(DuplicateKey):
        await added(storage, a_notice(body=b"other", received_at=later(60)))
    assert await found(storage, a_notice()) == a_notice()


async def test_of_many_repeats_at_once_one_is_kept_with_its_job(storage: Storage) -> None:
    async def receive() -> None:
        async with storage.units(ACME) as unit:
            unit.inbox.add(a_notice())
            unit.jobs.enqueue(a_job("notice:evt_1"))
            await unit.commit()

    told = await asyncio.gather(*(receive() for _ in range(20)), return_exceptions=True)
    assert told.count(None) == 1
    assert all(one is None or isinstance(one, DuplicateKey) for one in told)
    assert len(await storage.queue.claim(later(1), 60, 10)) == 1


async def test_accounts_may_be_told_under_the_same_id(storage: Storage) -> None:
    other = a_notice(account_id=account_id("gcash"), provider="gcash")
    await added(storage, a_notice())
    await added(storage, other)
    assert await found(storage, other) == other


async def test_a_mark_is_kept(storage: Storage) -> None:
    await added(storage, a_notice())
    await marked(storage, a_notice(), "applied")
    assert await found(storage, a_notice()) == replace(a_notice(), state="applied", version=1)


async def test_of_two_who_mark_it_the_second_is_late(storage: Storage) -> None:
    await added(storage, a_notice())
    both = [marked(storage, a_notice(), state) for state in ("applied", "ignored")]
    told = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["NoneType", "StaleVersion"]
    assert (await found(storage, a_notice())).version == 1


async def test_what_is_not_committed_is_gone(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        unit.inbox.add(a_notice())
    with pytest.raises(NotFound):
        await found(storage, a_notice())


async def test_a_tenant_never_sees_another(storage: Storage) -> None:
    await added(storage, a_notice())
    async with storage.units(OTHER) as unit:
        with pytest.raises(NotFound):
            await unit.inbox.get(a_notice().account_id, a_notice().id)
        unit.inbox.mark(a_notice(), "ignored")
        with pytest.raises(StaleVersion):
            await unit.commit()
    assert (await found(storage, a_notice())).state == "stored"
