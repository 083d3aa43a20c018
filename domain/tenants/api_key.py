"""An API key is known by its id and a digest; the secret itself is shown once and never stored."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.ids import KeyId, TenantId


class Scope(StrEnum):
    PAYMENTS_READ = "payments:read"
    PAYMENTS_WRITE = "payments:write"
    PAYMENTS_REFUND = "payments:refund"
    PAYMENTS_VERIFY = "payments:verify"
    WALLETS_READ = "wallets:read"
    WALLETS_SPEND = "wallets:spend"
    LEDGER_READ = "ledger:read"
    EVENTS_READ = "events:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"


EVERY_SCOPE: Final = frozenset(Scope)
RATE_PER_MINUTE: Final = 100  # requests a minute by default (S2.03)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """`digest` is HMAC-SHA256 of the secret under the installation's pepper (256 random bits
    need no slow hash)."""

    id: KeyId
    tenant_id: TenantId
    name: str
    digest: bytes
    scopes: frozenset[Scope]
    created_at: datetime
    rate_per_minute: int = RATE_PER_MINUTE
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_live(self, at: datetime) -> bool:
        """Whether the key opens anything at that instant."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)
