"""The contract of DefaultMethods: the method each customer prefers."""

import pytest

from tests.builders import ACME, NOW, OTHER, later
from tests.storages import Storage

pytestmark = pytest.mark.anyio


async def chosen(storage: Storage, customer_id: str) -> str | None:
    async with storage.units(ACME) as unit:
        return await unit.defaults.of(customer_id)


async def choose(storage: Storage, customer_id: str, method: str, second: int = 0) -> None:
    async with storage.units(ACME) as unit:
        unit.defaults.put(customer_id, method, later(second))
        await unit.commit()


async def test_who_never_chose_has_none(storage: Storage) -> None:
    assert await chosen(storage, "cus_1") is None


async def test_the_choice_is_kept(storage: Storage) -> None:
    await choose(storage, "cus_1", "gcash")
    assert await chosen(storage, "cus_1") == "gcash"
    assert await chosen(storage, "cus_2") is None


async def test_a_new_choice_replaces_the_old(storage: Storage) -> None:
    await choose(storage, "cus_1", "gcash")
    await choose(storage, "cus_1", "maya", 1)
    assert await chosen(storage, "cus_1") == "maya"


async def test_customers_are_any_text(storage: Storage) -> None:
    await choose(storage, "Zoë 'x' %_ \U0001f4b3", "gcash")
    assert await chosen(storage, "Zoë 'x' %_ \U0001f4b3") == "gcash"
    assert await chosen(storage, "zoë 'x' %_ \U0001f4b3") is None


async def test_what_is_not_committed_is_gone(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        unit.defaults.put("cus_1", "gcash", NOW)
        assert await unit.defaults.of("cus_1") is None
    assert await chosen(storage, "cus_1") is None


async def test_a_tenant_never_sees_another(storage: Storage) -> None:
    await choose(storage, "cus_1", "gcash")
    async with storage.units(OTHER) as unit:
        assert await unit.defaults.of("cus_1") is None
