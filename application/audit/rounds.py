"""Use case: the doctor's regular rounds: all that is young each time, and some of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from application.audit.doctor import BATCH, TENANTS, Doctor
from domain.audit.dossier import Breach
from domain.ids import PaymentId, TenantId
from domain.ports.audit import Audit
from domain.ports.clock import Clock
from domain.ports.unit_of_work import Stand, Units

YOUNG: Final = timedelta(hours=26)  # most of what goes wrong does so within a day
MOST_YOUNG: Final = 20_000  # payments of a tenant looked at in one round
MOST_OLD: Final = 2_000  # and of those that nothing happens to any more


class Alarm(Protocol):
    """Where a breach of a law of money is told: nobody may overlook it."""

    async def __call__(self, breach: Breach, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class MakeRounds:
    """Reads only, in bounded steps, so it can run beside the service. What stood before an hour
    may be broken by a person at the database now: the slow round comes by everything in time."""

    doctor: Doctor
    audit: Audit
    units: Units
    clock: Clock
    alarm: Alarm

    async def __call__(self) -> int:
        """One round over all tenants; how many breaches were raised. Raises Unavailable."""
        found = 0
        after: TenantId | None = None
        while page := await self.audit.tenants(after, TENANTS):
            for after in page:
                for breach in await self._of_tenant(after):
                    await self.alarm(breach, self.clock.now())
                    found += 1
        for breach in await self.doctor.held():
            await self.alarm(breach, self.clock.now())
            found += 1
        return found

    async def at(self, tick: datetime) -> None:
        """As a routine."""
        await self()

    async def _of_tenant(self, tenant_id: TenantId) -> Sequence[Breach]:
        now = self.clock.now()
        boundary = await self.audit.last_before(tenant_id, now - YOUNG)
        breaches, _ = await self._walk(tenant_id, boundary, MOST_YOUNG)
        async with self.units(tenant_id) as unit:
            stand = await unit.rounds.stand()
            old, last = await self._walk(tenant_id, stand.after if stand else None, MOST_OLD)
            if last is None:  # the round is complete: rows that hang in the air, once each time
                old += await self.doctor.strays(tenant_id)
            unit.rounds.put(Stand(last, now))
            await unit.commit()
        return list(dict.fromkeys([*breaches, *old]))

    async def _walk(
        self, tenant_id: TenantId, after: PaymentId | None, most: int
    ) -> tuple[list[Breach], PaymentId | None]:
        """What is wrong, and the last that was looked at; None when that was the end."""
        found: list[Breach] = []
        for _ in range(most // BATCH):
            seen = await self.doctor.look(tenant_id, after, BATCH)
            found += seen.breaches
            if seen.checked < BATCH:
                return found, None
            after = seen.last
        return found, after
