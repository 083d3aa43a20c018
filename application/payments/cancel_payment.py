"""Use case: end a payment that nobody has paid yet."""

from dataclasses import dataclass

from application.payments.inquire import Inquire, lookup_of
from domain.errors import CancelUnsupported
from domain.ids import PaymentId, TenantId
from domain.payments.payment import Payment
from domain.ports.providers import Cancels, Providers, able
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units


@dataclass(frozen=True, slots=True)
class CancelPayment:
    """The provider must say that it can never be paid any more; until then it is not canceled.

    Raises NotFound, PaymentNotCancelable, CancelUnsupported.
    """

    units: Units
    inquire: Inquire
    providers: Providers
    tenants: Tenants

    async def __call__(self, tenant_id: TenantId, payment_id: PaymentId) -> Payment:
        async with self.units(tenant_id) as unit:
            payment = await unit.payments.get(payment_id)
        attempt = payment.cancelable()
        account = await self.tenants.account(attempt.account_id)
        client = self.providers.open(account)
        if not able(client, Cancels):
            raise CancelUnsupported()
        timeout_s = self.providers.deadlines(account).cancel_s
        answer = await client.cancel(lookup_of(payment, attempt), timeout_s=timeout_s)
        return await self.inquire.heard(payment, attempt, answer)
