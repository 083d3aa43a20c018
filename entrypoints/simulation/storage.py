"""What is stored: in dicts, or in a SQLite file that is written in the loop's own thread. A process
that starts again finds nothing else."""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from adapters.memory.audit import MemoryAudit
from adapters.memory.database import OPEN_JOBS, MemoryDatabase
from adapters.memory.feed import MemoryUntold
from adapters.memory.jobs import MemoryJobQueue
from adapters.memory.ledger import MemoryLedger
from adapters.memory.payments import committed
from adapters.memory.tenants import MemoryTenants
from adapters.memory.unit_of_work import MemoryUnits
from domain.audit.dossier import Dossier
from domain.ids import PaymentId, TenantId
from domain.payments.payment import Payment
from domain.ports.clock import Clock
from domain.ports.ledger import Balance
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.ports.webhooks import Untold
from entrypoints.simulation.loop import run_now
from entrypoints.simulation.sqlite import InlineSqlite
from entrypoints.simulation.stored import Storage

HERE: Final = Path("/dev/shm")  # noqa: S108 - memory, where there is such a place: it is thrown away


class InMemory(Storage):
    def __init__(self) -> None:
        self.database = MemoryDatabase()
        self._units = MemoryUnits(self.database)

    def units(self) -> Units:
        return self._units

    def queue(self) -> Any:
        return MemoryJobQueue(self.database)

    def tenants(self) -> Tenants:
        return MemoryTenants(self.database)

    def dossier(self, tenant_id: TenantId, payment_id: PaymentId) -> Dossier:
        return run_now(MemoryAudit(self.database).dossier(tenant_id, payment_id))  # type: ignore[no-any-return]

    def balances(self, tenant_id: TenantId) -> Sequence[Balance]:
        return run_now(MemoryLedger(self.database).balances(tenant_id, None))  # type: ignore[no-any-return]

    def payment(self, tenant_id: TenantId, payment_id: PaymentId) -> Payment:
        """Raises NotFound."""
        return committed(self.database.shelf(tenant_id), payment_id)

    def untold(self) -> Untold:
        return MemoryUntold(self.database)

    def open_jobs(self) -> Sequence[str]:
        return [
            job_id
            for shelf in self.database.shelves.values()
            for job_id, state in shelf.job_states.items()
            if state in OPEN_JOBS
        ]

    def close(self) -> None:
        return None

    def _peek(self, tenant_id: TenantId) -> Any:
        return self._units(tenant_id)


def open_storage(clock: Clock, *, sqlite: bool) -> Storage:
    """An empty one."""
    if not sqlite:
        return InMemory()
    folder = tempfile.mkdtemp(prefix="cauri-", dir=HERE if HERE.is_dir() else None)
    path = Path(folder) / "simulation.db"
    shutil.copy(_template(), path)
    return InlineSqlite(path, clock)


@cache
def _template() -> Path:
    """A migrated file: migrating takes longer than a run. Thrown away with the process."""
    import atexit

    from adapters.sql.migrate import upgrade

    folder = tempfile.mkdtemp(prefix="cauri-template-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "template.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path
