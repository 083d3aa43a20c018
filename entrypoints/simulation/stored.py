"""The database of a run, whichever it is: the only thing that a process finds again."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.audit.dossier import Dossier
from domain.ids import PaymentId, RefundId, TenantId
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.ports.ledger import Balance
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.ports.webhooks import Untold
from domain.webhooks.told import NumberedEvent
from entrypoints.simulation.loop import run_now

MOST: Final = 100_000  # events of a tenant in one run


class Storage(ABC):
    """One database. Each process opens its own ports to it."""

    @abstractmethod
    def units(self) -> Units: ...

    @abstractmethod
    def queue(self) -> Any:
        """A JobQueue."""

    @abstractmethod
    def tenants(self) -> Tenants: ...

    @abstractmethod
    def dossier(self, tenant_id: TenantId, payment_id: PaymentId) -> Dossier:
        """All that is stored of one payment."""

    @abstractmethod
    def balances(self, tenant_id: TenantId) -> Sequence[Balance]:
        """Every account of the tenant's ledger."""

    @abstractmethod
    def untold(self) -> Untold: ...

    @abstractmethod
    def open_jobs(self) -> Sequence[str]:
        """The ids of all jobs that are neither done nor dead."""

    @abstractmethod
    def close(self) -> None: ...

    def payment(self, tenant_id: TenantId, payment_id: PaymentId) -> Payment:
        """Raises NotFound."""
        unit = self._peek(tenant_id)
        return run_now(unit.payments.get(payment_id))  # type: ignore[no-any-return]

    def feed(self, tenant_id: TenantId) -> Mapping[int, str]:
        """The ids of the tenant's events by their numbers."""
        unit = self._peek(tenant_id)
        events: Sequence[NumberedEvent] = run_now(unit.feed.numbered(1, MOST, MOST))
        return {one.number: one.id for one in events}

    def refund(self, tenant_id: TenantId, refund_id: RefundId) -> Refund:
        """Raises NotFound."""
        unit = self._peek(tenant_id)
        return run_now(unit.refunds.get(refund_id))  # type: ignore[no-any-return]

    @abstractmethod
    def _peek(self, tenant_id: TenantId) -> Any: ...
