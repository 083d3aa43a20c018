"""The flow of Paynow: ask for the money, have the payer act on a page or phone, and look.

Money is asked for once. What became of it is told by a poll of the transaction, or, when the
answer that names it was lost, by a trace of the merchanttrace that went along. Errors are words
without a proof: one that is not documented counts only after a trace knows no transaction either.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from adapters.provider_kit.http import ask, deadline
from adapters.provider_kit.transport import Request, Response, Transport
from adapters.providers.paynow_zw import errors, notices, setup, wire
from adapters.providers.paynow_zw.addresses import poll_url
from adapters.providers.paynow_zw.config import PaynowConfig
from adapters.providers.paynow_zw.messages import sealed
from domain.payments.outcome import Answer, NotFound, NotSent, Outcome, Unknown
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
    Registers,
)
from domain.tenants.market import Market

Left = Callable[[], float]  # seconds that remain for calls sharing one deadline
PAGE: Final = "/interface/initiatetransaction"
PHONE: Final = "/interface/remotetransaction"
TRACE: Final = "/interface/trace"
FORM: Final = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


class PaynowProvider(PaymentProvider, Callbacks, Registers, Probes, Local):
    """One merchant's integration, which is paid in one currency. A transaction can't be taken
    back, and money goes back by hand only."""

    def __init__(self, config: PaynowConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock

    def market(self) -> Market:
        """The integration's currency."""
        return Market("ZW", self._config.currency)

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Ask on the payer's phone where that can be done, else by the page. Pending."""
        if (stray := wire.impossible(charge, self._config)) is not None:
            return stray
        left = deadline(self._clock, timeout_s)
        method = wire.wallet(charge, self._config)
        body = sealed(wire.request(charge, self._config, method), self._config.integration_key)
        answer = await self._post(f"{self._config.url}{PHONE if method else PAGE}", left, body)
        if not isinstance(answer, Response):
            return answer
        said = wire.begun(answer, charge, self._config, method)
        if not isinstance(said, wire.Refused):
            return said
        return errors.known(said.error) or await self._looked_into(said.error, charge, left)

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By the transaction, or by our own reference while it is not known."""
        left = deadline(self._clock, timeout_s)
        if lookup.provider_reference is None:
            return await self._traced(lookup.attempt_id, left)
        answer = await self._post(poll_url(lookup.provider_reference, self._config.url), left)
        return self._found(answer, lookup.attempt_id)

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Never trusted: a poll decides. Raises Forged, Invalid."""
        return notices.receive(callback, self._config)

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        """The address goes along with each request; nothing is asked."""
        return {"callbackUrl": callback_url}

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming what Paynow does not take; creates nothing."""
        left = deadline(self._clock, timeout_s)
        answer = await self._trace(setup.NOBODY, left)
        setup.accepted(answer, self._config)

    async def _looked_into(self, error: str, charge: Charge, left: Left) -> Outcome:
        """An error in other words: a no when no transaction is known either."""
        said = await self._traced(charge.attempt_id, left)
        return errors.unmade(error) if isinstance(said, NotFound) else said

    async def _traced(self, attempt_id: str, left: Left) -> Answer:
        return self._found(await self._trace(attempt_id, left), attempt_id)

    async def _trace(self, reference: str, left: Left) -> Response | NotSent | Unknown:
        pairs = wire.question(reference, self._config)
        body = sealed(pairs, self._config.integration_key)
        return await self._post(f"{self._config.url}{TRACE}", left, body)

    def _found(self, answer: Response | NotSent | Unknown, attempt_id: str) -> Answer:
        """A question that did not get through says nothing about the money."""
        if isinstance(answer, Response):
            return wire.found(answer, attempt_id, self._config)
        return answer if isinstance(answer, Unknown) else Unknown(reason=answer.reason)

    async def _post(self, url: str, left: Left, body: bytes = b"") -> Response | NotSent | Unknown:
        request = Request("POST", url, FORM, body)
        return await ask(self._transport, request, timeout_s=left())
