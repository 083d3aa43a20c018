"""Circuits in a dict."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.memory.database import MemoryDatabase
from adapters.memory.draft import NOTHING, Draft, Write
from domain.ids import AccountId
from domain.ports.circuits import CircuitBoard, Circuits
from domain.providers.circuit import Circuit
from domain.values import replace


class MemoryCircuits(Circuits):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def put(self, circuit: Circuit) -> Circuit:
        if circuit.tenant_id != self._draft.shelf.tenant_id:
            raise ValueError(f"a circuit of account {circuit.account_id} is another tenant's")
        stored = replace(circuit, version=circuit.version + 1)
        key = (circuit.account_id, circuit.operation)
        expected = circuit.version or NOTHING
        self._draft.collect(Write(self._draft.shelf.circuits, key, stored, expected))
        return stored


@dataclass(frozen=True, slots=True)
class MemoryCircuitBoard(CircuitBoard):
    database: MemoryDatabase

    async def not_closed(self, limit: int) -> Sequence[Circuit]:
        shelves = self.database.shelves.values()
        found = [one for shelf in shelves for one in shelf.circuits.values() if one.is_open]
        found.sort(key=lambda one: (one.opened_at, one.account_id, one.operation), reverse=True)
        return found[:limit]

    async def find(self, account_id: AccountId, operation: str) -> Circuit | None:
        for shelf in self.database.shelves.values():
            if found := shelf.circuits.get((account_id, operation)):
                return found
        return None
