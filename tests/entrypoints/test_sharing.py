"""What a process knows of accounts is shared while it serves, and once more when it ends."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.provider_kit.circuit import FAULTS
from adapters.provider_kit.shared_breaker import SharedBreaker
from domain.errors import Unavailable
from domain.ids import AccountId
from domain.ports.circuits import CircuitBoard
from domain.providers.circuit import Circuit
from entrypoints.sharing import LOOK_S, Sharing
from tests.builders import ACME, account_id
from tests.storages import Storage, memory_storage

pytestmark = pytest.mark.anyio

MAYA = account_id("maya")


class Counted(CircuitBoard):
    """Of a storage, or of none: counts who looks, and may be away."""

    def __init__(self, inner: CircuitBoard) -> None:
        self.inner, self.looks, self.away = inner, 0, False
        self.looked = asyncio.Event()

    async def not_closed(self, limit: int) -> Sequence[Circuit]:
        self.looks += 1
        self.looked.set()
        if self.away:
            raise Unavailable("no connection")
        return await self.inner.not_closed(limit)

    async def find(self, account_id: AccountId, operation: str) -> Circuit | None:
        return await self.inner.find(account_id, operation)


def a_process(storage: Storage, board: CircuitBoard | None = None) -> SharedBreaker:
    circuits = board or storage.circuits
    breaker = SharedBreaker(storage.clock, storage.units, circuits, storage.tracks)
    breaker.belongs(MAYA, "maya", ACME)
    return breaker


async def test_what_was_counted_last_is_told_before_the_end() -> None:
    storage = memory_storage()
    ending, other = a_process(storage), a_process(storage)
    for _ in range(FAULTS):
        ending.record(ending.note(MAYA, "charge"), fault=True)
    ending.finished(MAYA, "att_1", success=False)
    stop = asyncio.Event()
    stop.set()
    await Sharing(ending)(stop)
    await other.look()
    await other.record_of.look()
    assert other.of(ACME, MAYA).circuit == "open"
    assert other.of(ACME, MAYA).finished == 1


async def test_a_database_that_is_away_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.sharing.LOOK_S", LOOK_S / 1000)
    storage = memory_storage()
    board = Counted(storage.circuits)
    board.away = True
    breaker = a_process(storage, board)
    stop = asyncio.Event()
    sharing = asyncio.create_task(Sharing(breaker)(stop))
    for _ in range(3):
        await asyncio.wait_for(board.looked.wait(), 5)
        board.looked.clear()
    board.away = False
    for _ in range(FAULTS):
        breaker.record(breaker.note(MAYA, "charge"), fault=True)
    stop.set()
    await asyncio.wait_for(sharing, 5)
    assert [one.account_id for one in await storage.circuits.not_closed(10)] == [MAYA]
