"""Forgetting: one statement for each kind of what is kept, over one tenant's rows.

A tenant's statement runs under its own policies, so the role that serves needs no right to see
everybody's rows. Whatever is added here stands in tables.FORGOTTEN, whose rows it may delete.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    bindparam,
    delete,
    exists,
    not_,
    null,
    select,
    tuple_,
    update,
)

from adapters.sql import tables as t
from adapters.sql.rows.values import us
from adapters.sql.tables.columns import where
from adapters.sql.writes import Reads, Store
from domain.ids import TenantId
from domain.payments.refund import RefundState
from domain.payments.status import OPEN
from domain.ports.retention import Kept, Retention

LOWEST: Final = ""
TENANTS: Final = (
    select(t.tenants.c.tenant_id)
    .where(t.tenants.c.tenant_id > bindparam("after"))
    .order_by(t.tenants.c.tenant_id)
    .limit(bindparam("limit"))
)
DONE: Final = where("1")  # a row of the answer for each that was forgotten

_limit: Final[Any] = bindparam("limit")
_before: Final[Any] = bindparam("older_than")


def _of(column: Any) -> Any:
    return column == bindparam("tenant_id")


def _open_payment(keys: Any) -> Any:
    pays = t.payments.c
    same = (pays.id == keys.c.resource_id, pays.tenant_id == keys.c.tenant_id)
    return exists().where(*same, pays.status.in_([where(f"'{one}'") for one in OPEN]))


def _open_refund(keys: Any) -> Any:
    back = t.refunds.c
    same = (back.id == keys.c.resource_id, back.tenant_id == keys.c.tenant_id)
    open_ = [where(f"'{one}'") for one in (RefundState.CREATED, RefundState.SUBMITTED)]
    return exists().where(*same, back.state.in_(open_))


def _keys() -> Any:
    keys, old = t.idempotency_keys, t.idempotency_keys.alias("old")
    which = (
        select(old.c.scope, old.c.key)
        .where(_of(old.c.tenant_id), old.c.created_at < _before)
        .where(not_(_open_payment(old)), not_(_open_refund(old)))
        .order_by(old.c.created_at)
        .limit(_limit)
    )
    mine = tuple_(keys.c.scope, keys.c.key).in_(which)
    return delete(keys).where(_of(keys.c.tenant_id), mine).returning(DONE)


def _old_notices(*conditions: Any) -> Any:
    old = t.inbox.alias("old")
    which = select(old.c.account_id, old.c.id).where(_of(old.c.tenant_id), *conditions)
    which = which.where(old.c.received_at < _before).order_by(old.c.received_at).limit(_limit)
    return tuple_(t.inbox.c.account_id, t.inbox.c.id).in_(which)


def _bodies() -> Any:
    read = where("state <> 'stored'")
    which = (_of(t.inbox.c.tenant_id), _old_notices(t.WHOLE, read))
    return update(t.inbox).values(body=null(), headers=null()).where(*which).returning(DONE)


def _notices() -> Any:
    which = (_of(t.inbox.c.tenant_id), _old_notices(t.STRIPPED))
    return delete(t.inbox).where(*which).returning(DONE)


def _jobs(state: str) -> Any:
    old = t.jobs.alias("old")
    which = (
        select(old.c.id)
        .where(t.OVER, old.c.state == where(f"'{state}'"), _of(old.c.tenant_id))
        .where(old.c.run_at < _before)
        .order_by(old.c.run_at)
        .limit(_limit)
    )
    return delete(t.jobs).where(_of(t.jobs.c.tenant_id), t.jobs.c.id.in_(which)).returning(DONE)


def _tries() -> Any:
    tries, old = t.delivery_tries, t.delivery_tries.alias("old")
    which = (
        select(old.c.event_id, old.c.endpoint_id, old.c.number)
        .where(_of(old.c.tenant_id), old.c.at < _before)
        .order_by(old.c.at)
        .limit(_limit)
    )
    mine = tuple_(tries.c.event_id, tries.c.endpoint_id, tries.c.number).in_(which)
    return delete(tries).where(_of(tries.c.tenant_id), mine).returning(DONE)


def _deliveries(state: str) -> Any:
    """`state` as the partial index says it; of the few that failed all are looked at."""
    way, old = t.deliveries, t.deliveries.alias("old")
    which = (
        select(old.c.event_id, old.c.endpoint_id)
        .where(_of(old.c.tenant_id), where(f"old.{state}"), old.c.next_at < _before)
        .order_by(old.c.next_at)
        .limit(_limit)
    )
    mine = tuple_(way.c.event_id, way.c.endpoint_id).in_(which)
    return delete(way).where(_of(way.c.tenant_id), mine).returning(DONE)


def _event_bodies() -> Any:
    feed, old = t.feed, t.feed.alias("old")
    which = (
        select(old.c.id)
        .where(_of(old.c.tenant_id), where("old.body IS NOT NULL"))
        .where(old.c.at < _before)
        .order_by(old.c.at)
        .limit(_limit)
    )
    mine = (_of(feed.c.tenant_id), feed.c.id.in_(which))
    return update(feed).values(body=null(), data=null()).where(*mine).returning(DONE)


FORGETTING: Final[Mapping[Kept, Any]] = {
    Kept.KEYS: _keys(),
    Kept.NOTICE_BODIES: _bodies(),
    Kept.NOTICES: _notices(),
    Kept.DONE_JOBS: _jobs("done"),
    Kept.DEAD_JOBS: _jobs("dead"),
    Kept.TRIES: _tries(),
    Kept.DELIVERIES: _deliveries("state IN ('delivered', 'dropped')"),
    Kept.FAILED_DELIVERIES: _deliveries("state = 'failed'"),
    Kept.EVENT_BODIES: _event_bodies(),
}


@dataclass(frozen=True, slots=True)
class SqlRetention(Retention):
    store: Store
    reads: Reads

    async def tenants(self, after: TenantId | None, limit: int) -> Sequence[TenantId]:
        values = {"after": after or LOWEST, "limit": limit}
        return [row[0] for row in await self.reads.platform_rows(TENANTS, values)]

    async def forget(self, what: Kept, tenant_id: TenantId, before: datetime, limit: int) -> int:
        values = {"older_than": us(before), "limit": limit}
        return len(await self.store.of_tenant(tenant_id, FORGETTING[what], values))
