"""The flow of YallaPay: make a payment link, send the payer there, ask what became of it.

A reference has one link at most, and its address is told once: a link whose answer was lost can't
be paid by anybody, and ends by itself. There is no refund and no cancellation.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from adapters.provider_kit.http import ask, deadline, json_request
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.yallapay import notices, setup, wire
from adapters.providers.yallapay.config import YallaPayConfig
from domain.payments.outcome import Answer, NotFound, NotSent, Outcome, Unknown
from domain.ports.clock import Clock
from domain.ports.providers import (
    Callback,
    Callbacks,
    Charge,
    Lookup,
    Notice,
    PaymentProvider,
    Probes,
)

Left = Callable[[], float]  # seconds that remain for calls sharing one deadline


class YallaPayProvider(PaymentProvider, Callbacks, Probes):
    """One merchant's account."""

    def __init__(self, config: YallaPayConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Make the link. Pending with its page; nobody is charged before the payer acts there."""
        if (small := wire.too_small(charge.amount)) is not None:
            return small
        left = deadline(self._clock, timeout_s)
        answer = await self._call("generatePaymentLink", wire.link(charge), left)
        return wire.created(answer, charge) if isinstance(answer, Response) else answer

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By our reference, on each day that it may be filed under."""
        left = deadline(self._clock, timeout_s)
        said: Answer = NotFound()
        for day in wire.days(lookup, self._clock.now()):
            body = wire.question(lookup.attempt_id, day)
            answer = await self._call("getPaymentStatus", body, left)
            if isinstance(answer, NotSent):  # of the query: that says nothing of the payment
                return Unknown(reason=answer.reason)
            said = wire.found(answer, lookup) if isinstance(answer, Response) else answer
            if not isinstance(said, NotFound):
                return said
        return said

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Never trusted: it tells no amount, so a query decides. Raises Forged, Invalid."""
        return notices.receive(callback, now, self._config)

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming what YallaPay does not take; creates nothing."""
        left = deadline(self._clock, timeout_s)
        body = wire.question(setup.NOBODY, self._clock.now().astimezone(wire.KHARTOUM).date())
        setup.accepted(await self._call("getPaymentStatus", body, left))

    async def _call(
        self, name: str, body: Mapping[str, Any], left: Left
    ) -> Response | NotSent | Unknown:
        key = {"authorization": f"Bearer {self._config.api_key}"}
        request = json_request("POST", f"{self._config.url}/gateway/{name}", body, key)
        return await ask(self._transport, request, timeout_s=left())
