"""Lists and histories, past the hot path: SQLAlchemy's engine, so that a long list never stops
the loop, and a pool of its own, so that it never holds up a payment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.sql.base import Executable

from adapters.sql import tables as t
from adapters.sql.lists import DOUBTED, newest_first, oldest_first, values_of
from adapters.sql.payments import shown
from adapters.sql.rows.event import EVENT_COLUMNS, entry_of
from adapters.sql.rows.refund import REFUND_COLUMNS, refund_of
from adapters.sql.writes import Record, Value, checked
from domain.errors import NotFound, Overloaded, Unavailable
from domain.ids import PaymentId, RefundId, TenantId
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.status import PaymentStatus
from domain.ports.views import Page, PaymentFilter, TimelineEntry, Views

if TYPE_CHECKING:  # its import takes 60 ms of a start and 8 MB, until the first list is asked for
    from sqlalchemy.ext.asyncio import AsyncEngine

MOST: Final = 1000  # events or refunds of one payment
STATUSES: Final = {one.value: one for one in PaymentStatus}

SET_TENANT: Final = text("SELECT set_config('app.tenants', :tenant_id, true)")
AWAITING: Final = oldest_first(PaymentStatus.AWAITING_VERIFICATION)
WAITING: Final = (
    select(*REFUND_COLUMNS)
    .where(t.refunds.c.tenant_id == bindparam("tenant_id"), t.WITH_PERSON)
    .order_by(t.refunds.c.created_at, t.refunds.c.id)
    .limit(bindparam("limit"))
)
IS_HERE: Final = select(t.payments.c.id).where(
    t.payments.c.id == bindparam("id"), t.payments.c.tenant_id == bindparam("tenant_id")
)
TIMELINE: Final = (
    select(*EVENT_COLUMNS)
    .where(t.events.c.payment_id == bindparam("id"), t.events.c.tenant_id == bindparam("tenant_id"))
    .order_by(t.events.c.at, t.events.c.id)
    .limit(MOST)
)
REFUNDS: Final = (
    select(*REFUND_COLUMNS)
    .where(
        t.refunds.c.payment_id == bindparam("id"), t.refunds.c.tenant_id == bindparam("tenant_id")
    )
    .order_by(t.refunds.c.created_at, t.refunds.c.id)
    .limit(MOST)
)
REFUND: Final = select(*REFUND_COLUMNS).where(
    t.refunds.c.id == bindparam("id"), t.refunds.c.tenant_id == bindparam("tenant_id")
)


@dataclass(frozen=True, slots=True)
class SqlViews(Views):
    """`engine` is called at the first list: a process that shows none never imports a second way
    to its database. `has_policies`: each transaction says whose rows it may see."""

    engine: Callable[[], "AsyncEngine"]
    has_policies: bool

    async def payments(
        self, tenant_id: TenantId, which: PaymentFilter, before: PaymentId | None, limit: int
    ) -> Page:
        status = STATUSES.get(which.status) if which.status is not None else None
        if which.status is not None and status is None:
            return Page([], None)
        values = values_of(which, before)
        statement = newest_first(tuple(values), status)
        rows = await self.rows(tenant_id, statement, {**values, "limit": limit + 1})
        found = grouped(rows)
        more = len(found) > limit
        return Page(found[:limit], found[limit - 1].id if more else None)

    async def timeline(self, tenant_id: TenantId, payment_id: PaymentId) -> Sequence[TimelineEntry]:
        rows = await self.rows(tenant_id, TIMELINE, {"id": payment_id})
        if not rows and not await self.rows(tenant_id, IS_HERE, {"id": payment_id}):
            raise NotFound(f"payment {payment_id}")
        return [entry_of(number, row) for number, row in enumerate(rows, 1)]

    async def refunds(self, tenant_id: TenantId, payment_id: PaymentId) -> Sequence[Refund]:
        return [refund_of(row) for row in await self.rows(tenant_id, REFUNDS, {"id": payment_id})]

    async def awaiting(self, tenant_id: TenantId, limit: int) -> Sequence[Payment]:
        waiting = grouped(await self.rows(tenant_id, AWAITING, {"limit": limit}))
        paid = grouped(await self.rows(tenant_id, DOUBTED, {"limit": limit}))
        return sorted([*waiting, *paid], key=lambda one: (one.intent.created_at, one.id))[:limit]

    async def awaiting_refunds(self, tenant_id: TenantId, limit: int) -> Sequence[Refund]:
        return [refund_of(row) for row in await self.rows(tenant_id, WAITING, {"limit": limit})]

    async def refund(self, tenant_id: TenantId, refund_id: RefundId) -> Refund:
        for row in await self.rows(tenant_id, REFUND, {"id": refund_id}):
            return refund_of(row)
        raise NotFound(f"refund {refund_id}")

    async def rows(
        self, tenant_id: TenantId, statement: Executable, values: Mapping[str, Value]
    ) -> Sequence[Record]:
        """Of one tenant. Raises Unavailable, Overloaded."""
        mine: Mapping[str, Any] = {**values, "tenant_id": checked(tenant_id)}
        try:
            async with self.engine().connect() as connection:
                if self.has_policies:  # for this transaction only
                    await connection.execute(SET_TENANT, {"tenant_id": tenant_id})
                return (await connection.execute(statement, mine)).all()
        except NoConnection as error:
            raise Overloaded("too many lists are being read") from error
        except ProgrammingError:  # a bug
            raise
        except (DBAPIError, OperationalError, OSError) as error:
            raise Unavailable(str(error)) from error


def grouped(rows: Sequence[Record]) -> list[Payment]:
    """Rows of the same payment stand together."""
    return [shown(list(mine)) for _, mine in groupby(rows, key=itemgetter(0))]
