"""Port: forgetting what was kept long enough."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.ids import TenantId


class Kept(StrEnum):
    """What is forgotten. Each has a rule that says after how long, and a statement that does it."""

    KEYS = "keys"  # idempotency keys, but for those whose payment or refund is open
    NOTICE_BODIES = "notice_bodies"  # callbacks' bodies and headers, once they were read
    NOTICES = "notices"  # what is left of them: ids and digests
    DONE_JOBS = "done_jobs"
    DEAD_JOBS = "dead_jobs"
    TRIES = "delivery_tries"  # the log of calls to merchants' endpoints
    DELIVERIES = "deliveries"  # delivered or dropped ones
    FAILED_DELIVERIES = "failed_deliveries"  # as long as their bodies are there, to be replayed
    EVENT_BODIES = "event_bodies"  # what was told; the event and its number stay


class Retention(Protocol):
    @abstractmethod
    async def tenants(self, after: TenantId | None, limit: int) -> Sequence[TenantId]:
        """The tenants' ids in ascending order, after the one given."""

    @abstractmethod
    async def forget(self, what: Kept, tenant_id: TenantId, before: datetime, limit: int) -> int:
        """Remove up to `limit` rows older than that, the oldest first; how many there were."""
