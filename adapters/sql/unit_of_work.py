"""One tenant's unit: reads at once, writes at commit."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

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
from domain.ports.unit_of_work import UnitOfWork, Units


class SqlUnitOfWork(UnitOfWork):
    """Two reads may see different moments: whatever a decision rests on is saved, or guarded."""

    __slots__ = (
        "_bell",
        "_committer",
        "_draft",
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

    def __init__(
        self,
        tenant_id: TenantId,
        reads: Reads,
        committer: Committer,
        lately: Lately,
        bell: Bell | None = None,
    ) -> None:
        self._draft = draft = Draft(tenant_id, reads)
        self._committer, self._bell = committer, bell
        self.payments = SqlPayments(draft, lately)
        self.refunds = SqlRefunds(draft)
        self.keys = SqlKeys(draft)
        self.inbox = SqlInbox(draft)
        self.defaults = SqlDefaultMethods(draft)
        self.jobs = SqlJobs(draft)
        self.ledger = SqlPostings(draft)
        self.wallets = SqlWallets(draft, self.ledger)
        self.rewards = SqlRewards(draft)
        self.spends = SqlSpends(draft)
        self.proofs = SqlProofs(draft)
        self.circuits = SqlCircuits(draft)
        self.track_records = SqlTrackRecords(draft)
        self.rounds = SqlRounds(draft)
        self.feed = SqlFeed(draft)
        self.endpoints = SqlEndpoints(draft)
        self.deliveries = SqlDeliveries(draft)

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
