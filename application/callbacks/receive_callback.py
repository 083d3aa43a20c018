"""Use case: keep what a provider tells us, answer at once; the worker reads it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.errors import CauriError, DuplicateKey, Forged, NotFound
from domain.ids import AccountId, JobId, PaymentId, payment_of
from domain.ports.clock import Clock
from domain.ports.jobs import Job, JobKind
from domain.ports.providers import Callback, Callbacks, Notice, Providers, able
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import StoredNotice, Units
from domain.tenants.tenant import ProviderAccount

AGAIN: Final = "again"  # in a job: when a hint that was followed before came once more
OURS: Final = re.compile(rb"att_[0-9A-Z]{28}")  # whatever the provider's format, it stands there
MOST_TRIED: Final = 200  # accounts; anyone may send one, and each is a signature to compute
MOST_SEARCHED: Final = 16_384  # bytes, thrice the longest event known; larger ones are not tried


@dataclass(frozen=True, slots=True)
class ReceiveCallback:
    """Verified and stored before the provider hears 200. A repeat is welcome, and what is signed
    does nothing twice.

    Raises Forged (nothing is stored), NotFound for an account that is not, Invalid for nonsense.
    """

    units: Units
    tenants: Tenants
    providers: Providers
    clock: Clock

    async def __call__(self, callback: Callback, account_id: AccountId | None) -> bool:
        """Whether it was new. `account_id` None: it came to the address that all share."""
        if account_id is None:
            return await self._shared(callback)
        account = await self.tenants.account(account_id)
        client = self.providers.open(account)
        if not able(client, Callbacks):
            raise NotFound(f"{account.provider} sends no callbacks")
        now = self.clock.now()
        return await self._keep(callback, account, client.receive(callback, now), now)

    async def _shared(self, callback: Callback) -> bool:
        """The provider is known by headers and body; whose it is, the signature decides.

        Kept by the first account that verifies it, also when no payment here is meant: it is
        unmatched in the end, which reconciliation reads. Where a company signs for all merchants
        with one key (Maya), what names no payment of ours is kept by the oldest account.
        """
        code = self.providers.recognise(callback)
        if code is None:
            raise Forged("no provider of this build sends such callbacks")
        now = self.clock.now()
        async for account in self._candidates(code, callback.body):
            notice = self._verified(callback, account, now)
            if notice is not None:
                return await self._keep(callback, account, notice, now)
        raise Forged("no account's secret fits the signature")

    async def _candidates(self, code: str, body: bytes) -> AsyncIterator[ProviderAccount]:
        """Those of the tenant whose payment is named inside, then the others, oldest first."""
        tried: set[AccountId] = set()
        payment_id = _payment_in(body)
        owner = await self.tenants.tenant_of(payment_id) if payment_id is not None else None
        if owner is not None:
            for account in (await self.tenants.setup(owner)).accounts:
                if account.provider == code:
                    tried.add(account.id)
                    yield account
        if len(body) > MOST_SEARCHED:
            return
        for account in await self.tenants.accounts_at(code, MOST_TRIED):
            if account.id not in tried:
                yield account
                await asyncio.sleep(0)  # signatures keep the loop busy: others come in between

    def _verified(
        self, callback: Callback, account: ProviderAccount, now: datetime
    ) -> Notice | None:
        """None when it is not this account's. Raises Invalid for signed nonsense."""
        try:
            client = self.providers.open(account)
        except CauriError:  # its credentials can't be read; another's callback need not suffer
            return None
        if not able(client, Callbacks):
            return None
        try:
            return client.receive(callback, now)
        except Forged:
            return None

    async def _keep(
        self, callback: Callback, account: ProviderAccount, notice: Notice, now: datetime
    ) -> bool:
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
            if not notice.trusted:
                await self._follow_again(account, notice.id, now)
            return False
        return True

    async def _follow_again(self, account: ProviderAccount, notice_id: str, now: datetime) -> None:
        """Anybody could have sent a hint, and before the company did: so a repeat is followed too,
        once an hour. What nobody has read yet, or what is unmatched, is tried anyway."""
        async with self.units(account.tenant_id) as unit:
            stored = await unit.inbox.get(account.id, notice_id)
            if stored.state != "applied" or not stored.body:
                return
            about = {"account": account.id, "notice": notice_id, AGAIN: now.isoformat()}
            job = Job(
                id=JobId(f"notice:{account.id}:{notice_id}:{now:%Y%m%d%H}"),
                tenant_id=account.tenant_id,
                kind=JobKind.READ_NOTICE,
                run_at=now,
                about=about,
            )
            unit.jobs.enqueue(job)
            with suppress(DuplicateKey):
                await unit.commit()


def _payment_in(body: bytes) -> PaymentId | None:
    """The payment of the first of our references that stands in a body not yet trusted."""
    found = OURS.search(body)
    return payment_of(found[0].decode()) if found is not None else None
