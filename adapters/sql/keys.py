"""Idempotency keys."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.values import time, us
from adapters.sql.writes import GuardedUpdate, Insert, Row
from domain.errors import Conflict, DuplicateKey
from domain.ports.unit_of_work import KeyRecord, Keys

IN_USE: Final[dict[str, type[Conflict]]] = {"pk_idempotency_keys": DuplicateKey}

WITH_KEY: Final = select(
    t.idempotency_keys.c.fingerprint,
    t.idempotency_keys.c.resource_id,
    t.idempotency_keys.c.created_at,
    t.idempotency_keys.c.status,
    t.idempotency_keys.c.answer,
    t.idempotency_keys.c.version,
).where(
    t.idempotency_keys.c.tenant_id == bindparam("tenant_id"),
    t.idempotency_keys.c.scope == bindparam("scope"),
    t.idempotency_keys.c.key == bindparam("key"),
)


@dataclass(frozen=True, slots=True)
class SqlKeys(Keys):
    draft: Draft

    async def with_key(self, scope: str, key: str) -> KeyRecord | None:
        for row in await self.draft.rows(WITH_KEY, scope=scope, key=key):
            fingerprint, resource_id, created_at, status, answer, version = row
            return KeyRecord(
                scope=scope,
                key=key,
                fingerprint=fingerprint,
                resource_id=resource_id,
                created_at=time(created_at),
                status=status,
                answer=answer,
                version=version,
            )
        return None

    def add(self, record: KeyRecord) -> None:
        row: Row = {
            "scope": record.scope,
            "key": record.key,
            "fingerprint": record.fingerprint,
            "resource_id": record.resource_id,
            "created_at": us(record.created_at),
            "status": record.status,
            "answer": record.answer,
            "version": record.version,
        }
        self.draft.collect(Insert(t.idempotency_keys, row, IN_USE))

    def complete(self, record: KeyRecord, status: int, answer: bytes) -> None:
        key: Row = {"scope": record.scope, "key": record.key}
        values: Row = {"status": status, "answer": answer}
        self.draft.collect(GuardedUpdate(t.idempotency_keys, key, record.version, values))
