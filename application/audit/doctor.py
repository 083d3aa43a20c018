"""Use case: recompute from raw rows whether every law of money holds, and everything is set up."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from application.audit.report import Report, Tally
from domain.audit.dossier import Breach, Check, Dossier
from domain.audit.laws import LAWS, breaches
from domain.audit.trace_laws import none_overdue
from domain.errors import CauriError, NotFound, Unavailable
from domain.ids import PaymentId, TenantId
from domain.ports.audit import Audit
from domain.ports.clock import Clock
from domain.ports.providers import Probes, Providers
from domain.ports.tenants import Tenants
from domain.tenants.tenant import ProviderAccount

BATCH: Final = 200  # payments in memory at once
TENANTS: Final = 500
STRAYS: Final = 1000  # of a tenant; more is no longer a list that anybody reads
HELD: Final = 1000
AGAIN: Final = 3  # readings that must agree before a breach is believed
PROBE_S: Final = 10.0
PROBES: Final = 8  # accounts tried at once
LATE: Final = timedelta(seconds=120)  # after its lease, a living worker has long taken it
HANDED_OVER: Final = timedelta(hours=1)  # after its horizon a refund is with a person
STRAY_CHECKS: Final = (Check.TENANTS, Check.KEYS, Check.WORK, Check.TOLD)
TOLD_FOR: Final = timedelta(days=7)  # shorter than deliveries are kept

Progress = Callable[[Check, int], None]  # what is looked at, and how many so far


def silent(check: Check, done: int) -> None:
    """The usual Progress."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page of payments that was looked at. `last` None: there was none."""

    checked: int
    breaches: Sequence[Breach]
    last: PaymentId | None


@dataclass(frozen=True, slots=True)
class Doctor:
    """Safe while payments move: what looks wrong is read again before it is told. It changes
    nothing; with `probes` it asks each provider whether an account's credentials are good."""

    audit: Audit
    tenants: Tenants
    providers: Providers
    clock: Clock

    async def __call__(
        self, public_url: str, *, probes: bool = True, progress: Progress = silent
    ) -> Report:
        tally = Tally()
        tally.look([Check.CONFIGURATION])
        for told in wrong_address(public_url):
            tally.add(Breach(Check.CONFIGURATION, None, "public_url", told))
        try:
            current = await self.audit.is_current()
            tally.look([Check.DATABASE])
            if current:
                await self._stored(tally, probes, progress)
            else:
                told = "is not this version's; run `cauri migrate`"
                tally.add(Breach(Check.DATABASE, None, "schema", told))
        except Unavailable as error:
            tally.checked[Check.DATABASE] = 1
            tally.add(Breach(Check.DATABASE, None, "database", f"can't be reached: {error}"))
        return tally.report()

    async def _stored(self, tally: Tally, probes: bool, progress: Progress) -> None:
        tally.look([*LAWS, *STRAY_CHECKS, Check.LEASES], 0)
        if probes:
            tally.look([Check.ACCOUNTS], 0)
        after: TenantId | None = None
        while page := await self.audit.tenants(after, TENANTS):
            for after in page:
                if probes:
                    await self._accounts(tally, after, progress)
                await self._payments(tally, after, progress)
                for breach in await self.strays(after):
                    tally.add(breach)
                tally.look([Check.KEYS, Check.TOLD])
        await self._jobs(tally)

    async def _accounts(self, tally: Tally, tenant_id: TenantId, progress: Progress) -> None:
        try:
            setup = await self.tenants.setup(tenant_id)
        except NotFound:  # deleted since the page was read
            return
        gate = asyncio.Semaphore(PROBES)

        async def tried(account: ProviderAccount) -> str | None:
            async with gate:
                return await self._probe(account)

        active = [one for one in setup.accounts if one.active]
        answers = await asyncio.gather(*(tried(one) for one in active))
        tally.look([Check.ACCOUNTS], len(active))
        for account, told in zip(active, answers, strict=True):
            if told is not None:
                row = f"{account.id} ({account.provider})"
                tally.add(Breach(Check.ACCOUNTS, tenant_id, row, told))
        progress(Check.ACCOUNTS, tally.checked[Check.ACCOUNTS])

    async def _probe(self, account: ProviderAccount) -> str | None:
        """What is wrong; None when nothing is, as far as that can be tried without moving money."""
        try:
            client = self.providers.open(account)
            if isinstance(client, Probes):
                async with asyncio.timeout(2 * PROBE_S):
                    await client.probe(timeout_s=PROBE_S)
        except CauriError as error:
            return str(error)
        except TimeoutError:
            return f"gave no answer within {2 * PROBE_S:.0f} seconds"
        return None

    async def _payments(self, tally: Tally, tenant_id: TenantId, progress: Progress) -> None:
        after: PaymentId | None = None
        while (seen := await self.look(tenant_id, after, BATCH)).last is not None:
            for breach in seen.breaches:
                tally.add(breach)
            tally.look(LAWS, seen.checked)
            after = seen.last
            progress(Check.EVIDENCE, tally.checked[Check.EVIDENCE])

    async def strays(self, tenant_id: TenantId) -> Sequence[Breach]:
        """A tenant's rows that hang in the air, and what its merchants should hear of and
        don't."""
        found = [
            *await self.audit.strays(tenant_id, STRAYS),
            *await self.audit.mistold(tenant_id, self.clock.now() - TOLD_FOR, STRAYS),
        ]
        return [Breach(one.check, tenant_id, one.row, one.told) for one in found]

    async def look(self, tenant_id: TenantId, after: PaymentId | None, limit: int) -> Seen:
        """The laws over one page of a tenant's payments, by ascending id."""
        page = await self.audit.dossiers(tenant_id, after, limit)
        found = [breach for one in page for breach in await self._believed(one)]
        return Seen(len(page), found, page[-1].payment.id if page else None)

    async def _believed(self, dossier: Dossier) -> Sequence[Breach]:
        """Breaches that every reading shows: one that a payment's own move made is gone soon."""
        found = self._breaches(dossier)
        payment = dossier.payment
        for _ in range(AGAIN - 1):
            if not found:
                return found
            again = self._breaches(await self.audit.dossier(payment.tenant_id, payment.id))
            seen = {(one.check, one.row) for one in found}
            found = [one for one in again if (one.check, one.row) in seen]
        return found

    def _breaches(self, dossier: Dossier) -> list[Breach]:
        """Of the laws, and of the one that needs to know the time."""
        latest = self.clock.now() - HANDED_OVER
        profiles = self.providers.profiles.items()
        before = {
            code: latest - timedelta(seconds=one.promises.refunds_end_s) for code, one in profiles
        }
        tenant_id = dossier.payment.tenant_id
        overdue = [
            Breach(Check.WORK, tenant_id, row, told) for row, told in none_overdue(dossier, before)
        ]
        return breaches(dossier) + overdue

    async def _jobs(self, tally: Tally) -> None:
        for breach in await self.held():
            tally.add(breach)
        tally.look([Check.LEASES])

    async def held(self) -> Sequence[Breach]:
        """Jobs that somebody claimed, and nobody goes on with."""
        now = self.clock.now()
        found = []
        for job in await self.audit.held_jobs(now - LATE, HELD):
            minutes = int((now - job.expired_at).total_seconds()) // 60
            told = f"its lease ended {minutes} minutes ago and nobody took it; is a worker running?"
            found.append(Breach(Check.LEASES, job.tenant_id, job.id, told))
        return found


def wrong_address(public_url: str) -> Iterator[str]:
    """What providers and payers can't use."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        yield f"{public_url!r} is not an http(s) address; set CAURI_PUBLIC_URL"
    elif parts.scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        yield f"{public_url} is not encrypted; set CAURI_PUBLIC_URL to an https:// address"
