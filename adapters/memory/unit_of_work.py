"""A unit of work over dicts."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from adapters.memory.database import MemoryDatabase
from adapters.memory.draft import Draft, store
from adapters.memory.jobs import MemoryJobs
from adapters.memory.payments import MemoryPayments
from adapters.memory.refunds import MemoryRefunds
from adapters.memory.requests import (
    MemoryDefaultMethods,
    MemoryInbox,
    MemoryKeys,
    MemoryRounds,
)
from domain.ids import TenantId
from domain.ports.unit_of_work import UnitOfWork, Units


class MemoryUnitOfWork(UnitOfWork):
    def __init__(self, database: MemoryDatabase, tenant_id: TenantId) -> None:
        self._draft = draft = Draft(database, database.shelf(tenant_id))
        self.payments = MemoryPayments(draft)
        self.refunds = MemoryRefunds(draft)
        self.keys = MemoryKeys(draft)
        self.inbox = MemoryInbox(draft)
        self.defaults = MemoryDefaultMethods(draft)
        self.jobs = MemoryJobs(draft)
        self.rounds = MemoryRounds(draft)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._draft.finish()

    async def commit(self) -> None:
        store(self._draft.finish())


@dataclass(frozen=True, slots=True)
class MemoryUnits(Units):
    database: MemoryDatabase

    def __call__(self, tenant_id: TenantId) -> MemoryUnitOfWork:
        return MemoryUnitOfWork(self.database, tenant_id)
