"""Payments in a dict, with what the database would refuse."""

from bisect import insort
from collections.abc import Sequence
from datetime import datetime

from adapters.memory.database import Shelf
from adapters.memory.draft import NOTHING, Draft, Expected, Write
from adapters.memory.history import remember
from adapters.memory.ledger import book
from domain.errors import NotFound, Rejected, StaleVersion
from domain.ids import AttemptId, PaymentId
from domain.payments.attempt import Attempt
from domain.payments.payment import Payment
from domain.ports.unit_of_work import Payments
from domain.values import replace


class MemoryPayments(Payments):
    __slots__ = ("_draft", "_shelf")

    def __init__(self, draft: Draft) -> None:
        self._draft, self._shelf = draft, draft.shelf

    async def get(self, payment_id: PaymentId) -> Payment:
        return committed(self._shelf, payment_id)

    async def show(self, payment_id: PaymentId) -> Payment:
        return without_evidence(committed(self._shelf, payment_id))

    async def of_reference(self, provider_reference: str) -> tuple[PaymentId, AttemptId] | None:
        found = await self.all_of_reference(provider_reference, 1)
        return found[0] if found else None

    async def all_of_reference(
        self, provider_reference: str, limit: int
    ) -> Sequence[tuple[PaymentId, AttemptId]]:
        found: list[tuple[datetime, AttemptId, PaymentId]] = []
        for payment_id, number in self._shelf.references.get(provider_reference, ()):
            attempt = self._shelf.payments[payment_id].attempts[number - 1]
            if attempt.provider_reference == provider_reference:  # else it was called so once
                found.append((attempt.opened_at, attempt.id, payment_id))
        newest = sorted(set(found), reverse=True)[:limit]
        return [(payment_id, attempt_id) for _, attempt_id, payment_id in newest]

    def add(self, payment: Payment) -> Payment:
        return self._put(payment, payment.version, NOTHING)

    def save(self, payment: Payment) -> Payment:
        return self._put(payment, payment.version + 1, payment.version)

    def _put(self, moved: Payment, version: int, expected: int | Expected) -> Payment:
        shelf = self._shelf
        if moved.tenant_id != shelf.tenant_id:
            raise ValueError(f"payment {moved.id} is another tenant's")
        stored = replace(
            moved,
            attempts=tuple([_stored(one) for one in moved.attempts]),
            version=version,
            events=(),
            journals=(),
            opened=None,
        )
        write = PaymentWrite(shelf.payments, stored.id, stored, expected)
        write.draft, write.moved = self._draft, moved
        self._draft.collect(write)
        return stored


class PaymentWrite(Write[Payment]):
    """`moved` still has the events and journals that are stored with the value."""

    __slots__ = ("draft", "moved")

    draft: Draft
    moved: Payment

    def check(self) -> None:
        super().check()
        payment = self.moved
        if payment.refunded_minor + payment.reserved_minor > payment.amount.minor:
            raise Rejected(f"payment {payment.id} would give back more than it took")
        if len(payment.attempts) > 1 and sum([one.fence for one in payment.attempts]) > 1:
            raise StaleVersion(f"an attempt of payment {payment.id} may hold its money already")

    def apply(self) -> None:
        shelf, stored = self.draft.shelf, self.value
        known = self.table.get(self.key)
        self.table[self.key] = stored
        if known is None:
            self.draft.database.owners[stored.id] = shelf.tenant_id
            insort(shelf.in_order, (stored.intent.created_at, stored.id))
        before = known.attempts if known is not None else ()
        for one in stored.attempts:
            name = one.provider_reference
            if name is not None and (
                one.number > len(before) or before[one.number - 1].provider_reference != name
            ):
                shelf.references.setdefault(name, []).append((stored.id, one.number))
        remember(shelf, stored.id, stored.id, stored.version, self.moved.events)
        book(shelf, stored.id, stored.version, self.moved.journals)


def committed(shelf: Shelf, payment_id: PaymentId) -> Payment:
    """Raises NotFound."""
    if (found := shelf.payments.get(payment_id)) is None:
        raise NotFound(f"payment {payment_id}")
    return found


def without_evidence(payment: Payment) -> Payment:
    """What lists and status reads show."""
    if not any(one.evidence for one in payment.attempts):
        return payment
    attempts = tuple([replace(one, evidence=()) for one in payment.attempts])
    return replace(payment, attempts=attempts)


def _stored(attempt: Attempt) -> Attempt:
    """As it will be read again. It moves by what it hears or, while it lives, by being prepared;
    version 0 was never stored."""
    if attempt.unsaved or attempt.is_live or attempt.version == 0:
        return replace(attempt, unsaved=(), version=attempt.version + 1)
    return attempt
