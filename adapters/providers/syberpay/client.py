"""The flow of SyberPay: ask for a page, send the payer there, ask what became of it.

Only SyberPay's own number can be asked about, and the answer to the request for the page alone
tells it. A page whose answer was lost is known to nobody: a person looks it up at SyberPay.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from adapters.provider_kit.http import ask, deadline, json_request
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.syberpay import notices, wire
from adapters.providers.syberpay.config import SyberPayConfig
from domain.payments.outcome import Answer, NotSent, Outcome, Unknown
from domain.ports.clock import Clock
from domain.ports.providers import Callback, Callbacks, Charge, Lookup, Notice, PaymentProvider

Left = Callable[[], float]  # seconds that remain


class SyberPayProvider(PaymentProvider, Callbacks):
    """One merchant's account. How a wrong hash is answered is not known, so none is tried out."""

    def __init__(self, config: SyberPayConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Ask for the page. Pending with it; nobody is charged before the payer acts there."""
        left = deadline(self._clock, timeout_s)
        answer = await self._call("getUrl", wire.request(charge, self._config), left)
        return wire.created(answer, charge) if isinstance(answer, Response) else answer

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By SyberPay's own number."""
        if lookup.provider_reference is None:
            return Unknown(reason="SyberPay's number is not known; look it up in its portal")
        left = deadline(self._clock, timeout_s)
        body = wire.question(lookup.provider_reference, self._config)
        answer = await self._call("payment_status", body, left)
        if isinstance(answer, NotSent):  # of the query: that says nothing of the payment
            return Unknown(reason=answer.reason)
        return wire.found(answer, lookup) if isinstance(answer, Response) else answer

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Never trusted: it tells neither status nor amount. Raises Forged, Invalid."""
        return notices.receive(callback, self._config)

    async def _call(
        self, name: str, body: Mapping[str, Any], left: Left
    ) -> Response | NotSent | Unknown:
        request = json_request("POST", f"{self._config.url}/{name}", body)
        return await ask(self._transport, request, timeout_s=left())
