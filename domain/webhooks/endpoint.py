"""Where a merchant hears of events: an address, what it wants to hear, the secrets we sign with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.errors import Refused
from domain.ids import EndpointId, EventId, TenantId
from domain.values import replace
from domain.webhooks.told import Told, Topic

OVERLAP: Final = timedelta(hours=24)  # a replaced secret still signs so long
PATIENCE: Final = timedelta(days=5)  # without a success; then it is disabled
MOST_ENDPOINTS: Final = 16  # of a tenant: each event is a delivery to every one of them
GONE: Final = "it answered 410 Gone"
SILENT: Final = "no delivery succeeded for 5 days"
BY_REQUEST: Final = "by request"


class EndpointState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"  # hears nothing until it is enabled again
    DELETED = "deleted"  # for good; the row stays for its deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """Immutable. `sealed` and `previous` are 32-byte secrets, readable by the vault.

    `since_number` is the feed's last number when the endpoint became what it is (active, these
    topics): each later event that it hears has a delivery to it.
    """

    id: EndpointId
    tenant_id: TenantId
    url: str
    sealed: bytes
    created_at: datetime
    description: str = ""
    topics: frozenset[Topic] = frozenset()  # none: all
    ordered: bool = False  # events of one payment come one after another
    previous: bytes | None = None
    previous_until: datetime | None = None
    state: EndpointState = EndpointState.ACTIVE
    reason: str | None = None  # why it is disabled
    disabled_at: datetime | None = None
    failing_since: datetime | None = None  # the first failure after the last success
    since_number: int = 0
    version: int = 0
    told: tuple[Told, ...] = ()  # not stored yet; the repository clears it

    @property
    def is_active(self) -> bool:
        return self.state is EndpointState.ACTIVE

    def hears(self, topic: Topic, subject: str) -> bool:
        """Whether an event of that topic about that subject is delivered to it."""
        if topic is Topic.TEST:
            return subject == self.id
        return not self.topics or topic in self.topics

    def secrets(self, now: datetime) -> tuple[bytes, ...]:
        """The sealed secrets to sign with, the newest first."""
        until = self.previous_until
        if self.previous is not None and until is not None and now < until:
            return (self.sealed, self.previous)
        return (self.sealed,)

    def rotate(self, sealed: bytes, now: datetime) -> Self:
        """A new secret; the present one signs beside it for OVERLAP."""
        return replace(self, sealed=sealed, previous=self.sealed, previous_until=now + OVERLAP)

    def listen(self, topics: frozenset[Topic], number: int) -> Self:
        """Hear these topics from the next event on; `number` is the feed's last."""
        return replace(self, topics=topics, since_number=number)

    def enable(self, number: int) -> Self:
        """Hear again, from the next event on. Itself when it is active. Raises Refused."""
        if self.state is EndpointState.DELETED:
            raise Refused("the endpoint is deleted; make another")
        if self.is_active:
            return self
        return replace(
            self,
            state=EndpointState.ACTIVE,
            reason=None,
            disabled_at=None,
            failing_since=None,
            since_number=number,
        )

    def disable(self, reason: str, now: datetime) -> Self:
        """Hear nothing from now on; the other endpoints are told. Itself when it is not active."""
        if not self.is_active:
            return self
        return replace(
            self,
            state=EndpointState.DISABLED,
            reason=reason,
            disabled_at=now,
            told=(*self.told, self._disabled(reason, now)),
        )

    def delete(self, now: datetime) -> Self:
        """For good, and its secrets with it."""
        if self.state is EndpointState.DELETED:
            return self
        return replace(
            self,
            state=EndpointState.DELETED,
            reason="deleted",
            disabled_at=now,
            sealed=b"",
            previous=None,
            previous_until=None,
        )

    def succeeded(self) -> Self:
        """It took a delivery. Itself when it had not failed before."""
        return self if self.failing_since is None else replace(self, failing_since=None)

    def missed(self, now: datetime, *, gone: bool = False) -> Self:
        """It did not take a delivery; `gone`: and never will. Itself when that changes nothing."""
        if not self.is_active:
            return self
        if gone:
            return self.disable(GONE, now)
        if self.failing_since is None:
            return replace(self, failing_since=now)
        return self.disable(SILENT, now) if now - self.failing_since >= PATIENCE else self

    def _disabled(self, reason: str, now: datetime) -> Told:
        return Told(
            id=EventId(f"evt_{self.id[4:]}{self.version + 1:06d}"),
            topic=Topic.ENDPOINT_DISABLED,
            at=now,
            subject=self.id,
            data={"id": self.id, "url": self.url, "reason": reason},
        )
