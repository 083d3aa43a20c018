"""SQLite in the loop's own thread: the same statements and rows, no thread and no groups."""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import NullPool, create_engine, select
from sqlalchemy.sql.base import Executable

from adapters.sql import tables as t
from adapters.sql.audit import SqlAudit
from adapters.sql.counters import Counters
from adapters.sql.feed import SqlUntold
from adapters.sql.group import rows_of
from adapters.sql.job_queue import SqlJobQueue
from adapters.sql.ledger import SqlLedger
from adapters.sql.sqlite_reads import SqliteReads
from adapters.sql.sqlite_writer import SqliteWriter
from adapters.sql.tenants import SqlTenants
from adapters.sql.unit_of_work import SqlUnits
from adapters.sql.views import SqlViews
from adapters.sql.writes import Committer, Record, Row, Store, WriteSet
from domain.audit.dossier import Dossier
from domain.ids import PaymentId, TenantId
from domain.ports.clock import Clock
from domain.ports.ledger import Balance
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.ports.webhooks import Untold
from entrypoints.simulation.loop import run_now
from entrypoints.simulation.stored import Storage

OPEN_JOBS: Final = select(t.jobs.c.id).where(t.DUE)


class _Writer(SqliteWriter):
    """Its file is thrown away, so it waits for no disk, and for no lock either: a transaction never
    spans an await."""

    def __init__(self, path: str) -> None:
        super().__init__(path, Counters())
        self._run("PRAGMA synchronous=OFF")


class InlineStore(Store, Committer):
    """Writes at once; a claim too."""

    def __init__(self, path: str) -> None:
        self.counters = Counters()
        self._writer = _Writer(path)

    async def commit(self, unit: WriteSet) -> None:
        rows_of(unit)  # refuses what names a row twice
        (error,) = self._writer.write([unit])
        if error is not None:
            raise error

    async def write(self, group: Sequence[WriteSet]) -> Sequence[Exception | None]:
        return self._writer.write(group)

    async def returning(self, statement: Executable, values: Row) -> Sequence[Record]:
        return self._writer.returning(statement, values)

    async def close(self) -> None:
        self._writer.close()


class InlineSqlite(Storage):
    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self._store = InlineStore(str(path))
        self._reads = SqliteReads(str(path))
        self._own = SqlUnits(self._reads, self._store)
        self._engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        engine: Any = _Waitless(self._engine)
        self._audit = SqlAudit(lambda: engine, f"sqlite:///{path}", has_policies=False)
        self._ledger = SqlLedger(SqlViews(lambda: engine, has_policies=False))

    def units(self) -> Units:
        return SqlUnits(self._reads, self._store)

    def queue(self) -> Any:
        return SqlJobQueue(self._store, self._reads)

    def tenants(self) -> Tenants:
        return SqlTenants(self._store, self._store, self._reads, self._clock)

    def dossier(self, tenant_id: TenantId, payment_id: PaymentId) -> Dossier:
        return run_now(self._audit.dossier(tenant_id, payment_id))  # type: ignore[no-any-return]

    def balances(self, tenant_id: TenantId) -> Sequence[Balance]:
        return run_now(self._ledger.balances(tenant_id, None))  # type: ignore[no-any-return]

    def untold(self) -> Untold:
        return SqlUntold(self._reads)

    def open_jobs(self) -> Sequence[str]:
        return [row[0] for row in run_now(self._reads.platform_rows(OPEN_JOBS, {}))]

    def close(self) -> None:
        run_now(self._store.close())
        run_now(self._reads.close())
        self._engine.dispose()
        shutil.rmtree(self._path.parent, ignore_errors=True)

    def _peek(self, tenant_id: TenantId) -> Any:
        return self._own(tenant_id)


class _Waitless:
    """An engine in the form of SQLAlchemy's asynchronous one: it answers at once, so that what the
    doctor reads by can be used inside a run."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    @asynccontextmanager
    async def connect(self) -> AsyncIterator["_Waitless"]:
        with self._inner.connect() as connection:
            yield _Waitless(connection)

    async def execute(self, statement: Any, values: Any = None) -> Any:
        return self._inner.execute(statement, values)

    async def exec_driver_sql(self, statement: str) -> Any:
        return self._inner.exec_driver_sql(statement)
