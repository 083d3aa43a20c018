"""A unit of work over dicts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

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
from domain.ports.circuits import Circuits
from domain.ports.jobs import Jobs
from domain.ports.ledger import Postings
from domain.ports.proofs import Proofs
from domain.ports.track_records import TrackRecords
from domain.ports.unit_of_work import (
    DefaultMethods,
    Inbox,
    Keys,
    Payments,
    Refundings,
    Rounds,
    UnitOfWork,
    Units,
)
from domain.ports.wallets import Rewards, Spends, Wallets
from domain.ports.webhooks import Deliveries, Endpoints, Feed

PORTS: Final[Mapping[str, Callable[[Draft], Any]]] = {
    "circuits": MemoryCircuits,
    "defaults": MemoryDefaultMethods,
    "deliveries": MemoryDeliveries,
    "endpoints": MemoryEndpoints,
    "feed": MemoryFeed,
    "inbox": MemoryInbox,
    "jobs": MemoryJobs,
    "keys": MemoryKeys,
    "ledger": MemoryPostings,
    "payments": MemoryPayments,
    "proofs": MemoryProofs,
    "refunds": MemoryRefunds,
    "rewards": MemoryRewards,
    "rounds": MemoryRounds,
    "spends": MemorySpends,
    "track_records": MemoryTrackRecords,
    "wallets": lambda draft: MemoryWallets(draft, MemoryPostings(draft)),
}


class MemoryUnitOfWork(UnitOfWork):
    payments: Payments
    refunds: Refundings
    keys: Keys
    inbox: Inbox
    defaults: DefaultMethods
    rounds: Rounds
    ledger: Postings
    feed: Feed
    endpoints: Endpoints
    deliveries: Deliveries
    wallets: Wallets
    rewards: Rewards
    spends: Spends
    proofs: Proofs
    jobs: Jobs
    circuits: Circuits
    track_records: TrackRecords

    def __init__(
        self, database: MemoryDatabase, tenant_id: TenantId, bell: Bell | None = None
    ) -> None:
        self._draft = Draft(database, database.shelf(tenant_id))
        self._bell = bell

    def __getattr__(self, name: str) -> Any:
        """A port is made when it is first asked for: most units need two or three of them."""
        if (kind := PORTS.get(name)) is None:
            raise AttributeError(name)
        port = kind(self._draft)
        setattr(self, name, port)
        return port

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
