"""Payments in two tables, their evidence and events in two more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, bindparam, select

from adapters.sql import tables as t
from adapters.sql.draft import Draft
from adapters.sql.happened import happened
from adapters.sql.lately import Lately
from adapters.sql.postings import KEYS, booked
from adapters.sql.rows.attempt import (
    ATTEMPT_COLUMNS,
    STORED,
    attempt_changes,
    attempt_of,
    attempt_row,
)
from adapters.sql.rows.evidence import EVIDENCE_COLUMNS, evidence_of, evidence_row
from adapters.sql.rows.payment import (
    PAYMENT_COLUMNS,
    WIDTH,
    payment_changes,
    payment_of,
    payment_row,
)
from adapters.sql.writes import GuardedUpdate, Insert, Record, Write
from domain.errors import Conflict, DuplicateKey, NotFound, StaleVersion
from domain.ids import AttemptId, PaymentId, TenantId
from domain.payments.attempt import Attempt
from domain.payments.evidence import Evidence
from domain.payments.payment import Payment
from domain.ports.unit_of_work import Payments
from domain.values import replace

IN_USE: Final[dict[str, type[Conflict]]] = {
    "pk_payments": DuplicateKey,
    "pk_attempts": DuplicateKey,
    "pk_events": DuplicateKey,
    "pk_feed": DuplicateKey,
    **dict.fromkeys(KEYS, DuplicateKey),
    "pk_transfers": DuplicateKey,
}
# A saved payment meets these only when somebody else moved it: the caller reads it again. The
# foreign keys break when there is no such payment, on PostgreSQL before versions are counted.
MOVED: Final[dict[str, type[Conflict]]] = {
    "pk_attempts": StaleVersion,
    "ux_attempts_fence": StaleVersion,
    "pk_evidence": StaleVersion,
    "pk_events": StaleVersion,
    "pk_feed": StaleVersion,
    **dict.fromkeys(KEYS, StaleVersion),
    "pk_transfers": StaleVersion,
    "fk_attempts_payments": StaleVersion,
    "fk_evidence_payments": StaleVersion,
    "fk_events_payments": StaleVersion,
    "fk_journals_payments": StaleVersion,
}
ATTEMPTS_END: Final = WIDTH + len(ATTEMPT_COLUMNS)
NOT_SEEN: Final = -1  # no version

_THIS: Final = and_(
    t.payments.c.id == bindparam("id"), t.payments.c.tenant_id == bindparam("tenant_id")
)
WITH_ATTEMPTS: Final = t.payments.outerjoin(
    t.attempts,
    and_(
        t.attempts.c.payment_id == t.payments.c.id,
        t.attempts.c.tenant_id == t.payments.c.tenant_id,
    ),
)
_WITH_EVIDENCE: Final = WITH_ATTEMPTS.outerjoin(
    t.evidence,
    and_(
        t.evidence.c.payment_id == t.payments.c.id,
        t.evidence.c.about == t.attempts.c.id,
        t.evidence.c.tenant_id == t.payments.c.tenant_id,
    ),
)
SHOW: Final = (
    select(*PAYMENT_COLUMNS, *ATTEMPT_COLUMNS)
    .select_from(WITH_ATTEMPTS)
    .where(_THIS, t.payments.c.version != bindparam("seen"))
    .order_by(t.attempts.c.number)
)
GET: Final = (
    select(*PAYMENT_COLUMNS, *ATTEMPT_COLUMNS, *EVIDENCE_COLUMNS)
    .select_from(_WITH_EVIDENCE)
    .where(_THIS)
    .order_by(t.attempts.c.number, t.evidence.c.number)
)
OF_REFERENCE: Final = (
    select(t.attempts.c.payment_id, t.attempts.c.id)
    .where(
        t.attempts.c.tenant_id == bindparam("tenant_id"),
        t.attempts.c.provider_reference == bindparam("reference"),
    )
    .order_by(t.attempts.c.opened_at.desc(), t.attempts.c.id.desc())
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class SqlPayments(Payments):
    """One statement a read, so that payment, attempts and evidence are of one moment."""

    draft: Draft
    lately: Lately

    async def get(self, payment_id: PaymentId) -> Payment:
        rows = _some(await self.draft.rows(GET, id=payment_id), payment_id)
        attempts: dict[str, list[Evidence]] = {}
        first: dict[str, Sequence[Any]] = {}
        for row in rows:
            if (attempt_id := row[WIDTH]) is None:
                continue
            first.setdefault(attempt_id, row)
            heard = attempts.setdefault(attempt_id, [])
            if row[ATTEMPTS_END] is not None:
                heard.append(evidence_of(row[ATTEMPTS_END:]))
        return payment_of(
            rows[0][:WIDTH],
            tuple(
                [
                    attempt_of(row[WIDTH:ATTEMPTS_END], tuple(attempts[attempt_id]))
                    for attempt_id, row in first.items()
                ]
            ),
        )

    async def show(self, payment_id: PaymentId) -> Payment:
        """One read: nothing comes back of a payment that has not moved since it was shown last."""
        seen = self.lately.get(TenantId(self.draft.tenant_id), payment_id)
        version = seen.version if seen is not None else NOT_SEEN
        rows = await self.draft.rows(SHOW, id=payment_id, seen=version)
        if not rows and seen is not None:  # payments are never deleted
            return seen
        payment = shown(_some(rows, payment_id))
        self.lately.keep(payment)
        return payment

    async def of_reference(self, provider_reference: str) -> tuple[PaymentId, AttemptId] | None:
        found = await self.all_of_reference(provider_reference, 1)
        return found[0] if found else None

    async def all_of_reference(
        self, provider_reference: str, limit: int
    ) -> Sequence[tuple[PaymentId, AttemptId]]:
        rows = await self.draft.rows(OF_REFERENCE, reference=provider_reference, limit=limit)
        return [(row[0], row[1]) for row in rows]

    def add(self, payment: Payment) -> Payment:
        writes: list[Write] = [Insert(t.payments, payment_row(payment), IN_USE)]
        for attempt in payment.attempts:
            writes.append(Insert(t.attempts, attempt_row(attempt, payment.id), IN_USE))
            writes += _heard(payment, attempt, attempt.evidence)
        writes += _happened(payment, payment.version, IN_USE)
        writes += booked(payment.journals, payment.id, payment.version, IN_USE)
        self._collect(payment, writes)
        attempts = [replace(one, unsaved=(), version=STORED) for one in payment.attempts]
        return _clean(payment, tuple(attempts), payment.version)

    def save(self, payment: Payment) -> Payment:
        """An attempt moves by what it heard, or, while it lives, by being prepared: others are
        as they were read, and are not written."""
        version = payment.version + 1
        writes: list[Write] = [
            GuardedUpdate(t.payments, {"id": payment.id}, payment.version, payment_changes(payment))
        ]
        for attempt in payment.attempts:
            if attempt.version < STORED:
                writes.append(Insert(t.attempts, attempt_row(attempt, payment.id), MOVED))
            elif _moved(attempt):
                key = {"payment_id": payment.id, "id": attempt.id}
                changes = attempt_changes(attempt)
                writes.append(GuardedUpdate(t.attempts, key, attempt.version, changes))
            writes += _heard(payment, attempt, attempt.unsaved)
        writes += _happened(payment, version, MOVED)
        writes += booked(payment.journals, payment.id, version, MOVED)
        self._collect(payment, writes)
        attempts = tuple([_stored(one) for one in payment.attempts])
        return _clean(payment, attempts, version)

    def _collect(self, payment: Payment, writes: Sequence[Write]) -> None:
        if payment.tenant_id != self.draft.tenant_id:
            raise ValueError(f"payment {payment.id} is another tenant's")
        self.draft.collect(*writes)


def _some(rows: Sequence[Record], payment_id: PaymentId) -> Sequence[Record]:
    if not rows:
        raise NotFound(f"payment {payment_id}")
    return rows


def shown(rows: Sequence[Sequence[Any]]) -> Payment:
    """From the rows of one payment, in the columns of SHOW."""
    attempts = [attempt_of(row[WIDTH:]) for row in rows if row[WIDTH] is not None]
    return payment_of(rows[0][:WIDTH], tuple(attempts))


def _moved(attempt: Attempt) -> bool:
    return bool(attempt.unsaved) or attempt.is_live


def _heard(payment: Payment, attempt: Attempt, new: Sequence[Evidence]) -> list[Write]:
    """The latest of what it heard."""
    before = len(attempt.evidence) - len(new)
    return [
        Insert(t.evidence, evidence_row(one, payment.id, attempt.id, number), MOVED)
        for number, one in enumerate(new, before + 1)
    ]


def _happened(payment: Payment, version: int, errors: dict[str, type[Conflict]]) -> list[Write]:
    """Each event, and beside it what merchants are told of it."""
    return happened(payment.events, payment.id, payment.id, version, errors)


def _stored(attempt: Attempt) -> Attempt:
    """As save() has written it."""
    if attempt.version >= STORED and not _moved(attempt):
        return attempt
    return replace(attempt, unsaved=(), version=attempt.version + 1)


def _clean(payment: Payment, attempts: tuple[Attempt, ...], version: int) -> Payment:
    """With nothing left to be stored."""
    return replace(payment, attempts=attempts, version=version, events=(), journals=(), opened=None)
