"""The flow of CashiPay: ask for a payment, show its QR code, ask what became of it.

Only CashiPay's own reference can be asked about. The answer to the request tells it, and so does
a callback; a request whose answer was lost has a code that nobody can scan.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from adapters.provider_kit.http import ask, deadline, json_request
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.cashipay import notices, setup, wire
from adapters.providers.cashipay.config import CashiPayConfig
from domain.payments.outcome import Answer, Declined, NotSent, Outcome, Unknown
from domain.ports.clock import Clock
from domain.ports.providers import (
    Callback,
    Callbacks,
    Cancels,
    Charge,
    Lookup,
    Notice,
    PaymentProvider,
    Probes,
    Registers,
)

Left = Callable[[], float]  # seconds that remain for calls sharing one deadline
PATH: Final = "/payment-requests"
UNNAMED: Final = Unknown(
    reason="CashiPay's reference is not known; look the order up in its portal"
)


class CashiPayProvider(PaymentProvider, Cancels, Callbacks, Registers, Probes):
    """One merchant's account."""

    def __init__(self, config: CashiPayConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Ask for the payment. Pending with its code; nobody is charged before it is scanned."""
        body = wire.request(charge, self._config)
        if isinstance(body, Declined):
            return body
        answer = await self._call("POST", PATH, deadline(self._clock, timeout_s), body)
        return wire.created(answer, charge) if isinstance(answer, Response) else answer

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By CashiPay's own reference."""
        if lookup.provider_reference is None:
            return UNNAMED
        return await self._find(lookup, deadline(self._clock, timeout_s))

    async def cancel(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """Cancel, then say what a fresh look finds: the payer may have been faster."""
        if lookup.provider_reference is None:
            return UNNAMED
        left = deadline(self._clock, timeout_s)
        answer = await self._call("POST", f"{_one(lookup.provider_reference)}/cancel", left)
        return await self._find(lookup, left) if isinstance(answer, Response) else _asked(answer)

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Never trusted: a query decides. Raises Forged, Invalid."""
        return notices.receive(callback, self._config)

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        """The address goes along with each request; nothing is asked."""
        return {"callbackUrl": callback_url}

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming what CashiPay does not take; creates nothing."""
        left = deadline(self._clock, timeout_s)
        setup.accepted(await self._call("GET", _one(setup.NOBODY), left))

    async def _find(self, lookup: Lookup, left: Left) -> Answer:
        answer = await self._call("GET", _one(str(lookup.provider_reference)), left)
        return wire.found(answer, lookup) if isinstance(answer, Response) else _asked(answer)

    async def _call(
        self, method: str, path: str, left: Left, body: object = None
    ) -> Response | NotSent | Unknown:
        key = {"authorization": f"Bearer {self._config.api_key}"}
        request = json_request(method, f"{self._config.url}{path}", body, key)
        return await ask(self._transport, request, timeout_s=left())


def _one(reference: str) -> str:
    return f"{PATH}/{quote(reference, safe='')}"


def _asked(silence: NotSent | Unknown) -> Unknown:
    """A query or cancel that did not get through says nothing about the money."""
    return silence if isinstance(silence, Unknown) else Unknown(reason=silence.reason)
