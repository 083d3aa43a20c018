"""Use case: a payment as it is, asking the provider first when told to."""

from dataclasses import dataclass

from application.payments.inquire import Inquire
from domain.ids import PaymentId, TenantId
from domain.payments.payment import Payment
from domain.ports.unit_of_work import Units


@dataclass(frozen=True, slots=True)
class GetPayment:
    """Raises NotFound, for another tenant's payment too."""

    units: Units
    inquire: Inquire

    async def __call__(
        self, tenant_id: TenantId, payment_id: PaymentId, *, refresh: bool = False
    ) -> Payment:
        async with self.units(tenant_id) as unit:
            payment = await unit.payments.show(payment_id)
        if not refresh:
            return payment
        for attempt in payment.attempts:
            if attempt.is_live:
                payment = await self.inquire(tenant_id, attempt.id, payment_id)
        return payment
