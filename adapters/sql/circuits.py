"""Circuits as rows. Their tables belong to no tenant's policy: one look serves the process."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.values import time, time_or_none, us, us_or_none
from adapters.sql.writes import GuardedUpdate, Insert, Reads, Row
from domain.errors import Conflict, DuplicateKey
from domain.ids import AccountId
from domain.ports.circuits import CircuitBoard, Circuits
from domain.providers.circuit import Circuit
from domain.values import replace

OPEN, CLOSED = t.CIRCUIT_STATES
KNOWN: Final[dict[str, type[Conflict]]] = {"pk_circuits": DuplicateKey}

_COLUMNS: Final = (
    t.circuits.c.account_id,
    t.circuits.c.operation,
    t.circuits.c.tenant_id,
    t.circuits.c.provider,
    t.circuits.c.state,
    t.circuits.c.opened_at,
    t.circuits.c.pause_s,
    t.circuits.c.probe_until,
    t.circuits.c.version,
)
NOT_CLOSED: Final = (
    select(*_COLUMNS)
    .where(t.NOT_CLOSED)
    .order_by(
        t.circuits.c.opened_at.desc(), t.circuits.c.account_id.desc(), t.circuits.c.operation.desc()
    )
    .limit(bindparam("limit"))
)
FIND: Final = select(*_COLUMNS).where(
    t.circuits.c.account_id == bindparam("account_id"),
    t.circuits.c.operation == bindparam("operation"),
)


@dataclass(frozen=True, slots=True)
class SqlCircuits(Circuits):
    draft: Draft

    def put(self, circuit: Circuit) -> Circuit:
        if circuit.tenant_id != self.draft.tenant_id:
            raise ValueError(f"a circuit of account {circuit.account_id} is another tenant's")
        stored = replace(circuit, version=circuit.version + 1)
        key: Row = {"account_id": circuit.account_id, "operation": circuit.operation}
        values: Row = {
            "provider": circuit.provider,
            "state": OPEN if circuit.is_open else CLOSED,
            "opened_at": us(circuit.opened_at),
            "pause_s": circuit.pause_s,
            "probe_until": us_or_none(circuit.probe_until),
        }
        if circuit.version:
            self.draft.collect(GuardedUpdate(t.circuits, key, circuit.version, values))
        else:
            row = {**key, **values, "version": stored.version}
            self.draft.collect(Insert(t.circuits, row, KNOWN))
        return stored


@dataclass(frozen=True, slots=True)
class SqlCircuitBoard(CircuitBoard):
    reads: Reads

    async def not_closed(self, limit: int) -> Sequence[Circuit]:
        rows = await self.reads.platform_rows(NOT_CLOSED, {"limit": limit})
        return [_circuit(row) for row in rows]

    async def find(self, account_id: AccountId, operation: str) -> Circuit | None:
        values: Row = {"account_id": account_id, "operation": operation}
        rows = await self.reads.platform_rows(FIND, values)
        return _circuit(rows[0]) if rows else None


def _circuit(row: Sequence[Any]) -> Circuit:
    """From the columns of a look."""
    account_id, operation, tenant_id, provider, state, opened_at, pause_s, probe, version = row
    return Circuit(
        account_id=account_id,
        operation=operation,
        tenant_id=tenant_id,
        provider=provider,
        is_open=state == OPEN,
        opened_at=time(opened_at),
        pause_s=pause_s,
        probe_until=time_or_none(probe),
        version=version,
    )
