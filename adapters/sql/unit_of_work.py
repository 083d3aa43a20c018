"""One tenant's unit: reads at once, writes at commit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from adapters.sql.circuits import SqlCircuits
from adapters.sql.defaults import SqlDefaultMethods
from adapters.sql.draft import Draft
from adapters.sql.endpoints import SqlDeliveries, SqlEndpoints
from adapters.sql.feed import SqlFeed
from adapters.sql.inbox import SqlInbox
from adapters.sql.jobs import SqlJobs
from adapters.sql.keys import SqlKeys
from adapters.sql.lately import Lately
from adapters.sql.payments import SqlPayments
from adapters.sql.postings import SqlPostings
from adapters.sql.proofs import SqlProofs
from adapters.sql.refunds import SqlRefunds
from adapters.sql.rounds import SqlRounds
from adapters.sql.track_records import SqlTrackRecords
from adapters.sql.wallets import SqlRewards, SqlSpends, SqlWallets
from adapters.sql.writes import Committer, Reads
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
    "circuits": SqlCircuits,
    "defaults": SqlDefaultMethods,
    "deliveries": SqlDeliveries,
    "endpoints": SqlEndpoints,
    "feed": SqlFeed,
    "inbox": SqlInbox,
    "jobs": SqlJobs,
    "keys": SqlKeys,
    "ledger": SqlPostings,
    "proofs": SqlProofs,
    "refunds": SqlRefunds,
    "rewards": SqlRewards,
    "rounds": SqlRounds,
    "spends": SqlSpends,
    "track_records": SqlTrackRecords,
    "wallets": lambda draft: SqlWallets(draft, SqlPostings(draft)),
}


class SqlUnitOfWork(UnitOfWork):
    """Two reads may see different moments: whatever a decision rests on is saved, or guarded."""

    __slots__ = (
        "_bell",
        "_committer",
        "_draft",
        "_lately",
        "circuits",
        "defaults",
        "deliveries",
        "endpoints",
        "feed",
        "inbox",
        "jobs",
        "keys",
        "ledger",
        "payments",
        "proofs",
        "refunds",
        "rewards",
        "rounds",
        "spends",
        "track_records",
        "wallets",
    )

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
        self,
        tenant_id: TenantId,
        reads: Reads,
        committer: Committer,
        lately: Lately,
        bell: Bell | None = None,
    ) -> None:
        self._draft = Draft(tenant_id, reads)
        self._committer, self._bell, self._lately = committer, bell, lately

    def __getattr__(self, name: str) -> Any:
        """A port is made when it is first asked for: most units need two or three of them."""
        if name == "payments":
            port: Any = SqlPayments(self._draft, self._lately)
        elif (kind := PORTS.get(name)) is not None:
            port = kind(self._draft)
        else:
            raise AttributeError(name)
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
        self._draft.drop()

    async def commit(self) -> None:
        if (unit := self._draft.finish()).writes:
            await self._committer.commit(unit)
        if self._draft.rings and self._bell is not None:
            self._bell.ring()


@dataclass(frozen=True, slots=True)
class SqlUnits(Units):
    """Opening a unit costs no connection until it reads."""

    reads: Reads
    committer: Committer
    lately: Lately = field(default_factory=Lately)
    bell: Bell | None = None

    def __call__(self, tenant_id: TenantId) -> SqlUnitOfWork:
        return SqlUnitOfWork(tenant_id, self.reads, self.committer, self.lately, self.bell)
