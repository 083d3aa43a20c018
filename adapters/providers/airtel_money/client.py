"""The flow of Airtel Money: have the payer asked by USSD, who approves on the phone, and enquire.

That the push was sent is all that its answer says. What became of it is told by an enquiry only;
callbacks tell neither amount nor time, and are hints. The transaction's id is ours and makes the
payment one: a second push is refused as a duplicate, which means "look at the first".
"""

from datetime import datetime
from typing import Final

from adapters.provider_kit.guard import unavailable
from adapters.provider_kit.http import deadline
from adapters.provider_kit.tokens import Left, unasked, uncharged
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.airtel_money import notices, refunds, setup, wire
from adapters.providers.airtel_money.config import AirtelMoneyConfig
from adapters.providers.airtel_money.session import NoToken, Session
from domain.money import Money
from domain.payments.outcome import Answer, Declined, NotFound, NotSent, Outcome, Unknown
from domain.ports.clock import Clock
from domain.ports.providers import (
    Callback,
    Callbacks,
    Charge,
    Local,
    Lookup,
    Notice,
    PaymentProvider,
    Probes,
    RefundOrder,
    Refunds,
)
from domain.tenants.market import Market

ENQUIRY: Final = "/standard/v1/payments"


class AirtelMoneyProvider(PaymentProvider, Refunds, Callbacks, Probes, Local):
    """One merchant's application in one country. A push can't be taken back."""

    def __init__(self, config: AirtelMoneyConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._session = Session(config, transport, clock)

    def market(self) -> Market:
        """The application's."""
        return Market(self._config.country, self._config.market.currency)

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Have the payer asked. Pending, with what to do on the phone."""
        if (stray := wire.misdirected(charge, self._config.market)) is not None:
            return stray
        left = deadline(self._clock, timeout_s)
        path = f"/merchant/{self._config.api}/payments/"
        body = wire.push(charge, self._config.market, self._config.msisdn)
        answer = await self._session.post(path, body, left)
        if isinstance(answer, NoToken):
            return uncharged(answer.why)
        if not isinstance(answer, Response):
            return answer
        if wire.duplicate(answer):
            return _known(await self._status(charge.attempt_id, charge.amount, left))
        return wire.pushed(answer, charge)

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By our own id."""
        left = deadline(self._clock, timeout_s)
        return await self._status(lookup.attempt_id, lookup.amount, left)

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        """Look at the payment, and have all of it given back unless it was already."""
        if (stray := refunds.partial(order)) is not None:
            return stray
        left = deadline(self._clock, timeout_s)
        payment = await self._payment(order, left)
        if not isinstance(payment, str):
            return payment
        path = f"/standard/{self._config.api}/payments/refund"
        answer = await self._session.post(path, refunds.body(payment), left)
        if isinstance(answer, NoToken):
            return uncharged(answer.why)
        return refunds.given_back(answer, order) if isinstance(answer, Response) else answer

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """By the payment's own status: there is no enquiry about refunds."""
        left = deadline(self._clock, timeout_s)
        answer = await self._session.get(f"{ENQUIRY}/{order.attempt_id}", left)
        if not isinstance(answer, Response):
            return _asked(answer)
        return refunds.found(wire.enquired(answer, order.attempt_id), order)

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Never trusted. Raises Forged, Invalid."""
        return notices.receive(callback, self._config.callback_key, self._config.callback_form)

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming what Airtel does not take; moves nothing."""
        left = deadline(self._clock, timeout_s)
        setup.taken(await self._session.token(left))
        setup.served(await self._session.get(f"{ENQUIRY}/{setup.NOTHING}", left))

    async def _status(self, attempt_id: str, amount: Money, left: Left) -> Answer:
        answer = await self._session.get(f"{ENQUIRY}/{attempt_id}", left)
        if not isinstance(answer, Response):
            return _asked(answer)
        read = wire.enquired(answer, attempt_id)
        if not isinstance(read, wire.Told):
            return read
        return wire.outcome(read, amount, attempt_id, self._config.country)

    async def _payment(self, order: RefundOrder, left: Left) -> str | Outcome:
        """Airtel's id of it. Nothing was asked to be given back yet, whatever went wrong."""
        answer = await self._session.get(f"{ENQUIRY}/{order.attempt_id}", left)
        if isinstance(answer, NoToken):
            return uncharged(answer.why)
        if isinstance(answer, Response):
            read = wire.enquired(answer, order.attempt_id)
            if isinstance(read, wire.Told):
                return refunds.payment(read, order)
            return unavailable(read.reason)
        return answer if isinstance(answer, NotSent | Declined) else unavailable(answer.reason)


def _known(said: Answer) -> Outcome:
    """Of what Airtel says it has: that it does not find it then proves nothing."""
    return Unknown(reason="sent before, and not found") if isinstance(said, NotFound) else said


def _asked(silence: NotSent | Unknown | NoToken) -> Unknown:
    """An enquiry that did not get through says nothing about the money."""
    if isinstance(silence, NoToken):
        return unasked(silence.why)
    return silence if isinstance(silence, Unknown) else Unknown(reason=silence.reason)
