"""Idempotency keys, callbacks as they came, default methods, and the doctor's rounds."""

from datetime import datetime

from adapters.memory.draft import ANYTHING, NOTHING, Draft, Write
from domain.errors import NotFound
from domain.ids import AccountId
from domain.ports.unit_of_work import (
    DefaultMethods,
    Inbox,
    KeyRecord,
    Keys,
    Rounds,
    Stand,
    StoredNotice,
)
from domain.values import replace


class MemoryKeys(Keys):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    async def with_key(self, scope: str, key: str) -> KeyRecord | None:
        return self._draft.shelf.keys.get((scope, key))

    def add(self, record: KeyRecord) -> None:
        name = (record.scope, record.key)
        self._draft.collect(Write(self._draft.shelf.keys, name, record, NOTHING))

    def complete(self, record: KeyRecord, status: int, answer: bytes) -> None:
        name, version = (record.scope, record.key), record.version
        done = replace(record, status=status, answer=answer, version=version + 1)
        self._draft.collect(Write(self._draft.shelf.keys, name, done, version))


class MemoryInbox(Inbox):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    async def get(self, account_id: AccountId, notice_id: str) -> StoredNotice:
        if (found := self._draft.shelf.notices.get((account_id, notice_id))) is None:
            raise NotFound(f"callback {notice_id}")
        return found

    def add(self, notice: StoredNotice) -> None:
        name = (notice.account_id, notice.id)
        self._draft.collect(Write(self._draft.shelf.notices, name, notice, NOTHING))

    def mark(self, notice: StoredNotice, state: str) -> None:
        name, version = (notice.account_id, notice.id), notice.version
        marked = replace(notice, state=state, version=version + 1)
        self._draft.collect(Write(self._draft.shelf.notices, name, marked, version))


class MemoryDefaultMethods(DefaultMethods):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    async def of(self, customer_id: str) -> str | None:
        return self._draft.shelf.defaults.get(customer_id)

    def put(self, customer_id: str, method: str, at: datetime) -> None:
        self._draft.collect(Write(self._draft.shelf.defaults, customer_id, method, ANYTHING))


class MemoryRounds(Rounds):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    async def stand(self) -> Stand | None:
        return self._draft.shelf.rounds.get("")

    def put(self, stand: Stand) -> None:
        self._draft.collect(Write(self._draft.shelf.rounds, "", stand, ANYTHING))
