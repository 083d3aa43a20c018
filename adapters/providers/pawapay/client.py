"""The flow of pawaPay: ask for a deposit, which the payer approves on the phone, and look.

A deposit is taken or not; what becomes of it is told by a query or a signed callback. Its id makes
it one, however often it is sent: a second one is DUPLICATE_IGNORED, which means "look at the
first".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.provider_kit.http import ask, deadline, json_request
from adapters.provider_kit.tokens import Left
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.pawapay import notices, refunds, setup, wire
from adapters.providers.pawapay.config import PawapayConfig
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
    RefundOrder,
    Refunds,
    Registers,
)

DEPOSITS: Final = "/v2/deposits"
REFUNDS: Final = "/v2/refunds"


class PawapayProvider(PaymentProvider, Refunds, Callbacks, Registers, Probes):
    """One merchant's account, for the three mobile networks of Zambia."""

    def __init__(self, config: PawapayConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Have the payer asked. Pending, with what to do on the phone."""
        if (stray := wire.misdirected(charge)) is not None:
            return stray
        left = deadline(self._clock, timeout_s)
        body = wire.deposit(charge, self._config.api_token)
        answer = await self._call("POST", DEPOSITS, left, body)
        if not isinstance(answer, Response):
            return answer
        if wire.duplicate(answer, charge.attempt_id):
            return _known(await self._status(DEPOSITS, charge.attempt_id, left))
        return wire.accepted(answer, charge)

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By the id that follows from the attempt."""
        left = deadline(self._clock, timeout_s)
        return await self._status(DEPOSITS, lookup.attempt_id, left)

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        """Have it given back: accepted first, done a little later."""
        left = deadline(self._clock, timeout_s)
        body = refunds.body(order, self._config.api_token)
        answer = await self._call("POST", REFUNDS, left, body)
        if not isinstance(answer, Response):
            return answer
        if wire.duplicate(answer, order.refund_id):
            return _known(refunds.ended(await self._status(REFUNDS, order.refund_id, left)))
        return refunds.accepted(answer, order)

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """By the id that follows from the refund."""
        left = deadline(self._clock, timeout_s)
        return refunds.ended(await self._status(REFUNDS, order.refund_id, left))

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Raises Forged, Invalid."""
        return notices.receive(callback, now, self._config)

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        """The address itself is entered in pawaPay's dashboard; it is kept here because it is part
        of what is signed, with the keys that pawaPay signs with."""
        left = deadline(self._clock, timeout_s)
        published = setup.keys(await self._call("GET", setup.KEYS, left))
        return {"callbackUrl": callback_url, "callbackKeys": msgspec.to_builtins(published)}

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming what pawaPay does not take; moves nothing."""
        setup.open_(await self._call("GET", setup.ACTIVE, deadline(self._clock, timeout_s)))

    async def _status(self, path: str, ours: str, left: Left) -> Answer:
        answer = await self._call("GET", f"{path}/{wire.reference(ours)}", left)
        if isinstance(answer, NotSent):  # says nothing about the money
            return Unknown(reason=answer.reason)
        return wire.status(answer, ours) if isinstance(answer, Response) else answer

    async def _call(
        self, method: str, path: str, left: Left, body: object = None
    ) -> Response | NotSent | Unknown:
        headers = {"authorization": f"Bearer {self._config.api_token}"}
        request = json_request(method, f"{self._config.url}{path}", body, headers)
        return await ask(self._transport, request, timeout_s=left())


def _known(said: Answer) -> Outcome:
    """Of what pawaPay says it has: that it does not find it then proves nothing."""
    return Unknown(reason="sent before, and not found") if isinstance(said, NotFound) else said
