"""The contract of Keys: an idempotency key is used once and completed once."""

import asyncio
from dataclasses import replace

import pytest

from domain.errors import Conflict, DuplicateKey, NotFound, StaleVersion
from domain.ports.unit_of_work import KeyRecord
from tests.builders import ACME, OTHER, a_key_record, a_payment, later, payment_id
from tests.storages import Storage

pytestmark = pytest.mark.anyio


async def added(storage: Storage, record: KeyRecord) -> None:
    async with storage.units(ACME) as unit:
        unit.keys.add(record)
        await unit.commit()


async def completed(
    storage: Storage, record: KeyRecord, answer: bytes = b"{}", status: int = 201
) -> None:
    async with storage.units(ACME) as unit:
        unit.keys.complete(record, status, answer)
        await unit.commit()


async def found(storage: Storage, key: str = "k1", scope: str = "initiate") -> KeyRecord | None:
    async with storage.units(ACME) as unit:
        return await unit.keys.with_key(scope, key)


async def test_a_key_never_used_is_none(storage: Storage) -> None:
    assert await found(storage) is None


async def test_a_key_is_read_back_with_every_field(storage: Storage) -> None:
    running = a_key_record("~!@#%_'\"\\", fingerprint=bytes(range(32)), created_at=later(0.000001))
    await added(storage, running)
    assert await found(storage, running.key) == running
    answered = a_key_record("k2", status=503, answer=b'{"id": "p\xc3\xa9"}\x00\xff', scope="refund")
    await added(storage, answered)
    assert await found(storage, "k2", "refund") == answered


async def test_a_key_is_used_once(storage: Storage) -> None:
    first = a_key_record()
    await added(storage, first)
    with pytest.raises(DuplicateKey):
        await added(storage, a_key_record(resource_id="pay_other", fingerprint=b"x" * 32))
    assert await found(storage) == first


async def test_of_fifty_parallel_adds_of_one_key_one_wins(storage: Storage) -> None:
    """And only the winner's payment is stored."""

    async def initiate(number: int) -> int:
        async with storage.units(ACME) as unit:
            unit.keys.add(a_key_record(resource_id=payment_id(number)))
            unit.payments.add(a_payment(number))
            await unit.commit()
        return number

    told = await asyncio.gather(*(initiate(one) for one in range(1, 51)), return_exceptions=True)
    (winner,) = [one for one in told if isinstance(one, int)]
    assert all(isinstance(one, int | DuplicateKey) for one in told)
    assert (record := await found(storage)) is not None
    assert record.resource_id == payment_id(winner)
    async with storage.units(ACME) as unit:
        await unit.payments.get(payment_id(winner))
        for other in {*range(1, 51)} - {winner}:
            with pytest.raises(NotFound):
                await unit.payments.show(payment_id(other))


async def test_a_key_means_something_else_in_another_scope(storage: Storage) -> None:
    await added(storage, a_key_record())
    await added(storage, a_key_record(scope="refund"))
    assert await found(storage, scope="refund") == a_key_record(scope="refund")


async def test_keys_differ_by_case(storage: Storage) -> None:
    await added(storage, a_key_record("abc"))
    await added(storage, a_key_record("ABC"))
    assert await found(storage, "Abc") is None


async def test_a_tenant_never_sees_another(storage: Storage) -> None:
    await added(storage, a_key_record())
    async with storage.units(OTHER) as unit:
        assert await unit.keys.with_key("initiate", "k1") is None
        unit.keys.add(a_key_record(resource_id="theirs"))
        await unit.commit()
    assert await found(storage) == a_key_record()


async def test_a_tenant_cannot_complete_anothers_key(storage: Storage) -> None:
    await added(storage, a_key_record())
    async with storage.units(OTHER) as unit:
        unit.keys.complete(a_key_record(), 201, b"{}")
        with pytest.raises(StaleVersion):
            await unit.commit()


async def test_a_key_is_completed_once(storage: Storage) -> None:
    await added(storage, a_key_record())
    await completed(storage, a_key_record(), b"first", 201)
    with pytest.raises(StaleVersion):
        await completed(storage, a_key_record(), b"second", 503)
    done = replace(a_key_record(), status=201, answer=b"first", version=1)
    assert await found(storage) == done


async def test_an_empty_answer_is_an_answer(storage: Storage) -> None:
    await added(storage, a_key_record())
    await completed(storage, a_key_record(), b"", 204)
    record = await found(storage)
    assert record is not None
    assert (record.answer, record.status) == (b"", 204)


async def test_a_key_that_is_not_there_cannot_be_completed(storage: Storage) -> None:
    with pytest.raises(StaleVersion):
        await completed(storage, a_key_record())


async def test_the_answer_is_stored_with_the_payment_or_not_at_all(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        unit.keys.add(a_key_record())
        stored = unit.payments.add(a_payment())
        await unit.commit()
    async with storage.units(ACME) as unit:
        unit.keys.complete(a_key_record(), 201, b"{}")
        unit.payments.save(replace(stored, version=7))
        with pytest.raises(Conflict):
            await unit.commit()
    assert await found(storage) == a_key_record()


async def test_what_is_not_committed_is_gone(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        unit.keys.add(a_key_record())
        assert await unit.keys.with_key("initiate", "k1") is None
    assert await found(storage) is None
