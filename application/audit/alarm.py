"""Use case: tell of a breach so that nobody can overlook it."""

from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from application.audit.rounds import Alarm
from domain.audit.dossier import Breach
from domain.errors import DuplicateKey
from domain.ids import EventId
from domain.ports.unit_of_work import Units
from domain.webhooks.told import Told, Topic

ID_LETTERS: Final = 26

Cry = Callable[[Breach], None]  # into the log and the metrics, where the platform's people look


@dataclass(frozen=True, slots=True)
class RaiseAlarm(Alarm):
    """To the platform's people each time, and to the tenant whose row it is once a day."""

    units: Units
    cry: Cry

    async def __call__(self, breach: Breach, at: datetime) -> None:
        self.cry(breach)
        if breach.tenant_id is None:
            return
        told = Told(
            id=_once_a_day(breach, at),
            topic=Topic.AUDIT_BREACH,
            at=at,
            subject=breach.row,
            data={"check": breach.check.value, "row": breach.row, "message": breach.told},
        )
        try:
            async with self.units(breach.tenant_id) as unit:
                unit.feed.tell(told)
                await unit.commit()
        except DuplicateKey:
            return


def _once_a_day(breach: Breach, at: datetime) -> EventId:
    """The same for the same breach on one day (UTC)."""
    named = f"{breach.check}|{breach.row}|{at.date().isoformat()}".encode()
    return EventId("evt_" + b32encode(sha256(named).digest()).decode()[:ID_LETTERS])
