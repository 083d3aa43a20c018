"""The flow of OCTO: create a payment, send the payer to its page, ask what became of it.

Money moves on the page only. With two stages (`auto_capture` False) OCTO holds it first: the
hold is captured as soon as a query sees it, because a charge is the intent to collect.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from adapters.provider_kit.http import ask, deadline, json_request
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.octo import notices, refunds, setup, wire
from adapters.providers.octo.config import OctoConfig
from domain.payments.outcome import Answer, Declined, NotFound, NotSent, Outcome, Pending, Unknown
from domain.ports.clock import Clock
from domain.ports.providers import (
    Callback,
    Callbacks,
    Charge,
    Lookup,
    Notice,
    PaymentProvider,
    Probes,
    RefundOrder,
    Refunds,
    Registers,
)

Left = Callable[[], float]  # seconds that remain for calls sharing one deadline


class OctoProvider(PaymentProvider, Refunds, Callbacks, Registers, Probes):
    """One shop. A payment of one stage can't be canceled: its page ends after its minutes."""

    def __init__(self, config: OctoConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Create the payment. Pending with its page."""
        left = deadline(self._clock, timeout_s)
        answer = await self._call("/prepare_payment", wire.payment(charge, self._config), left)
        if not isinstance(answer, Response):
            return answer
        return wire.created(answer, charge, self._config, self._clock.now())

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By our reference; a hold is captured on the way."""
        left = deadline(self._clock, timeout_s)
        known = await self._payment(lookup.attempt_id, left)
        if not isinstance(known, wire.Payment):
            return known
        if known.status == wire.HELD and known.uuid:
            return await self._capture(known, known.uuid, lookup, left)
        return wire.outcome(known, lookup.amount)

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        """Give back under our refund's id: OCTO takes each only once."""
        if (never := refunds.too_much(order)) is not None:
            return never
        left = deadline(self._clock, timeout_s)
        uuid = order.provider_reference
        if uuid is None:
            known = await self._payment(order.attempt_id, left)
            if isinstance(known, Unknown):
                return NotSent(f"the payment could not be looked up: {known.reason}")
            if isinstance(known, NotFound) or known.status != "succeeded":
                return Declined(failure=refunds.NOT_PAID, elsewhere=True)
            if (uuid := known.uuid) is None:
                return NotSent("OCTO's answer names no payment")
        answer = await self._call("/refund", refunds.body(order, uuid, self._config), left)
        return refunds.given_back(answer, order, uuid) if isinstance(answer, Response) else answer

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """By what the payment says was given back in all."""
        left = deadline(self._clock, timeout_s)
        known = await self._payment(order.attempt_id, left)
        if isinstance(known, NotFound):
            return Unknown(reason="the payment itself is not found")
        return refunds.in_sum(known, order) if isinstance(known, wire.Payment) else known

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Never trusted: a query decides. Raises Forged, Invalid."""
        return notices.receive(callback, self._config)

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        """The address goes along with each payment; nothing is asked."""
        return {"notifyUrl": callback_url}

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming what OCTO does not take; creates nothing."""
        left = deadline(self._clock, timeout_s)
        asked = wire.question(self._config, setup.NOBODY)
        setup.accepted(await self._call("/prepare_payment", asked, left))

    async def _call(
        self, path: str, body: Mapping[str, Any], left: Left
    ) -> Response | NotSent | Unknown:
        request = json_request("POST", f"{self._config.url}{path}", body)
        return await ask(self._transport, request, timeout_s=left())

    async def _payment(self, attempt_id: str, left: Left) -> wire.Payment | NotFound | Unknown:
        answer = await self._call("/prepare_payment", wire.question(self._config, attempt_id), left)
        if isinstance(answer, NotSent):  # of the query: that says nothing of the payment
            return Unknown(reason=answer.reason)
        return wire.found(answer, attempt_id) if isinstance(answer, Response) else answer

    async def _capture(self, held: wire.Payment, uuid: str, lookup: Lookup, left: Left) -> Answer:
        """All of what was asked for, and never of a hold that is another sum: that is for a
        person. Whatever is unclear is asked about again: a hold can be captured once."""
        if held.money(lookup.amount.currency.code) != lookup.amount:
            return Unknown(reason="OCTO holds another sum", provider_reference=uuid)
        body = wire.capture(self._config, uuid, lookup)
        answer = await self._call("/set_accept", body, left)
        if isinstance(answer, Response):
            return wire.captured(answer, uuid, lookup)
        return Pending(provider_reference=uuid)
