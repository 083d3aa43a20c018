"""Refunds, with their share of the evidence and events of the payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, and_, bindparam, cast, func, literal_column, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.happened import happened
from adapters.sql.postings import KEYS, booked
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
from domain.ids import PaymentId, RefundId
from domain.payments.evidence import Evidence
from domain.payments.refund import Refund, RefundState, Returned
from domain.ports.unit_of_work import Refundings
from domain.values import replace

IN_USE: Final[dict[str, type[Conflict]]] = {
    "pk_refunds": DuplicateKey,
    "pk_events": DuplicateKey,
    "pk_feed": DuplicateKey,
    **dict.fromkeys(KEYS, DuplicateKey),
    "pk_transfers": DuplicateKey,
}
MOVED: Final[dict[str, type[Conflict]]] = {
    "pk_evidence": StaleVersion,
    "pk_events": StaleVersion,
    "pk_feed": StaleVersion,
    **dict.fromkeys(KEYS, StaleVersion),
    "pk_transfers": StaleVersion,
}

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
OPEN: Final = (RefundState.CREATED, RefundState.SUBMITTED)
SUMS: Final = (
    select(t.refunds.c.state, cast(func.sum(t.refunds.c.amount_minor), BigInteger))
    .where(
        t.refunds.c.payment_id == bindparam("payment_id"),
        t.refunds.c.tenant_id == bindparam("tenant_id"),
        t.refunds.c.surplus == literal_column("false"),
    )
    .group_by(t.refunds.c.state)
)


@dataclass(frozen=True, slots=True)
class SqlRefunds(Refundings):
    draft: Draft

    async def get(self, refund_id: RefundId) -> Refund:
        if not (rows := await self.draft.rows(GET, id=refund_id)):
            raise NotFound(f"refund {refund_id}")
        heard = tuple([evidence_of(row[WIDTH:]) for row in rows if row[WIDTH] is not None])
        return refund_of(rows[0][:WIDTH], heard)

    async def returned(self, payment_id: PaymentId) -> Returned:
        rows = await self.draft.rows(SUMS, payment_id=payment_id)
        sums: dict[str, int] = {row[0]: row[1] for row in rows}
        still = [minor for state, minor in sums.items() if state in OPEN]
        return Returned(sum(still), sums.get(RefundState.SUCCEEDED, 0))

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
        told = happened(refund.events, refund.payment_id, refund.id, version, errors)
        journals = booked(refund.journals, refund.id, version, errors)
        self.draft.collect(first, *_heard(refund, new), *told, *journals)
        return replace(refund, version=version, unsaved=(), events=(), journals=())


def _heard(refund: Refund, new: Sequence[Evidence]) -> Sequence[Write]:
    """The latest of what it heard."""
    before = len(refund.evidence) - len(new)
    return [
        Insert(t.evidence, evidence_row(one, refund.payment_id, refund.id, number), MOVED)
        for number, one in enumerate(new, before + 1)
    ]
