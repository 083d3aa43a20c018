"""Payments that were shown lately: whoever waits for one asks again and again."""

from collections import OrderedDict
from typing import Final

from domain.ids import PaymentId, TenantId
from domain.payments.payment import Payment

MOST: Final = 512  # payments; some 4 MB


class Lately:
    """Values of this process, shared because nobody can change them. Whether one still is as it
    was is asked of the database at each read, by the payment's version: every change of a payment
    or of its attempts raises it. What changes their rows in any other way must raise it too."""

    __slots__ = ("_payments",)

    def __init__(self) -> None:
        self._payments: OrderedDict[tuple[TenantId, PaymentId], Payment] = OrderedDict()

    def get(self, tenant_id: TenantId, payment_id: PaymentId) -> Payment | None:
        """As it was when it was shown last."""
        if (found := self._payments.get((tenant_id, payment_id))) is not None:
            self._payments.move_to_end((tenant_id, payment_id))
        return found

    def keep(self, payment: Payment) -> None:
        """The one shown longest ago makes room."""
        self._payments[payment.tenant_id, payment.id] = payment
        self._payments.move_to_end((payment.tenant_id, payment.id))
        if len(self._payments) > MOST:
            self._payments.popitem(last=False)
