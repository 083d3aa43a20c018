"""What is committed: a shelf for each tenant, and what belongs to none."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappush
from typing import Final

from domain.ids import (
    AccountId,
    EndpointId,
    EventId,
    JobId,
    JournalId,
    KeyId,
    PaymentId,
    RefundId,
    SpendId,
    TenantId,
)
from domain.ledger.journal import Journal
from domain.payments.events import Event
from domain.payments.payment import Payment
from domain.payments.proof import Claim, Image, Proof
from domain.payments.refund import Refund
from domain.ports.jobs import Job, JobState
from domain.ports.track_records import Hour
from domain.ports.unit_of_work import KeyRecord, Stand, StoredNotice
from domain.ports.webhooks import Head
from domain.providers.circuit import Circuit
from domain.tenants.api_key import ApiKey
from domain.tenants.tenant import ProviderAccount, Tenant
from domain.wallets.reward import Reward
from domain.wallets.spend import Spend
from domain.wallets.wallet import Wallet
from domain.webhooks.delivery import Delivery, Try
from domain.webhooks.endpoint import WebhookEndpoint
from domain.webhooks.told import Told

TENANT_ID: Final = re.compile(r"[A-Za-z0-9_]{1,64}")  # as in SQL, where it stands in a policy


OPEN_JOBS: Final = (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class FeedRow:
    told: Told
    number: int | None = None
    body: bytes | None = None
    version: int = 0


@dataclass(slots=True, eq=False)
class Shelf:
    """One tenant's rows, and the indexes that lead to them."""

    tenant_id: TenantId
    payments: dict[PaymentId, Payment] = field(default_factory=dict)
    in_order: list[tuple[datetime, PaymentId]] = field(default_factory=list)  # by creation
    references: dict[str, list[tuple[PaymentId, int]]] = field(default_factory=dict)
    events: dict[PaymentId, list[tuple[datetime, str, Event]]] = field(default_factory=dict)
    refunds: dict[RefundId, Refund] = field(default_factory=dict)
    refunds_of: dict[PaymentId, list[RefundId]] = field(default_factory=dict)
    journals: dict[JournalId, Journal] = field(default_factory=dict)
    journals_of: dict[PaymentId, list[JournalId]] = field(default_factory=dict)
    keys: dict[tuple[str, str], KeyRecord] = field(default_factory=dict)
    notices: dict[tuple[AccountId, str], StoredNotice] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    rounds: dict[str, Stand] = field(default_factory=dict)  # one, under ""
    feed: dict[EventId, FeedRow] = field(default_factory=dict)
    untold: set[EventId] = field(default_factory=set)  # of the feed, those without a number
    numbered: list[EventId] = field(default_factory=list)  # 1, 2, 3, …
    heads: dict[str, Head] = field(default_factory=dict)  # one, under ""
    endpoints: dict[EndpointId, WebhookEndpoint] = field(default_factory=dict)
    deliveries: dict[tuple[EndpointId, EventId], Delivery] = field(default_factory=dict)
    tries: dict[tuple[EndpointId, EventId, int], Try] = field(default_factory=dict)
    wallets: dict[tuple[str, str], Wallet] = field(default_factory=dict)  # customer, unit
    rewards: dict[PaymentId, Reward] = field(default_factory=dict)
    spends: dict[SpendId, Spend] = field(default_factory=dict)
    proofs: dict[tuple[PaymentId, int], Proof] = field(default_factory=dict)
    claims: dict[tuple[str, str], Claim] = field(default_factory=dict)  # bank, transaction
    images: dict[str, Image] = field(default_factory=dict)  # by digest
    circuits: dict[tuple[AccountId, str], Circuit] = field(default_factory=dict)
    hours: dict[tuple[AccountId, int], Hour] = field(default_factory=dict)
    jobs: dict[JobId, Job] = field(default_factory=dict)
    job_states: dict[JobId, JobState] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class MemoryDatabase:
    """All that is committed. It serves one event loop."""

    shelves: dict[TenantId, Shelf] = field(default_factory=dict)
    owners: dict[PaymentId, TenantId] = field(default_factory=dict)
    tenants: dict[TenantId, Tenant] = field(default_factory=dict)
    accounts: dict[AccountId, ProviderAccount] = field(default_factory=dict)
    keys: dict[KeyId, ApiKey] = field(default_factory=dict)
    # Jobs by time, and, once they are due, by rank. An entry that holds another time than its job
    # is stale.
    soon: list[tuple[datetime, int, Shelf, JobId]] = field(default_factory=list)
    due: list[tuple[datetime, int, datetime, Shelf, JobId]] = field(default_factory=list)
    pushes: int = 0  # breaks ties of the heap: first in, first out

    def shelf(self, tenant_id: TenantId) -> Shelf:
        """Raises ValueError for a tenant id that is not 1 to 64 letters, digits or underscores."""
        if (found := self.shelves.get(tenant_id)) is None:
            if not TENANT_ID.fullmatch(tenant_id):
                raise ValueError("a tenant id is 1 to 64 letters, digits or underscores")
            found = self.shelves[tenant_id] = Shelf(tenant_id)
        return found

    def queue(self, shelf: Shelf, job: Job) -> None:
        """Entries that a later change of the job outdated are dropped when they come up."""
        self.pushes += 1
        heappush(self.soon, (job.run_at, self.pushes, shelf, job.id))
