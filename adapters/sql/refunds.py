"""Refunds, with their share of the evidence and events of the payment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import and_, bindparam, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.rows.event import event_row
from adapters.sql.rows.evidence import EVIDENCE_COLUMNS, evidence_of, evidence_row
from adapters.sql.rows.refund import (
    REFUND_COLUMNS,
    WIDTH,
    refund_changes,
    refund_of,
    refund_row,
)
from adapters.sql.writes import GuardedUpdate, Insert, Write
from domain.errors import Conflict, DuplicateKey, NotFound, StaleVersion
from domain.ids import RefundId
from domain.payments.evidence import Evidence
from domain.payments.refund import Refund
from domain.ports.unit_of_work import Refundings

IN_USE: Final[dict[str, type[Conflict]]] = {"pk_refunds": DuplicateKey, "pk_events": DuplicateKey}
MOVED: Final[dict[str, type[Conflict]]] = {"pk_evidence": StaleVersion, "pk_events": StaleVersion}

GET: Final = (
    select(*REFUND_COLUMNS, *EVIDENCE_COLUMNS)
    .select_from(
        t.refunds.outerjoin(
            t.evidence,
            and_(
                t.evidence.c.payment_id == t.refunds.c.payment_id,
                t.evidence.c.about == t.refunds.c.id,
                t.evidence.c.tenant_id == t.refunds.c.tenant_id,
            ),
        )
    )
    .where(t.refunds.c.id == bindparam("id"), t.refunds.c.tenant_id == bindparam("tenant_id"))
    .order_by(t.evidence.c.number)
)


@dataclass(frozen=True, slots=True)
class SqlRefunds(Refundings):
    draft: Draft

    async def get(self, refund_id: RefundId) -> Refund:
        if not (rows := await self.draft.rows(GET, id=refund_id)):
            raise NotFound(f"refund {refund_id}")
        heard = tuple([evidence_of(row[WIDTH:]) for row in rows if row[WIDTH] is not None])
        return refund_of(rows[0][:WIDTH], heard)

    def add(self, refund: Refund) -> Refund:
        first = Insert(t.refunds, refund_row(refund), IN_USE)
        return self._write(refund, first, refund.evidence, refund.version, IN_USE)

    def save(self, refund: Refund) -> Refund:
        changes = refund_changes(refund)
        first = GuardedUpdate(t.refunds, {"id": refund.id}, refund.version, changes)
        return self._write(refund, first, refund.unsaved, refund.version + 1, MOVED)

    def _write(
        self,
        refund: Refund,
        first: Write,
        new: Sequence[Evidence],
        version: int,
        errors: dict[str, type[Conflict]],
    ) -> Refund:
        if refund.tenant_id != self.draft.tenant_id:
            raise ValueError(f"refund {refund.id} is another tenant's")
        self.draft.collect(first, *_heard(refund, new), *_happened(refund, version, errors))
        return replace(refund, version=version, unsaved=(), events=())


def _heard(refund: Refund, new: Sequence[Evidence]) -> Sequence[Write]:
    """The latest of what it heard."""
    before = len(refund.evidence) - len(new)
    return [
        Insert(t.evidence, evidence_row(one, refund.payment_id, refund.id, number), MOVED)
        for number, one in enumerate(new, before + 1)
    ]


def _happened(refund: Refund, version: int, errors: dict[str, type[Conflict]]) -> Sequence[Write]:
    return [
        Insert(t.events, event_row(event, refund.payment_id, refund.id, version, index), errors)
        for index, event in enumerate(refund.events)
    ]
