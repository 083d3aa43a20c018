"""The contract of Circuits and CircuitBoard: what all processes see of accounts' circuits."""

from dataclasses import replace
from typing import Any

import pytest

from domain.errors import Conflict, DuplicateKey, StaleVersion
from domain.ids import AccountId
from domain.providers.circuit import Circuit
from tests.builders import ACME, NOW, OTHER, account_id, later
from tests.storages import Storage

pytestmark = pytest.mark.anyio


def a_circuit(provider: str = "maya", **more: Any) -> Circuit:
    known: dict[str, Any] = {
        "account_id": account_id(provider),
        "operation": "charge",
        "tenant_id": ACME,
        "provider": provider,
        "is_open": True,
        "opened_at": NOW,
        "pause_s": 10,
    }
    return Circuit(**(known | more))


async def put(storage: Storage, circuit: Circuit) -> Circuit:
    async with storage.units(circuit.tenant_id) as unit:
        stored = unit.circuits.put(circuit)
        await unit.commit()
    return stored


async def test_what_never_opened_is_not_there(storage: Storage) -> None:
    assert await storage.circuits.find(account_id("maya"), "charge") is None
    assert list(await storage.circuits.not_closed(10)) == []


async def test_an_opening_is_seen_by_all(storage: Storage) -> None:
    stored = await put(storage, a_circuit(probe_until=later(60.000001)))
    assert stored == a_circuit(probe_until=later(60.000001), version=1)
    assert await storage.circuits.find(account_id("maya"), "charge") == stored
    assert list(await storage.circuits.not_closed(10)) == [stored]
    assert await storage.circuits.find(account_id("maya"), "prepare") is None


async def test_what_is_not_committed_is_gone(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        unit.circuits.put(a_circuit())
    assert await storage.circuits.find(account_id("maya"), "charge") is None


async def test_a_closed_one_is_kept_and_no_longer_listed(storage: Storage) -> None:
    stored = await put(storage, a_circuit())
    closed = await put(storage, replace(stored, is_open=False))
    assert (closed.version, closed.is_open) == (2, False)
    assert list(await storage.circuits.not_closed(10)) == []
    assert await storage.circuits.find(account_id("maya"), "charge") == closed


async def test_of_two_changes_of_one_version_the_first_wins(storage: Storage) -> None:
    stored = await put(storage, a_circuit())
    probed = await put(storage, replace(stored, probe_until=later(60)))
    with pytest.raises(StaleVersion):
        await put(storage, replace(stored, probe_until=later(61)))
    assert await storage.circuits.find(account_id("maya"), "charge") == probed


async def test_two_that_open_it_at_once_are_one_opening(storage: Storage) -> None:
    await put(storage, a_circuit())
    with pytest.raises(DuplicateKey):
        await put(storage, a_circuit(opened_at=later(1)))
    assert [one.opened_at for one in await storage.circuits.not_closed(10)] == [NOW]


async def test_what_never_was_stored_can_not_be_changed(storage: Storage) -> None:
    with pytest.raises(Conflict):
        await put(storage, a_circuit(version=3))


async def test_all_tenants_are_looked_over_at_once_the_latest_first(storage: Storage) -> None:
    first = await put(storage, a_circuit())
    other = await put(storage, a_circuit("gcash", tenant_id=OTHER, opened_at=later(5)))
    second = await put(storage, a_circuit(operation="prepare", opened_at=later(1)))
    assert list(await storage.circuits.not_closed(10)) == [other, second, first]
    assert list(await storage.circuits.not_closed(2)) == [other, second]


async def test_a_unit_serves_its_own_tenant_only(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        with pytest.raises(ValueError, match="another tenant"):
            unit.circuits.put(a_circuit(tenant_id=OTHER))
    stored = await put(storage, a_circuit())
    with pytest.raises(Conflict):
        await put(storage, replace(stored, tenant_id=OTHER, is_open=False))
    assert await storage.circuits.find(AccountId(stored.account_id), "charge") == stored
