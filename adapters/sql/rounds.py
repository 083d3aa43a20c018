"""How far the doctor has come with each tenant: one row."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.values import time, us
from adapters.sql.writes import Upsert
from domain.ids import PaymentId
from domain.ports.unit_of_work import Rounds, Stand

STAND: Final = select(t.doctor_rounds.c.after, t.doctor_rounds.c.at).where(
    t.doctor_rounds.c.tenant_id == bindparam("tenant_id")
)


@dataclass(frozen=True, slots=True)
class SqlRounds(Rounds):
    draft: Draft

    async def stand(self) -> Stand | None:
        rows = await self.draft.rows(STAND)
        if not rows:
            return None
        after, at = rows[0]
        return Stand(PaymentId(after) if after is not None else None, time(at))

    def put(self, stand: Stand) -> None:
        row = {"after": stand.after, "at": us(stand.at)}
        self.draft.collect(Upsert(t.doctor_rounds, row, ()))
