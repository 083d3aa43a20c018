"""The same request twice gets the same answer, byte for byte: idempotency keys."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.errors import KeyInProgress, KeyReused
from domain.ids import TenantId
from domain.ports.unit_of_work import KeyRecord, Units

LEASE: Final = timedelta(seconds=75)  # longer than any request lives: then its process is gone


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client gets: an HTTP status and the body's bytes."""

    status: int
    body: bytes
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The client's idempotency key for one operation, with its request's fingerprint."""

    scope: str  # "initiate", "refund"
    key: str  # 1 to 255 visible ASCII characters
    fingerprint: bytes  # SHA-256 over the validated request

    def record(self, resource_id: str, at: datetime, answer: Answer | None = None) -> KeyRecord:
        """The row to store with the resource it makes."""
        return KeyRecord(
            scope=self.scope,
            key=self.key,
            fingerprint=self.fingerprint,
            resource_id=resource_id,
            created_at=at,
            status=answer.status if answer else None,
            answer=answer.body if answer else None,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """A key that was used before. `abandoned`: its first request died before it could answer."""

    record: KeyRecord
    abandoned: bool

    @property
    def answer(self) -> Answer | None:
        if self.record.status is None or self.record.answer is None:
            return None
        return Answer(self.record.status, self.record.answer, replayed=True)


async def known(units: Units, tenant_id: TenantId, key: RequestKey, now: datetime) -> Known | None:
    """What is stored under the key; None when nothing is.

    Raises KeyReused for another request's key, KeyInProgress while the first still runs.
    """
    async with units(tenant_id) as unit:
        record = await unit.keys.with_key(key.scope, key.key)
    if record is None:
        return None
    if record.fingerprint != key.fingerprint:
        raise KeyReused()
    abandoned = record.answer is None
    if abandoned and now < record.created_at + LEASE:
        raise KeyInProgress()
    return Known(record, abandoned)
