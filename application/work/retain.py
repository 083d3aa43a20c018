"""Use case: forget what was kept long enough, a little at a time."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.ids import TenantId
from domain.ports.clock import Clock
from domain.ports.jobs import PLATFORM
from domain.ports.retention import Kept, Retention

BATCH: Final = 1000  # rows in one transaction: nobody waits long behind it
MOST_BATCHES: Final = 2000  # full ones in one run; the next run goes on
PAGE: Final = 500  # tenants


@dataclass(frozen=True, slots=True)
class Rule:
    what: Kept
    keep: timedelta


def unheard(what: Kept, forgotten: int, /) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Retain:
    """Tenant by tenant, because each sees its own rows only. It keeps no place: what is forgotten
    is gone, so a run that was stopped is simply run again."""

    retention: Retention
    clock: Clock
    rules: Sequence[Rule]
    told: Callable[[Kept, int], None] = unheard

    async def __call__(self, _: datetime) -> None:
        now, left = self.clock.now(), MOST_BATCHES
        forgotten = dict.fromkeys((rule.what for rule in self.rules), 0)
        async for tenant_id in self._tenants():
            for rule in self.rules:
                found = await self._forget(rule, tenant_id, now - rule.keep, left)
                forgotten[rule.what] += found
                left -= found // BATCH
        for what, many in forgotten.items():
            if many:
                self.told(what, many)

    async def _forget(self, rule: Rule, tenant_id: TenantId, before: datetime, most: int) -> int:
        total = 0
        for _ in range(most):
            found = await self.retention.forget(rule.what, tenant_id, before, BATCH)
            total += found
            if found < BATCH:
                break
        return total

    async def _tenants(self) -> AsyncIterator[TenantId]:
        yield PLATFORM
        after: TenantId | None = None
        while page := await self.retention.tenants(after, PAGE):
            for after in page:
                yield after
