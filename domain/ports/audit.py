"""Port: what is stored, as raw as the doctor needs it. It only reads.

A page of dossiers may be read while its payments move, so a row may be newer than the one it
belongs to: what looks wrong is read again before it is believed.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.audit.dossier import Check, Dossier
from domain.ids import PaymentId, TenantId


@dataclass(frozen=True, slots=True)
class Stray:
    """A row without what it belongs to, or with what is another tenant's."""

    check: Check  # TENANTS, KEYS, WORK or TOLD
    row: str
    told: str


@dataclass(frozen=True, slots=True)
class HeldJob:
    """A job that somebody claimed and neither finished nor gave back."""

    id: str
    tenant_id: TenantId
    expired_at: datetime  # of its lease
    tries: int


class Audit(Protocol):
    """Every read is bounded by `limit`. Raises Unavailable when the database can't answer."""

    @abstractmethod
    async def is_current(self) -> bool:
        """Whether the database has this version's schema, neither an older nor a newer one."""

    @abstractmethod
    async def tenants(self, after: TenantId | None, limit: int) -> Sequence[TenantId]:
        """The tenants' ids in ascending order, after the one given."""

    @abstractmethod
    async def dossiers(
        self, tenant_id: TenantId, after: PaymentId | None, limit: int
    ) -> Sequence[Dossier]:
        """A tenant's payments by ascending id, after the one given."""

    @abstractmethod
    async def last_before(self, tenant_id: TenantId, at: datetime) -> PaymentId | None:
        """The newest payment created before then."""

    @abstractmethod
    async def dossier(self, tenant_id: TenantId, payment_id: PaymentId) -> Dossier:
        """One of them, read anew. Raises NotFound."""

    @abstractmethod
    async def strays(self, tenant_id: TenantId, limit: int) -> Sequence[Stray]:
        """Rows of this tenant whose payment or account is missing or another tenant's,
        idempotency keys whose payment or refund is missing, and stored callbacks that no job
        reads."""

    @abstractmethod
    async def mistold(self, tenant_id: TenantId, since: datetime, limit: int) -> Sequence[Stray]:
        """What merchants should hear of and don't: public events that are not in the feed,
        numbers with a gap, a head that is not the last of them, events since then without a
        delivery to an endpoint that hears them, and deliveries that wait and nobody makes."""

    @abstractmethod
    async def held_jobs(self, before: datetime, limit: int) -> Sequence[HeldJob]:
        """Jobs whose lease expired before then and whom nobody has claimed since, oldest first."""
