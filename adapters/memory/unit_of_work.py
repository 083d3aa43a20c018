"""A unit of work over dicts."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from adapters.memory.circuits import MemoryCircuits
from adapters.memory.database import MemoryDatabase
from adapters.memory.draft import Draft, store
from adapters.memory.endpoints import MemoryDeliveries, MemoryEndpoints
from adapters.memory.feed import MemoryFeed
from adapters.memory.jobs import MemoryJobs
from adapters.memory.ledger import MemoryPostings
from adapters.memory.payments import MemoryPayments
from adapters.memory.proofs import MemoryProofs
from adapters.memory.refunds import MemoryRefunds
from adapters.memory.requests import (
    MemoryDefaultMethods,
    MemoryInbox,
    MemoryKeys,
    MemoryRounds,
)
from adapters.memory.track_records import MemoryTrackRecords
from adapters.memory.wallets import MemoryRewards, MemorySpends, MemoryWallets
from domain.ids import TenantId
from domain.ports.bell import Bell
from domain.ports.unit_of_work import UnitOfWork, Units


class MemoryUnitOfWork(UnitOfWork):
    def __init__(
        self, database: MemoryDatabase, tenant_id: TenantId, bell: Bell | None = None
    ) -> None:
        self._draft = draft = Draft(database, database.shelf(tenant_id))
        self._bell = bell
        self.payments = MemoryPayments(draft)
        self.refunds = MemoryRefunds(draft)
        self.keys = MemoryKeys(draft)
        self.inbox = MemoryInbox(draft)
        self.defaults = MemoryDefaultMethods(draft)
        self.jobs = MemoryJobs(draft)
        self.ledger = MemoryPostings(draft)
        self.wallets = MemoryWallets(draft, self.ledger)
        self.rewards = MemoryRewards(draft)
        self.spends = MemorySpends(draft)
        self.proofs = MemoryProofs(draft)
        self.circuits = MemoryCircuits(draft)
        self.track_records = MemoryTrackRecords(draft)
        self.rounds = MemoryRounds(draft)
        self.feed = MemoryFeed(draft)
        self.endpoints = MemoryEndpoints(draft)
        self.deliveries = MemoryDeliveries(draft)

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
        if self._draft.rings and self._bell is not None:
            self._bell.ring()


@dataclass(frozen=True, slots=True)
class MemoryUnits(Units):
    database: MemoryDatabase
    bell: Bell | None = None

    def __call__(self, tenant_id: TenantId) -> MemoryUnitOfWork:
        return MemoryUnitOfWork(self.database, tenant_id, self.bell)
