"""Callbacks as they came."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec
from sqlalchemy import bindparam, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.values import json, time, us
from adapters.sql.writes import GuardedUpdate, Insert, Row
from domain.errors import Conflict, DuplicateKey, NotFound
from domain.ids import AccountId
from domain.ports.unit_of_work import Inbox, StoredNotice

IN_USE: Final[dict[str, type[Conflict]]] = {"pk_inbox": DuplicateKey}

GET: Final = select(
    t.inbox.c.provider,
    t.inbox.c.received_at,
    t.inbox.c.body,
    t.inbox.c.headers,
    t.inbox.c.trusted,
    t.inbox.c.state,
    t.inbox.c.version,
).where(
    t.inbox.c.account_id == bindparam("account_id"),
    t.inbox.c.id == bindparam("id"),
    t.inbox.c.tenant_id == bindparam("tenant_id"),
)

_headers: Final = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class SqlInbox(Inbox):
    draft: Draft

    async def get(self, account_id: AccountId, notice_id: str) -> StoredNotice:
        for row in await self.draft.rows(GET, account_id=account_id, id=notice_id):
            provider, received_at, body, headers, trusted, state, version = row
            return StoredNotice(
                id=notice_id,
                account_id=account_id,
                provider=provider,
                received_at=time(received_at),
                body=body or b"",
                headers=_headers.decode(headers) if headers is not None else {},
                trusted=bool(trusted),
                state=state,
                version=version,
            )
        raise NotFound(f"callback {notice_id}")

    def add(self, notice: StoredNotice) -> None:
        row: Row = {
            "account_id": notice.account_id,
            "id": notice.id,
            "provider": notice.provider,
            "received_at": us(notice.received_at),
            "digest": sha256(notice.body).digest(),
            "body": notice.body,
            "headers": json(dict(notice.headers)),
            "trusted": notice.trusted,
            "state": notice.state,
            "version": notice.version,
        }
        self.draft.collect(Insert(t.inbox, row, IN_USE))

    def mark(self, notice: StoredNotice, state: str) -> None:
        key: Row = {"account_id": notice.account_id, "id": notice.id}
        self.draft.collect(GuardedUpdate(t.inbox, key, notice.version, {"state": state}))
