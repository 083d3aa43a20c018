"""The contract of TrackRecords and TrackBoard: how accounts' attempts went, hour by hour."""

from dataclasses import replace
from typing import Any

import pytest

from domain.errors import Conflict, DuplicateKey, StaleVersion
from domain.ids import TenantId
from domain.ports.track_records import HOURS, Hour
from tests.builders import ACME, NOW, OTHER, account_id, later
from tests.storages import Storage

pytestmark = pytest.mark.anyio

NUMBER = 491_000


def an_hour(provider: str = "maya", **more: Any) -> Hour:
    known: dict[str, Any] = {
        "account_id": account_id(provider),
        "tenant_id": ACME,
        "provider": provider,
        "number": NUMBER,
        "finished": 3,
        "successes": 2,
        "answers": 4,
        "waited_ms": 1250,
        "last_success_at": later(1),
        "changed_at": NOW,
    }
    return Hour(**(known | more))


async def put(storage: Storage, hour: Hour) -> None:
    async with storage.units(hour.tenant_id) as unit:
        unit.track_records.put(hour)
        await unit.commit()


async def slot(storage: Storage, hour: Hour, tenant_id: TenantId = ACME) -> Hour | None:
    async with storage.units(tenant_id) as unit:
        return await unit.track_records.slot(hour.account_id, hour.slot)


async def test_an_account_nobody_used_has_no_record(storage: Storage) -> None:
    assert await slot(storage, an_hour()) is None
    assert list(await storage.tracks.changed(NOW, 10)) == []


async def test_an_hour_is_kept_as_it_was(storage: Storage) -> None:
    await put(storage, an_hour())
    assert await slot(storage, an_hour()) == an_hour(version=1)
    assert await slot(storage, an_hour(number=NUMBER + 1)) is None


async def test_the_same_hour_of_the_next_day_takes_its_place(storage: Storage) -> None:
    await put(storage, an_hour())
    tomorrow = an_hour(number=NUMBER + HOURS, finished=1, version=1)
    await put(storage, tomorrow)
    assert await slot(storage, an_hour()) == replace(tomorrow, version=2)


async def test_of_two_writers_the_first_wins(storage: Storage) -> None:
    await put(storage, an_hour())
    with pytest.raises(DuplicateKey):
        await put(storage, an_hour(finished=9))
    await put(storage, an_hour(finished=4, version=1))
    with pytest.raises(StaleVersion):
        await put(storage, an_hour(finished=9, version=1))
    kept = await slot(storage, an_hour())
    assert kept is not None
    assert kept.finished == 4


async def test_what_changed_lately_is_found_over_all_tenants(storage: Storage) -> None:
    await put(storage, an_hour(changed_at=later(2)))
    await put(storage, an_hour("gcash", tenant_id=OTHER, changed_at=later(1)))
    await put(storage, an_hour(number=NUMBER + 1, changed_at=NOW))
    found = await storage.tracks.changed(later(1), 10)
    assert [one.provider for one in found] == ["gcash", "maya"]
    assert [one.number for one in await storage.tracks.changed(NOW, 2)] == [NUMBER + 1, NUMBER]


async def test_a_tenant_never_sees_another(storage: Storage) -> None:
    await put(storage, an_hour())
    assert await slot(storage, an_hour(), OTHER) is None
    async with storage.units(ACME) as unit:
        with pytest.raises(ValueError, match="another tenant"):
            unit.track_records.put(an_hour(tenant_id=OTHER))
    with pytest.raises(Conflict):
        await put(storage, an_hour(tenant_id=OTHER, version=1))
