"""One operation of an account that failed too often, and what merchants are told of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.ids import AccountId, EventId, TenantId
from domain.webhooks.told import Told, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """One operation of an account. Only what has opened once is stored.

    `opened_at` names the opening: a probe changes the version and leaves it, another opening
    changes both. While `probe_until` has not passed, one call of one process tries.
    """

    account_id: AccountId
    operation: str
    tenant_id: TenantId
    provider: str
    is_open: bool
    opened_at: datetime
    pause_s: int  # from then until a call may try
    probe_until: datetime | None = None
    version: int = 0  # 0: not stored yet

    @property
    def ends_at(self) -> datetime:
        """When a call may try."""
        return self.opened_at + timedelta(seconds=self.pause_s)

    def told(self, at: datetime) -> Told:
        """That payments no longer go there, or do so again. `self` as it is stored: its version
        makes the event one, whoever tells it."""
        letter = self.operation[:1].upper()  # the operations of one account count for themselves
        return Told(
            id=EventId(f"evt_{self.account_id[4:]}{self.version:06d}{letter}"),
            topic=Topic.PROVIDER_DOWN if self.is_open else Topic.PROVIDER_RECOVERED,
            at=at,
            subject=self.account_id,
            data={
                "provider": self.provider,
                "accountId": self.account_id,
                "since": self.opened_at.isoformat().replace("+00:00", "Z"),
            },
        )
