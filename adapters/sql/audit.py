"""What is stored, for the doctor: pages of whole payments, each page of one moment."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, literal_column, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.sql import tables as t
from adapters.sql.ledger_audit import journals_of
from adapters.sql.migrate import is_current
from adapters.sql.mistold import MISTOLD
from adapters.sql.open_jobs import worked_on
from adapters.sql.rows.attempt import ATTEMPT_COLUMNS, attempt_of
from adapters.sql.rows.event import EVENT_COLUMNS, entry_of
from adapters.sql.rows.evidence import EVIDENCE_COLUMNS, evidence_of
from adapters.sql.rows.payment import PAYMENT_COLUMNS, payment_of
from adapters.sql.rows.refund import REFUND_COLUMNS, refund_of
from adapters.sql.rows.values import time, us
from adapters.sql.strays import STRAYS, Loss
from adapters.sql.wallet_audit import Granted, granted
from adapters.sql.writes import Record, Value, checked
from domain.audit.dossier import Dossier, Posted
from domain.errors import NotFound, Overloaded, Unavailable
from domain.ids import PaymentId, TenantId
from domain.payments.events import Event, EventType
from domain.payments.evidence import Evidence
from domain.ports.audit import Audit, HeldJob, Stray

SET_TENANT: Final = text(
    "SELECT set_config('app.tenants', :tenant_id, true),"
    " set_config('statement_timeout', '600000', true)"  # ms: this reads all there is
)
LOWEST: Final = ""  # before every id
KINDS: Final = {one.value: one for one in EventType}

_pays, _jobs = t.payments.c, t.jobs.c


def _children(columns: Sequence[Any], table: Any) -> Any:
    """Those of the payments of a page, by their payment."""
    return select(table.c.payment_id, *columns).where(
        table.c.tenant_id == bindparam("tenant_id"),
        table.c.payment_id >= bindparam("first"),
        table.c.payment_id <= bindparam("last"),
    )


TENANTS: Final = (
    select(t.tenants.c.tenant_id)
    .where(t.tenants.c.tenant_id > bindparam("after"))
    .order_by(t.tenants.c.tenant_id)
    .limit(bindparam("limit"))
)
PAYMENTS: Final = (
    select(*PAYMENT_COLUMNS)
    .where(
        _pays.tenant_id == bindparam("tenant_id"),
        _pays.id > bindparam("after"),
    )
    .order_by(_pays.id)
    .limit(bindparam("limit"))
)
LAST_BEFORE: Final = (
    select(_pays.id)
    .where(_pays.tenant_id == bindparam("tenant_id"), _pays.created_at < bindparam("at"))
    .order_by(_pays.created_at.desc(), _pays.id.desc())
    .limit(1)
)
PAYMENT: Final = select(*PAYMENT_COLUMNS).where(
    _pays.tenant_id == bindparam("tenant_id"), _pays.id == bindparam("id")
)
ATTEMPTS: Final = _children(ATTEMPT_COLUMNS, t.attempts).order_by(t.attempts.c.number)
EVIDENCE: Final = _children((t.evidence.c.about, *EVIDENCE_COLUMNS), t.evidence).order_by(
    t.evidence.c.number
)
EVENTS: Final = _children(EVENT_COLUMNS, t.events)
REFUNDS: Final = _children(REFUND_COLUMNS, t.refunds).order_by(t.refunds.c.id)
HELD: Final = (
    select(_jobs.id, _jobs.tenant_id, _jobs.run_at, _jobs.tries)
    .where(t.DUE, _jobs.leased == literal_column("true"), _jobs.run_at < bindparam("before"))
    .order_by(_jobs.run_at, _jobs.id)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class SqlAudit(Audit):
    """Like SqlViews over the engine for lists. `has_policies`: on PostgreSQL each transaction
    says whose rows it may see."""

    engine: Callable[[], AsyncEngine]
    url: str
    has_policies: bool

    async def is_current(self) -> bool:
        return await is_current(self.url)

    async def tenants(self, after: TenantId | None, limit: int) -> Sequence[TenantId]:
        async with self._moment() as connection:
            values = {"after": after or LOWEST, "limit": limit}
            return [row[0] for row in await connection.execute(TENANTS, values)]

    async def dossiers(
        self, tenant_id: TenantId, after: PaymentId | None, limit: int
    ) -> Sequence[Dossier]:
        return await self._page(tenant_id, PAYMENTS, {"after": after or LOWEST, "limit": limit})

    async def last_before(self, tenant_id: TenantId, at: datetime) -> PaymentId | None:
        async with self._moment(tenant_id) as connection:
            values = {"tenant_id": tenant_id, "at": us(at)}
            row = (await connection.execute(LAST_BEFORE, values)).first()
        return row[0] if row is not None else None

    async def dossier(self, tenant_id: TenantId, payment_id: PaymentId) -> Dossier:
        for found in await self._page(tenant_id, PAYMENT, {"id": payment_id}):
            return found
        raise NotFound(f"payment {payment_id}")

    async def strays(self, tenant_id: TenantId, limit: int) -> Sequence[Stray]:
        return await self._lost(tenant_id, STRAYS, {}, limit)

    async def mistold(self, tenant_id: TenantId, since: datetime, limit: int) -> Sequence[Stray]:
        return await self._lost(tenant_id, MISTOLD, {"since": us(since)}, limit)

    async def _lost(
        self, tenant_id: TenantId, ways: Sequence[Loss], more: Mapping[str, Value], limit: int
    ) -> Sequence[Stray]:
        found: list[Stray] = []
        async with self._moment(tenant_id) as connection:
            for one in ways:
                values = {**more, "tenant_id": tenant_id, "limit": limit - len(found)}
                rows = await connection.execute(one.statement, values)
                found += [one.stray(row) for row in rows]
        return found

    async def held_jobs(self, before: datetime, limit: int) -> Sequence[HeldJob]:
        async with self._moment() as connection:
            rows = await connection.execute(HELD, {"before": us(before), "limit": limit})
            return [HeldJob(job, tenant, time(at), tries) for job, tenant, at, tries in rows]

    async def _page(
        self, tenant_id: TenantId, which: Any, values: Mapping[str, Value]
    ) -> Sequence[Dossier]:
        async with self._moment(tenant_id) as connection:
            wanted = {**values, "tenant_id": tenant_id}
            payments = (await connection.execute(which, wanted)).all()
            if not payments:
                return []
            span = {"tenant_id": tenant_id, "first": payments[0][0], "last": payments[-1][0]}
            attempts = await _by_payment(connection, ATTEMPTS, span)
            evidence = await _by_payment(connection, EVIDENCE, span)
            events = await _by_payment(connection, EVENTS, span)
            refunds = await _by_payment(connection, REFUNDS, span)
            rows = [row for mine in (attempts, refunds) for some in mine.values() for row in some]
            open_jobs = await worked_on(connection, span, [row[0] for row in rows])
            rewarded = await granted(connection, span)
            posted = await journals_of(connection, span)
        return [
            _dossier(
                row,
                attempts[row[0]],
                evidence[row[0]],
                events[row[0]],
                refunds[row[0]],
                open_jobs,
                rewarded,
                posted[row[0]],
            )
            for row in payments
        ]

    @asynccontextmanager
    async def _moment(self, tenant_id: TenantId | None = None) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one moment, of one tenant. Raises Unavailable, Overloaded."""
        try:
            async with self.engine().connect() as plain:
                connection = plain
                if self.has_policies:
                    connection = await plain.execution_options(isolation_level="REPEATABLE READ")
                    mine = checked(tenant_id) if tenant_id is not None else ""
                    await connection.execute(SET_TENANT, {"tenant_id": mine})
                else:
                    await connection.exec_driver_sql("BEGIN")
                yield connection
        except NoConnection as error:
            raise Overloaded("too many lists are being read") from error
        except ProgrammingError:  # a bug
            raise
        except (DBAPIError, OSError) as error:
            raise Unavailable(str(error)) from error


async def _by_payment(
    connection: AsyncConnection, statement: Any, span: dict[str, Any]
) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for row in await connection.execute(statement, span):
        found[row[0]].append(row[1:])
    return found


def _dossier(
    row: Record,
    attempts: Sequence[Record],
    evidence: Sequence[Record],
    events: Sequence[Record],
    refunds: Sequence[Record],
    open_jobs: set[str],
    rewarded: Granted,
    journals: Sequence[Posted],
) -> Dossier:
    heard: dict[str, list[Evidence]] = defaultdict(list)
    for about, *one in evidence:
        heard[about].append(evidence_of(one))
    ours = tuple(attempt_of(one, tuple(heard[one[0]])) for one in attempts)
    back = [refund_of(one, tuple(heard[one[0]])) for one in refunds]
    return Dossier(
        payment=payment_of(row, ours),
        refunds=back,
        events=[_event(one) for one in events],
        journals=journals,
        worked_on=frozenset({*(one.id for one in ours), *(one.id for one in back)} & open_jobs),
        reward=rewarded.rewards.get(row[0]),
        rewarding=row[0] in rewarded.open,
    )


def _event(columns: Record) -> Event:
    entry = entry_of(0, columns)
    return Event(
        KINDS[entry.type],
        entry.at,
        entry.cause,
        entry.attempt_id,  # type: ignore[arg-type]
        entry.refund_id,  # type: ignore[arg-type]
    )
