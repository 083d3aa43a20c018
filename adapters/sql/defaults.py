"""The method each customer prefers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.values import us
from adapters.sql.writes import Row, Upsert
from domain.ports.unit_of_work import DefaultMethods

OF: Final = select(t.default_methods.c.method).where(
    t.default_methods.c.tenant_id == bindparam("tenant_id"),
    t.default_methods.c.customer_id == bindparam("customer_id"),
)


@dataclass(frozen=True, slots=True)
class SqlDefaultMethods(DefaultMethods):
    draft: Draft

    async def of(self, customer_id: str) -> str | None:
        rows = await self.draft.rows(OF, customer_id=customer_id)
        return rows[0][0] if rows else None

    def put(self, customer_id: str, method: str, at: datetime) -> None:
        row: Row = {"customer_id": customer_id, "method": method, "chosen_at": us(at)}
        self.draft.collect(Upsert(t.default_methods, row, ("customer_id",)))
