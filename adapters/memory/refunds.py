"""Refunds in a dict."""

from adapters.memory.database import Shelf
from adapters.memory.draft import NOTHING, Draft, Expected, Write
from adapters.memory.history import remember
from adapters.memory.ledger import book
from domain.errors import NotFound, Rejected
from domain.ids import PaymentId, RefundId
from domain.payments.refund import Refund, RefundState, Returned
from domain.ports.unit_of_work import Refundings
from domain.values import replace


class MemoryRefunds(Refundings):
    __slots__ = ("_draft",)

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    async def get(self, refund_id: RefundId) -> Refund:
        if (found := self._draft.shelf.refunds.get(refund_id)) is None:
            raise NotFound(f"refund {refund_id}")
        return found

    async def returned(self, payment_id: PaymentId) -> Returned:
        shelf = self._draft.shelf
        mine = [shelf.refunds[one] for one in shelf.refunds_of.get(payment_id, ())]
        mine = [one for one in mine if not one.surplus]
        return Returned(
            sum([one.amount.minor for one in mine if not one.is_final]),
            sum([one.amount.minor for one in mine if one.state is RefundState.SUCCEEDED]),
        )

    def add(self, refund: Refund) -> Refund:
        return self._put(refund, refund.version, NOTHING)

    def save(self, refund: Refund) -> Refund:
        return self._put(refund, refund.version + 1, refund.version)

    def _put(self, moved: Refund, version: int, expected: int | Expected) -> Refund:
        shelf = self._draft.shelf
        if moved.tenant_id != shelf.tenant_id:
            raise ValueError(f"refund {moved.id} is another tenant's")
        stored = replace(moved, version=version, events=(), journals=(), unsaved=())
        write = RefundWrite(shelf.refunds, stored.id, stored, expected)
        write.shelf, write.moved = shelf, moved
        self._draft.collect(write)
        return stored


class RefundWrite(Write[Refund]):
    """`moved` still has the events and journals that are stored with the value."""

    __slots__ = ("moved", "shelf")

    moved: Refund
    shelf: Shelf

    def check(self) -> None:
        super().check()
        if self.moved.payment_id not in self.shelf.payments:
            raise Rejected(f"refund {self.key} is of no payment here")

    def apply(self) -> None:
        shelf, stored = self.shelf, self.value
        if stored.id not in self.table:
            shelf.refunds_of.setdefault(stored.payment_id, []).append(stored.id)
        self.table[self.key] = stored
        remember(shelf, stored.payment_id, stored.id, stored.version, self.moved.events)
        book(shelf, stored.id, stored.version, self.moved.journals)
