"""Use case: keep what a provider tells us, answer at once; the worker reads it."""

import re
from dataclasses import dataclass
from typing import Final

from domain.errors import DuplicateKey, Forged, NotFound
from domain.ids import AccountId, JobId, PaymentId, payment_of
from domain.ports.clock import Clock
from domain.ports.jobs import Job, JobKind
from domain.ports.providers import Callback, Callbacks, Notice, Providers
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import StoredNotice, Units
from domain.tenants.tenant import ProviderAccount

OURS: Final = re.compile(rb"att_[0-9A-Z]{28}")  # whatever the provider's format, it stands there


@dataclass(frozen=True, slots=True)
class ReceiveCallback:
    """Verified and stored before the provider hears 200. A repeat is welcome and does nothing.

    Raises Forged (nothing is stored), NotFound for an account that is not, Invalid for nonsense.
    """

    units: Units
    tenants: Tenants
    providers: Providers
    clock: Clock

    async def __call__(self, callback: Callback, account_id: AccountId | None) -> bool:
        """Whether it was new. `account_id` None: it came to the address that all share."""
        if account_id is not None:
            account = await self.tenants.account(account_id)
            return await self._keep(callback, account)
        return await self._shared(callback)

    async def _shared(self, callback: Callback) -> bool:
        """The provider is known by headers and body, the account by the reference inside.

        Each account of the reference's tenant is tried, so the signature still decides.
        """
        code = self.providers.recognise(callback)
        if code is None:
            raise Forged("no provider of this build sends such callbacks")
        payment_id = _payment_in(callback.body)
        owner = await self.tenants.tenant_of(payment_id) if payment_id is not None else None
        if owner is None:
            raise NotFound("no payment with the reference inside")
        setup = await self.tenants.setup(owner)
        error: Exception = NotFound(f"the tenant has no account at {code}")
        for account in setup.accounts:
            if account.provider != code:
                continue
            try:
                return await self._keep(callback, account)
            except Forged as forged:
                error = forged
        raise error

    async def _keep(self, callback: Callback, account: ProviderAccount) -> bool:
        now = self.clock.now()
        client = self.providers.open(account)
        if not isinstance(client, Callbacks):
            raise NotFound(f"{account.provider} sends no callbacks")
        notice: Notice = client.receive(callback, now)
        stored = StoredNotice(
            id=notice.id,
            account_id=account.id,
            provider=account.provider,
            received_at=now,
            body=callback.body,
            headers=callback.headers,
            trusted=notice.trusted,
        )
        try:
            async with self.units(account.tenant_id) as unit:
                unit.inbox.add(stored)
                unit.jobs.enqueue(
                    Job(
                        id=JobId(f"notice:{account.id}:{notice.id}"),
                        tenant_id=account.tenant_id,
                        kind=JobKind.READ_NOTICE,
                        run_at=now,
                        about={"account": account.id, "notice": notice.id},
                    )
                )
                await unit.commit()
        except DuplicateKey:
            return False
        return True


def _payment_in(body: bytes) -> PaymentId | None:
    """The payment of the first of our references that stands in a body not yet trusted."""
    found = OURS.search(body)
    return payment_of(found[0].decode()) if found is not None else None
