"""The flow of the Alipay-family open API for GCash: pay, a page, a notification or an inquiry.

Every call is signed, and no answer is believed whose signature is not theirs: without one even a
refusal leaves a payment unknown. `paymentRequestId` is the key: the same id, the same payment.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from adapters.provider_kit.http import ACCEPT, ask, deadline, unusable
from adapters.provider_kit.transport import Request, Response, Transport
from adapters.providers.gcash_alipayplus import keys, notices, refunds, setup, signatures, wire
from adapters.providers.gcash_alipayplus.config import AlipayPlusConfig
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

Left = Callable[[], float]  # seconds that remain for calls sharing one deadline
TYPE = "application/json; charset=UTF-8"


class GcashAlipayPlusProvider(PaymentProvider, Refunds, Callbacks, Registers, Probes):
    """One merchant's account."""

    def __init__(self, config: AlipayPlusConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock
        self._key = keys.private(config.private_key)
        self._theirs = keys.public_pem(config.alipay_public_key)

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Open a payment. Pending with its page."""
        if (never := wire.impossible(charge, self._config)) is not None:
            return never
        left = deadline(self._clock, timeout_s)
        answer = await self._call("pay", wire.payment(charge, self._config), left)
        return wire.asked(answer, charge) if isinstance(answer, Response) else answer

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By our reference."""
        said = await self._told(lookup.attempt_id, deadline(self._clock, timeout_s))
        return wire.outcome(said) if isinstance(said, wire.Told) else said

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        """Whole or in part. The same refund again is the same refund."""
        left = deadline(self._clock, timeout_s)
        payment_id = order.provider_reference
        if payment_id is None:
            found = await self._told(order.attempt_id, left)
            if not isinstance(found, wire.Told) or not found.payment_id:
                why = "has no paymentId" if isinstance(found, wire.Told) else found.reason
                return NotSent(f"the payment could not be looked up: {why}")
            payment_id = found.payment_id
        answer = await self._call("refund", refunds.body(order, payment_id, self._config), left)
        return refunds.given_back(answer, order) if isinstance(answer, Response) else answer

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """By our refund's id."""
        left = deadline(self._clock, timeout_s)
        asked = {"refundRequestId": refunds.key(order.refund_id)}
        answer = await self._call("inquiryRefund", asked, left)
        return refunds.found(answer, order) if isinstance(answer, Response) else _asked(answer)

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Raises Forged, Invalid."""
        config = self._config
        return notices.receive(callback, now, config.client_id, config.notify_path, self._theirs)

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        """Nothing is registered at their side: the address goes along with every payment."""
        return {"notifyUrl": callback_url}

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming what is wrong; moves nothing."""
        left = deadline(self._clock, timeout_s)
        path = self._path("inquiryPayment")
        answer = await self._sent(path, {"paymentRequestId": setup.NOBODYS}, left)
        verified = isinstance(answer, Response) and self._verifies(path, answer)
        setup.accepted(answer, verified=verified)

    async def _told(self, attempt_id: str, left: Left) -> wire.Told | NotFound | Unknown:
        answer = await self._call("inquiryPayment", {"paymentRequestId": attempt_id}, left)
        return wire.told(answer, attempt_id) if isinstance(answer, Response) else _asked(answer)

    async def _call(
        self, verb: str, body: Mapping[str, Any], left: Left
    ) -> Response | NotSent | Unknown:
        """One exchange whose answer is theirs."""
        path = self._path(verb)
        answer = await self._sent(path, body, left)
        if isinstance(answer, Response) and not self._verifies(path, answer):
            return unusable(answer, "the signature is not theirs")
        return answer

    async def _sent(
        self, path: str, body: Mapping[str, Any], left: Left
    ) -> Response | NotSent | Unknown:
        config, raw = self._config, msgspec.json.encode(body)
        time = wire.stamp(self._clock.now())
        data = signatures.signed_string(path, config.client_id, time, raw)
        headers = {
            **ACCEPT,
            "Content-Type": TYPE,
            "Client-Id": config.client_id,
            "Request-Time": time,
            "Signature": signatures.header(self._key, config.key_version, data),
        }
        request = Request("POST", f"{config.url}{path}", headers, raw)
        return await ask(self._transport, request, timeout_s=left())

    def _verifies(self, path: str, answer: Response) -> bool:
        """Over the path of our call; an answer to another client is not for us."""
        headers = answer.headers
        time = headers.get("response-time", "")
        data = signatures.signed_string(path, self._config.client_id, time, answer.body)
        return signatures.verifies(self._theirs, headers.get(notices.SIGNATURE, ""), data)

    def _path(self, verb: str) -> str:
        return f"{self._config.api}/payments/{verb}"


def _asked(silence: NotSent | Unknown) -> Unknown:
    """A query that did not get through says nothing about the money."""
    return silence if isinstance(silence, Unknown) else Unknown(reason=silence.reason)
