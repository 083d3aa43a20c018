"""Payments as they were rendered lately: whoever waits for one asks again and again."""

from typing import Final

from adapters.http.answers import Ready, encoded
from adapters.http.wire.payments import PaymentReply
from domain.ids import PaymentId
from domain.payments.payment import Payment

MOST: Final = 512  # replies; about a megabyte


class Rendered:
    """A payment cannot change, so the very same value has the same bytes. Storage that hands out
    the value it handed out before saves its rendering as well; any other is rendered anew."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[PaymentId, tuple[Payment, Ready]] = {}

    def of(self, payment: Payment) -> Ready:
        """Its reply."""
        known = self._known.get(payment.id)
        if known is not None and known[0] is payment:
            return known[1]
        reply = encoded(PaymentReply.of(payment))
        self._known.pop(payment.id, None)
        if len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        self._known[payment.id] = (payment, reply)
        return reply


SHOWN: Final = Rendered()
