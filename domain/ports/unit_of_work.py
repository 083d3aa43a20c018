"""Port: one tenant's reads and writes, all or nothing.

Reads happen at once and see what was committed before them, nothing of this unit. Writes are
plain calls that collect; they travel together at `commit`, the last line of the block.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from domain.ids import AccountId, AttemptId, PaymentId, RefundId, TenantId
from domain.payments.payment import Payment
from domain.payments.refund import Refund, Returned
from domain.ports.circuits import Circuits
from domain.ports.jobs import Jobs
from domain.ports.ledger import Postings
from domain.ports.proofs import Proofs
from domain.ports.track_records import TrackRecords
from domain.ports.wallets import Rewards, Spends, Wallets
from domain.ports.webhooks import Deliveries, Endpoints, Feed


class Payments(Protocol):
    """The tenant's payments, whole: with attempts and evidence."""

    @abstractmethod
    async def get(self, payment_id: PaymentId) -> Payment:
        """Raises NotFound."""

    @abstractmethod
    async def show(self, payment_id: PaymentId) -> Payment:
        """The payment without its evidence, for reading only. Raises NotFound."""

    @abstractmethod
    async def of_reference(self, provider_reference: str) -> tuple[PaymentId, AttemptId] | None:
        """The newest attempt that a provider calls by this reference."""

    @abstractmethod
    async def all_of_reference(
        self, provider_reference: str, limit: int
    ) -> Sequence[tuple[PaymentId, AttemptId]]:
        """Every attempt that a provider calls by it, the newest first."""

    @abstractmethod
    def add(self, payment: Payment) -> Payment:
        """The stored value. DuplicateKey at commit."""

    @abstractmethod
    def save(self, payment: Payment) -> Payment:
        """The stored value: version + 1, nothing unsaved. StaleVersion at commit when somebody
        was first; Conflict when a second attempt would hold the fence."""


class Refundings(Protocol):
    """The tenant's refunds."""

    @abstractmethod
    async def get(self, refund_id: RefundId) -> Refund:
        """Raises NotFound."""

    @abstractmethod
    async def returned(self, payment_id: PaymentId) -> Returned:
        """What this payment's refunds add up to, but for those of a surplus."""

    @abstractmethod
    def add(self, refund: Refund) -> Refund:
        """The stored value. DuplicateKey at commit."""

    @abstractmethod
    def save(self, refund: Refund) -> Refund:
        """The stored value. StaleVersion at commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """An idempotency key of the tenant. `answer` is null while its first request runs."""

    scope: str  # the operation: "initiate", "refund"
    key: str
    fingerprint: bytes  # SHA-256 of the validated request
    resource_id: str
    created_at: datetime
    status: int | None = None  # HTTP
    answer: bytes | None = None
    version: int = 0


class Keys(Protocol):
    """Idempotency keys, kept 30 days."""

    @abstractmethod
    async def with_key(self, scope: str, key: str) -> KeyRecord | None:
        """None when it was never used."""

    @abstractmethod
    def add(self, record: KeyRecord) -> None:
        """DuplicateKey at commit."""

    @abstractmethod
    def complete(self, record: KeyRecord, status: int, answer: bytes) -> None:
        """Store the answer. StaleVersion at commit when it was completed already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNotice:
    """A callback as it came, kept before anything is done about it."""

    id: str  # unique within the account
    account_id: AccountId
    provider: str
    received_at: datetime
    body: bytes
    headers: Mapping[str, str]
    trusted: bool
    state: str = "stored"  # stored, applied, ignored, unmatched
    version: int = 0


class Inbox(Protocol):
    """Callbacks of the tenant's accounts."""

    @abstractmethod
    async def get(self, account_id: AccountId, notice_id: str) -> StoredNotice:
        """Raises NotFound."""

    @abstractmethod
    def add(self, notice: StoredNotice) -> None:
        """DuplicateKey at commit: it is a repeat."""

    @abstractmethod
    def mark(self, notice: StoredNotice, state: str) -> None:
        """StaleVersion at commit when another worker was first."""


class DefaultMethods(Protocol):
    """The method each customer prefers (S1.10)."""

    @abstractmethod
    async def of(self, customer_id: str) -> str | None:
        """The provider's code."""

    @abstractmethod
    def put(self, customer_id: str, method: str, at: datetime) -> None:
        """Replaces what was there."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How far the doctor's slow round over a tenant's payments has come."""

    after: PaymentId | None  # the last payment looked at; None: the next round begins
    at: datetime


class Rounds(Protocol):
    """The tenant's part of the doctor's regular rounds."""

    @abstractmethod
    async def stand(self) -> Stand | None:
        """None before the first round."""

    @abstractmethod
    def put(self, stand: Stand) -> None:
        """Replaces what was there."""


class UnitOfWork(Protocol):
    """`async with units(tenant_id) as unit`. Leaving without commit leaves no trace."""

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

    @abstractmethod
    async def __aenter__(self) -> Self:
        """Costs nothing until it reads."""

    @abstractmethod
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Forgets what was not committed."""

    @abstractmethod
    async def commit(self) -> None:
        """Once. Raises NotStored (by its kinds) or CommitUnknown; the unit is over either way."""


class Units(Protocol):
    @abstractmethod
    def __call__(self, tenant_id: TenantId) -> UnitOfWork:
        """A fresh unit of one tenant."""
